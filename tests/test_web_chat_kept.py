"""What is kept of the chat page's conversations, for how long, and what forgetting leaves."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.rules import Retention
from bot.store.overdue import expire
from bot.store.people import web_turns
from bot.store.people.tables import web_turns as table
from tests.chat_page import Page, opened_page, rows
from tests.house import PETITION


@pytest.fixture
async def page(data: Path) -> AsyncIterator[Page]:
    async with opened_page(data) as opened:
        yield opened


async def test_what_is_kept_cannot_be_read_in_the_database(data: Path) -> None:
    async with opened_page(data) as page, page.visitor() as alice:
        await alice.looks()
        await alice.does("say", text="Zébulon des Essarts")
        key = alice.key
    stored = b"".join(file.read_bytes() for file in data.glob("campaign*"))
    assert "Zébulon".encode() not in stored
    assert key.encode() not in stored
    assert b"Bonjour" not in stored


async def test_forgetting_leaves_nothing_and_tells_every_tab(page: Page) -> None:
    async with page.visitor() as tab, page.visitor(tab.key) as other:
        await tab.looks()
        await other.looks()
        await tab.does("start", data="mamat-sign")
        await tab.presses("✍️ Je signe")
        assert await rows(page, "web_turns") > 0
        mark = secrets.token_hex(16)
        assert (await tab.posts("forget", id=mark)).status_code == 204
        for one in (tab, other):
            await one.until(lambda one=one: ("forgotten", {}) in one.events)
        # The answer to the post was lost, and it comes again.
        assert (await tab.posts("forget", id=mark)).status_code == 204
        assert await page.app.sender.finish(5)
        for name in ("web_turns", "supporters", "acts", "outbox"):
            assert await rows(page, name) == 0, name
        async with page.visitor(tab.key) as again:
            await again.looks()
            assert again.events == [("turns", {"first": 0, "turns": []})]


async def test_only_the_newest_turns_of_a_visitor_are_kept(page: Page) -> None:
    keys, pseudonym = page.app.keys, b"p" * 16
    more = web_turns.MOST + 5
    async with page.app.store.writing() as connection:
        for n in range(more):
            turns = web_turns.NewTurns(pseudonym, f"turn-{n}", [{"own": {"text": str(n)}}])
            await web_turns.add(connection, keys, [turns], datetime.now(UTC))
        kept = await web_turns.since(connection, keys, pseudonym, 0)
    assert [turn.body["own"]["text"] for turn in kept] == [str(n) for n in range(5, more)]


async def test_turns_of_a_row_are_numbered_and_found_each_for_itself(page: Page) -> None:
    keys, pseudonym = page.app.keys, b"p" * 16
    bodies = [{"message": {"text": str(n)}} for n in range(web_turns.TURNS + 2)]
    new = web_turns.NewTurns(pseudonym, "many", bodies)
    async with page.app.store.writing() as connection:
        (kept,) = await web_turns.add(connection, keys, [new], datetime.now(UTC))
        assert await web_turns.add(connection, keys, [new], datetime.now(UTC)) == [()]
        assert await count(connection) == 2
        for turn, body in zip(kept, bodies, strict=True):
            assert turn.body == body
            found = await web_turns.one(connection, keys, pseudonym, turn.number)
            assert found is not None
            assert found.body == body
        behind = await web_turns.since(connection, keys, pseudonym, kept[3].number)
        assert [turn.number for turn in behind] == [turn.number for turn in kept[4:]]
        assert await web_turns.one(connection, keys, pseudonym, kept[-1].number + 1) is None


async def test_turns_older_than_a_month_are_dropped(page: Page) -> None:
    keys, now = page.app.keys, datetime.now(UTC)
    async with page.app.store.writing() as connection:
        for days in (1, 31):
            turns = web_turns.NewTurns(b"p" * 16, f"turn-{days}", [{"own": {"text": str(days)}}])
            await web_turns.add(connection, keys, [turns], now - timedelta(days=days))
        assert await expire(connection, now, Retention()) == 1
        left = await web_turns.since(connection, keys, b"p" * 16, 0)
        assert [turn.body["own"]["text"] for turn in left] == ["1"]


async def test_what_tells_an_answer_goes_with_it_and_leaves_a_row_that_looks_alike(
    page: Page,
) -> None:
    keys, now = page.app.keys, datetime.now(UTC)
    written = now - timedelta(hours=25)
    async with page.app.store.writing() as connection:
        for mark, ends in (("yes", written + timedelta(hours=24)), ("screen", None)):
            turns = web_turns.NewTurns(b"p" * 16, mark, [{"own": {"text": mark * 300}}], ends)
            await web_turns.add(connection, keys, [turns], written)
        before = await shapes(connection)
        gone = await web_turns.end(
            connection, keys, now, written - timedelta(hours=1), after=(b"", 0), limit=9
        )
        assert gone == (1, None)
        assert await shapes(connection) == before
        left = await web_turns.since(connection, keys, b"p" * 16, 0)
        assert [turn.body["own"]["text"][:6] for turn in left] == ["screen"]


async def test_a_changed_answer_takes_what_told_the_former_one_along(page: Page) -> None:
    async with page.visitor() as alice:
        await alice.looks()
        await alice.does("start", data="mamat")
        await alice.does("choose", data="act:mamat:letter", label="Écrire au président")
        await alice.does("choose", data="risk:mamat:letter:yes", label="Oui, ma famille")
        await alice.does("choose", data="actions:mamat", label="Tous les gestes")
        assert await kept_of(page, alice.key, "Oui, ma famille")
        await alice.does("choose", data="risk:mamat:letter:no", label="Non, aucun risque")
        assert not await kept_of(page, alice.key, "Oui, ma famille")
        assert not await kept_of(page, alice.key, "Tous les gestes"), "it followed the answer"
        assert await kept_of(page, alice.key, "Non, aucun risque")
        assert await kept_of(page, alice.key, "Écrire au président")


async def test_a_name_that_is_taken_off_the_list_does_not_stay_in_its_echo(page: Page) -> None:
    async with page.visitor() as alice:
        await alice.looks()
        for data in (f"sign:{PETITION}:fr", f"listed:{PETITION}", f"namerisk:{PETITION}:no"):
            await alice.does("choose", data=data, label="–")
        await alice.does("say", text="Zébulon des Essarts")
        assert await kept_of(page, alice.key, "Zébulon")
        await alice.does("choose", data=f"unlist:{PETITION}", label="Retirer mon nom")
        assert not await kept_of(page, alice.key, "Zébulon")
        assert await kept_of(page, alice.key, "Retirer mon nom")


async def test_what_follows_an_answer_is_gone_from_the_page_with_that_answer(page: Page) -> None:
    async with page.visitor() as alice:
        await alice.looks()
        await alice.does("start", data="mamat")
        await alice.does("choose", data="risk:mamat:letter:yes", label="Oui, ma famille")
        await alice.does("choose", data="actions:mamat", label="Tous les gestes")
        day = datetime.now(UTC) + timedelta(hours=24)
        async with page.app.store.writing() as connection:
            number, _ = await web_turns.end(
                connection, page.app.keys, day, day - timedelta(days=2), after=(b"", 0), limit=99
            )
        assert number == 2
        assert not await kept_of(page, alice.key, "Oui, ma famille")
        assert not await kept_of(page, alice.key, "Tous les gestes")
        turns, first = await page.app.chat.since(alice.key, 0)
        assert (len(turns), first) != (0, 0), "what told nothing is still there"


async def kept_of(page: Page, key: str, text: str) -> bool:
    turns, _ = await page.app.chat.since(key, 0)
    return text in repr([turn.body for turn in turns])


async def shapes(connection: AsyncConnection) -> list[tuple[object, ...]]:
    found = await connection.execute(
        select(table.c.number, table.c.at, func.length(table.c.sealed))
    )
    return [tuple(one) for one in found]


async def count(connection: AsyncConnection) -> int:
    return await connection.scalar(select(func.count()).select_from(table)) or 0
