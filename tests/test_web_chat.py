"""The chat page's turns: recorded once, answered again where the answer was lost."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.campaign.channel import Lane, Outgoing, Sent
from bot.campaign.messages import Rendered
from tests.chat_page import Page, Visitor, opened_page

MARKUP = '<img src=x onerror="alert(1)">&amp;<b>Zoé</b>'


@pytest.fixture
async def page(data: Path) -> AsyncIterator[Page]:
    async with opened_page(data) as opened:
        yield opened


@pytest.fixture
async def alice(page: Page) -> AsyncIterator[Visitor]:
    async with page.visitor() as visitor:
        await visitor.looks()
        yield visitor


async def test_a_turn_is_answered_on_the_stream(alice: Visitor) -> None:
    answer = await alice.does("start", data="mamat")
    assert "Mamat Ablat" in answer["message"]["text"]
    assert [turn["kind"] for turn in alice.own] == ["start"]
    numbers = [turn["n"] for turn in alice.seen]
    assert numbers == sorted(set(numbers))


async def test_an_edit_in_place_names_the_answer_that_it_replaces(alice: Visitor) -> None:
    first = await alice.does("start", data="mamat")
    second = await alice.presses("Suite")
    assert second["message"]["replaces"] == str(first["n"])


async def test_a_turn_posted_again_changes_nothing(alice: Visitor) -> None:
    mark = secrets.token_hex(16)
    await alice.does("command", text="/help", label="Aide", id=mark)
    for _ in range(3):
        assert (await alice.posts("command", text="/help", label="Aide", id=mark)).is_success
    await alice.does("command", text="/privacy")
    assert [turn["text"] for turn in alice.own] == ["Aide", "/privacy"]
    assert len(alice.answers) == 2
    assert alice.page.taken == 5


async def test_the_same_turn_of_another_visitor_is_another_turn(page: Page) -> None:
    mark = secrets.token_hex(16)
    async with page.visitor() as alice, page.visitor() as bob:
        for visitor in (alice, bob):
            await visitor.looks()
            await visitor.does("command", text="/help", id=mark)
        assert alice.answers
        assert bob.answers


async def test_a_reload_and_a_second_tab_show_the_same_conversation(page: Page) -> None:
    async with page.visitor() as tab:
        await tab.looks()
        await tab.does("start", data="mamat")
        await tab.does("say", text="Bonjour")
        async with page.visitor(tab.key) as other:
            await other.looks()
            assert other.seen == tab.seen
            await other.does("say", text="Encore")
            await tab.until(lambda: len(tab.seen) == len(other.seen))
            assert other.seen == tab.seen


async def test_a_stream_goes_on_behind_the_last_number_that_was_seen(page: Page) -> None:
    async with page.visitor() as tab:
        await tab.looks()
        await tab.does("start", data="mamat")
        last = tab.last
        await tab.leaves()
        await tab.posts("say", text="Bonjour")
        async with page.visitor(tab.key) as again:
            await again.looks(after=last)
            await again.until(lambda: bool(again.answers))
            assert [turn["text"] for turn in again.own] == ["Bonjour"]
            assert all(turn["n"] > last for turn in again.seen)


async def test_a_page_that_knows_higher_numbers_than_the_bot_gets_everything(page: Page) -> None:
    """After a restore from an older backup."""
    async with page.visitor() as tab:
        await tab.looks()
        await tab.does("start", data="mamat")
        async with page.visitor(tab.key) as again:
            await again.looks(after=10**9)
            assert again.seen == tab.seen


async def test_an_answer_that_is_given_twice_is_kept_once(page: Page, alice: Visitor) -> None:
    await alice.does("start", data="mamat")
    message = Rendered("Une réponse.", "fr")
    outgoing = Outgoing(99_999, "web", alice.key, message, Lane.CONVERSATION)
    before = len(alice.answers)
    assert isinstance(await page.app.chat.keep(outgoing), Sent)
    assert isinstance(await page.app.chat.keep(outgoing), Sent)
    await alice.does("say", text="?")
    assert [one["message"]["text"] for one in alice.answers[before:]].count("Une réponse.") == 1


async def test_nobody_sees_another_visitors_turns(page: Page, alice: Visitor) -> None:
    async with page.visitor() as charlie:
        await charlie.looks()
        answer = await alice.does("start", data="mamat")
        await charlie.does("command", text="/help")
        assert not [one for one in charlie.answers if "Mamat Ablat" in one["message"]["text"]]
        asked = await charlie.client.post(f"chat/documents/{answer['n']}", headers=charlie.headers)
        assert asked.status_code == 404


async def test_a_turn_that_cannot_be_recorded_is_refused_until_it_can(
    page: Page, alice: Visitor
) -> None:
    mark = secrets.token_hex(16)
    page.broken = True
    refused = await alice.posts("start", data="mamat", id=mark)
    assert refused.status_code == 503
    assert refused.headers["retry-after"]
    page.broken = False
    await alice.does("start", data="mamat", id=mark)
    assert len(alice.own) == 1


async def test_a_hundred_visitors_at_once_are_each_answered_once(page: Page) -> None:
    async def visit() -> int:
        async with page.visitor() as visitor:
            await visitor.looks()
            await visitor.does("start", data="mamat")
            await visitor.presses("Suite")
            return len(visitor.answers)

    counts = await asyncio.gather(*(visit() for _ in range(100)))
    assert set(counts) == {2}


async def test_a_first_name_with_markup_stays_text(alice: Visitor) -> None:
    await alice.does("start", data="mamat-letter")
    await alice.presses("Non")
    await alice.presses("Autres façons")
    await alice.presses("Signer la lettre")
    await alice.does("say", text=MARKUP[:40])
    letter = await alice.does("say", text="<i>Lyon</i>")
    assert "<img" not in letter["message"]["text"]
    assert "<i>Lyon</i>" in letter["message"]["block"]  # plain text, shown as such
