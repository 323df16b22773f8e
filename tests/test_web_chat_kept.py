"""What is kept of the chat page's conversations, for how long, and what forgetting leaves."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.campaign.rules import Retention
from bot.store.overdue import expire
from bot.store.people import web_turns
from bot.store.people.tables import web_turns as table
from tests.chat_page import Page, opened_page, rows


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


async def test_only_the_newest_turns_of_a_visitor_are_kept(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, pseudonym = page.app.keys, b"p" * 16
    turns = [
        web_turns.NewTurn(pseudonym, f"turn-{n}", {"own": {"text": str(n)}})
        for n in range(web_turns.MOST + 5)
    ]
    async with page.app.store.writing() as connection:
        for turn in turns:
            await web_turns.add(connection, keys, [turn], datetime.now(UTC))
        kept = await web_turns.since(connection, keys, pseudonym, 0)
    assert [turn.body["own"]["text"] for turn in kept] == [
        str(n) for n in range(5, web_turns.MOST + 5)
    ]


async def test_turns_older_than_a_month_are_dropped(page: Page) -> None:
    keys, now = page.app.keys, datetime.now(UTC)
    async with page.app.store.writing() as connection:
        for days in (1, 31):
            turn = web_turns.NewTurn(b"p" * 16, f"turn-{days}", {})
            await web_turns.add(connection, keys, [turn], now - timedelta(days=days))
        await expire(connection, now, Retention())
        left = await connection.scalars(select(table.c.turn))
        assert list(left) == ["turn-1"]


async def test_what_may_hold_a_name_is_dropped_after_a_day(page: Page) -> None:
    keys, now = page.app.keys, datetime.now(UTC)
    bodies = {
        "pressed": {"own": {"kind": "choose", "text": "Suite"}},
        "typed": {"own": {"kind": "say", "text": "Camille"}},
        "screen": {"message": {"text": "Merci", "block": "", "attachment": None}},
        "letter": {"message": {"text": "Votre lettre", "block": "Camille", "attachment": None}},
    }
    async with page.app.store.writing() as connection:
        for mark, body in bodies.items():
            turn = web_turns.NewTurn(b"p" * 16, mark, body)
            await web_turns.add(connection, keys, [turn], now - timedelta(hours=25))
        await expire(connection, now, Retention())
        left = await connection.scalars(select(table.c.turn))
        assert set(left) == {"pressed", "screen"}
