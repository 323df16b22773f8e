"""The preview for those who write content: every screen, its length and what is wrong."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.web import preview
from bot.web.rates import Allowed, Rate
from tests.chat_page import Page, ask, opened_page, rows
from tests.shipped import ROOT


@pytest.fixture
async def page(data: Path) -> AsyncIterator[Page]:
    async with opened_page(data) as opened:
        yield opened


async def walk(page: Page, *turns: tuple[str, str], **more: object) -> dict[str, Any]:
    way = {
        "turns": [{"kind": kind, "text": text} for kind, text in turns],
        "languages": ["fr", "en"],
        **more,
    }
    async with httpx.AsyncClient(base_url=page.url, trust_env=False, verify=False) as client:
        answer = await client.post("preview/walk", json=way, headers={"Origin": page.origin})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def errors_in(seen: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in seen["problems"] if one["severity"] == "error"]


async def checked(page: Page, *turns: tuple[str, str]) -> dict[str, Any]:
    """What the preview shows once the content has been checked."""
    for _ in range(300):
        seen = await walk(page, *turns)
        if seen["checked"]:
            return seen
        await asyncio.sleep(0.1)
    raise AssertionError("the content was never checked")


async def test_the_preview_shows_two_languages_and_measures_them(page: Page) -> None:
    seen = await walk(page, ("start", "mamat"), ("choose", "story:mamat:2"))
    french, english = seen["columns"]
    assert "Arrêté" in french["screens"][0]["message"]["text"]
    assert "Arrested" in english["screens"][0]["message"]["text"]
    telegram = french["screens"][0]["lengths"][0]
    assert (telegram["channel"], telegram["most"]) == ("telegram", 4096)
    assert 100 < telegram["length"] < 4096
    assert await rows(page, "supporters") == 0


@pytest.mark.slow
async def test_the_preview_shows_any_state_of_a_case(page: Page) -> None:
    seen = await walk(page, ("start", "mamat-actions"), states={"mamat": "released"})
    active = await walk(page, ("start", "mamat-actions"))
    assert seen["columns"] != active["columns"]


@pytest.mark.slow
async def test_the_preview_remembers_what_was_signed_on_the_way(page: Page) -> None:
    seen = await walk(page, ("choose", "sign:xinjiang:fr"), ("choose", "petition:xinjiang"))
    data = [
        button[1]
        for row in seen["columns"][0]["screens"][0]["message"]["buttons"]
        for button in row
    ]
    assert "unsign:xinjiang" in data


@pytest.mark.slow
async def test_the_preview_says_what_is_wrong_in_the_content_and_where(
    data: Path, tmp_path: Path
) -> None:
    content = tmp_path / "content"
    shutil.copytree(ROOT / "content", content)
    async with opened_page(data, content=content) as page:
        assert not [
            one
            for one in (await walk(page, ("start", "")))["problems"]
            if one["severity"] == "error"
        ]  # type: ignore[index,union-attr]
        file = content / "messages/fr/help.yaml"
        file.write_text(file.read_text().replace("{{ org }}", "{{ orga }}"))
        errors = errors_in(await checked(page, ("command", "help")))
        assert errors[0]["file"].endswith("messages/fr/help.yaml")
        assert errors[0]["line"] > 1
        file.write_text("screen: [")
        assert (await walk(page, ("start", "mamat")))["columns"]


async def test_the_preview_is_not_there_where_others_could_reach_it(data: Path) -> None:
    async with opened_page(data, host="0.0.0.0") as page:
        assert (await ask(page, "GET", "/preview")).status_code == 404
        assert (await ask(page, "GET", "/")).status_code == 200


async def test_the_preview_is_not_there_behind_a_public_address(data: Path) -> None:
    async with opened_page(data, public_url="https://chat.example.org") as page:
        assert (await ask(page, "GET", "/preview")).status_code == 404
        way = await ask(page, "POST", "/preview/walk", Origin=page.origin)
        assert way.status_code == 404
        assert (await ask(page, "GET", "/")).status_code == 200


FORWARDED = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Proto": "https",
    "Forwarded": "for=203.0.113.7",
    "Via": "1.1 proxy",
    "X-Real-IP": "203.0.113.7",
    "CF-Connecting-IP": "203.0.113.7",
    "X-Forwarded-Host": "127.0.0.1",
}


@pytest.mark.parametrize(("name", "value"), FORWARDED.items())
async def test_the_preview_is_not_there_for_what_a_proxy_hands_on(
    name: str, value: str, page: Page
) -> None:
    assert (await ask(page, "GET", "/preview")).status_code == 200
    assert (await ask(page, "GET", "/preview", **{name: value})).status_code == 404
    walked = await ask(page, "POST", "/preview/walk", **{name: value, "Origin": page.origin})
    assert walked.status_code == 404


async def test_the_preview_is_not_there_for_a_proxy_that_says_nothing(page: Page) -> None:
    port = int(page.origin.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /preview HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    assert answer.split(b"\r\n")[0].endswith(b"404 Not Found")


@pytest.mark.slow
async def test_walks_are_made_one_at_a_time_and_no_more_than_a_page_needs(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once, most = 0, 0
    seen = preview._seen

    def watched(*given: Any) -> dict[str, Any]:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        try:
            return seen(*given)
        finally:
            at_once -= 1

    monkeypatch.setattr(preview, "_seen", watched)
    few = Allowed(walks=Rate(0.001, 4))
    async with opened_page(data, allowed=few) as page:
        way = {"turns": [{"kind": "start", "text": "mamat"}], "languages": ["fr", "en"]}
        headers = {"Origin": page.origin}
        async with httpx.AsyncClient(base_url=page.url, trust_env=False, verify=False) as client:
            asked = [client.post("preview/walk", json=way, headers=headers) for _ in range(8)]
            answers = await asyncio.gather(*asked)
    told = sorted(answer.status_code for answer in answers)
    assert told == [200] * 4 + [429] * 4
    assert all(one.headers["Retry-After"] for one in answers if one.status_code == 429)
    assert most == 1
