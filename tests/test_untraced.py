"""Leaving no trace: nothing in the browser beyond the tab, nothing here beyond the answer."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import expect
from sqlalchemy import select

from bot.campaign.conversation import step
from bot.campaign.events import Chose
from bot.campaign.messages import Link
from bot.campaign.supporter import Facts, Supporter
from bot.channels.web_chat import untraced
from bot.channels.web_chat.channel import Posted
from bot.store.every_table import metadata
from tests import chromium
from tests.chat_page import Page, Visitor, opened_page, rows
from tests.shipped import shipped


@pytest.fixture
async def page(data: Path) -> AsyncIterator[Page]:
    async with opened_page(data) as opened:
        yield opened


async def say(somebody: Visitor, kind: str = "choose", **more: str) -> list[dict[str, Any]]:
    """A turn of somebody who leaves no trace; what came back."""
    turn = {"id": secrets.token_hex(16), "kind": kind, "language": "fr", **more}
    headers = {**somebody.headers, "Trace": "none"}
    answer: httpx.Response = await somebody.client.post("chat/turns", json=turn, headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["turns"]
    return found


def text(turns: list[dict[str, Any]]) -> str:
    return "\n".join(turn["message"]["text"] for turn in turns if "message" in turn)


async def held(page: Page) -> dict[str, int]:
    """Every row there is, by table."""
    public = {"published"}  # figures of the hour, whoever asks for them
    return {name: await rows(page, name) for name in metadata.tables if name not in public}


async def test_a_whole_conversation_leaves_no_row_and_no_byte(page: Page, data: Path) -> None:
    before = await held(page)
    async with page.visitor() as somebody:
        await say(somebody, "start", data="mamat")
        for place in ("story:mamat:2", "actions:mamat", "act:mamat:letter"):
            await say(somebody, data=place)
        careful = await say(somebody, data="risk:mamat:letter:yes")
        assert "sécurité" in text(careful)
        await say(somebody, "say", text="Zorglubine de Saint-Malo")
        assert await held(page) == before
        key = somebody.key.encode()
    for file in data.rglob("*"):
        if file.is_file():
            kept = file.read_bytes()
            for word in (b"Zorglubine", b"Saint-Malo", key):
                assert word not in kept, file


async def test_it_remembers_what_was_answered_until_it_is_forgotten(page: Page) -> None:
    async with page.visitor() as somebody:
        await say(somebody, "start", data="mamat-letter")
        await say(somebody, data="risk:mamat:letter:yes")
        again = await say(somebody, data="act:mamat:letter")
        assert "sécurité" in text(again), "the answer is known"
        assert await say(somebody, "forget") == []
        asked = await say(somebody, data="act:mamat:letter")
        assert "voyagez" in text(asked), "it is asked anew"


async def test_a_signature_is_held_like_any_of_a_new_key_and_tells_of_nobody(page: Page) -> None:
    async with page.visitor() as somebody:
        await say(somebody, "start", data="mamat")
        signed = await say(somebody, data="sign:xinjiang:fr", label="Je signe")
        assert "signature" in text(signed)
        shown = await say(somebody, data="petition:xinjiang")
        data = [button[1] for turn in shown for row in _rows(turn) for button in row]
        assert not [one for one in data if one.startswith(("sign:", "unsign:", "listed:"))]
        assert "signature" in text(await say(somebody, data="sign:xinjiang:fr"))
    assert await rows(page, "supporters") == 0
    assert await rows(page, "web_turns") == 0
    signatures = metadata.tables["signatures"]
    async with page.app.store.reading() as connection:
        kept = (await connection.execute(select(signatures))).mappings().all()
    states = sorted(row["state"] for row in kept)
    assert states == ["pending", "spent"], "one counts, or waits; one is the mark of a signer"


def _rows(turn: dict[str, Any]) -> list[list[list[str]]]:
    found: list[list[list[str]]] = turn.get("message", {}).get("buttons", [])
    return found


async def test_what_would_have_to_be_kept_is_refused_and_said(page: Page) -> None:
    async with page.visitor() as somebody:
        await say(somebody, "start", data="mamat")
        topic = page.app.content.campaign.topics[0]
        assert "rien n’est gardé" in text(await say(somebody, data=f"topic:{topic}:on"))


async def test_a_turn_that_comes_twice_is_answered_once(page: Page) -> None:
    async with page.visitor() as somebody:
        turn = secrets.token_hex(16)
        first = await say(somebody, "start", data="mamat", id=turn)
        assert await say(somebody, "start", data="mamat", id=turn) == first


async def test_after_half_an_hour_of_silence_nothing_is_left(page: Page) -> None:
    now = [datetime(2026, 11, 25, 12, tzinfo=UTC)]
    campaign, wording = shipped()
    room = untraced.Untraced(
        page.app.chat, lambda: campaign, wording.render, page.take, clock=lambda: now[0]
    )
    turn = Posted(id=secrets.token_hex(16), kind="start", data="mamat", language="fr")
    await room.answer("a" * 43, turn, "192.0.2.1")
    assert len(room) == 1
    now[0] += timedelta(minutes=29)
    room.tidy()
    assert len(room) == 1
    now[0] += timedelta(minutes=1)
    room.tidy()
    assert len(room) == 0


async def test_whoever_floods_makes_nobody_elses_conversation_go(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(untraced, "MOST", 24)
    monkeypatch.setattr(untraced, "OF_A_NETWORK", 3)
    campaign, wording = shipped()
    room = untraced.Untraced(page.app.chat, lambda: campaign, wording.render, page.take)

    async def says(who: str, host: str, data: str) -> str:
        turn = Posted(id=secrets.token_hex(16), kind="choose", data=data, language="fr")
        return text(await room.answer(who * 43, turn, host))

    await says("a", "192.0.2.1", "risk:mamat:letter:yes")
    for key in "bcdefghijklmnopqrstuvwxyzABCDEFGH":
        await says(key, "198.51.100.7", "act:mamat:letter")
    assert len(room) == 4
    assert "sécurité" in await says("a", "192.0.2.1", "act:mamat:letter"), "the answer is known"


async def test_a_visitor_who_goes_on_for_long_takes_no_more_memory(page: Page) -> None:
    campaign, wording = shipped()
    room = untraced.Untraced(page.app.chat, lambda: campaign, wording.render, page.take)
    turns = [
        Posted(id=secrets.token_hex(16), kind="choose", data=data, language="fr")
        for data in (["risk:mamat:letter:no", "menu"] * 30)
    ]
    for turn in turns:
        answered = await room.answer("a" * 43, turn, "192.0.2.1")
    (visit,) = room._visits.values()
    assert len(visit.told) == untraced.AGAIN
    assert len(visit.papers) <= untraced.DOCUMENTS
    assert await room.answer("a" * 43, turns[-1], "192.0.2.1") == answered


def test_whoever_could_be_harmed_is_pointed_there_from_every_channel() -> None:
    campaign, _ = shipped()
    for web, there in (("https://c.example", ["https://c.example/?trace=none"]), ("", [])):
        chose = Chose(id="", channel="telegram", address="", data="risk:mamat:letter:yes")
        outcome = step(Supporter(), chose, Facts(web=web), campaign, datetime.now(UTC))
        buttons = [one for row in outcome.messages[0].buttons for one in row]
        assert [one.url for one in buttons if isinstance(one, Link)] == there


@pytest.mark.slow
async def test_the_browser_keeps_nothing_beyond_the_tab(page: Page) -> None:
    async with chromium.browser() as browser:
        context = await browser.new_context(locale="fr-FR")
        tab = await context.new_page()
        asked: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        kept: list[str] = []

        def looked(response: Any) -> None:
            if response.headers.get("cache-control") != "no-store" and "blob:" not in response.url:
                kept.append(response.url)

        tab.on("response", looked)
        await tab.goto(f"{page.url}?trace=none")
        await expect(tab.locator("#untraced")).to_contain_text("Sans laisser de trace")
        entries = await tab.evaluate("history.length")
        await tab.locator(".now [data-choice^='story:mamat']").click()
        await expect(tab.locator(".now .step")).to_contain_text("Étape 1 sur 7")
        await tab.locator(".now .next").click()
        await expect(tab.locator(".now .step")).to_contain_text("Étape 2 sur 7")
        await expect(tab.locator("#untraced")).to_be_in_viewport(ratio=1)
        assert await tab.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
        assert await tab.evaluate("indexedDB.databases().then(all => all.length)") == 0
        assert await tab.evaluate("history.length") == entries
        assert tab.url == page.url, "the address does not tell of it"
        assert kept == []
        assert not [one for one in asked if "stream" in one]
        assert await rows(page, "supporters") == 0
        await tab.reload()
        await expect(tab.locator(".step")).to_have_count(0)
        await context.close()


@pytest.mark.slow
async def test_what_an_earlier_conversation_left_is_erased_if_wished(page: Page) -> None:
    async with chromium.browser() as browser:
        context = await browser.new_context(locale="fr-FR")
        tab = await context.new_page()
        await tab.goto(f"{page.url}?start=mamat")
        await expect(tab.locator(".first")).to_have_count(0)
        await tab.goto(f"{page.url}?trace=none")
        await tab.get_by_role("button", name="L’effacer aussi").click()
        await expect(tab.locator("#before")).to_be_hidden()
        assert await tab.evaluate("Object.keys(localStorage).filter(n => n.endsWith('key'))") == []
        assert await rows(page, "web_turns") == 0
        await context.close()
