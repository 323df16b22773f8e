"""Cards as files, and what other programs show of a link to the page."""

from __future__ import annotations

import re
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.chat_page import Page, ask, opened_page
from tests.shipped import shipped


@pytest.fixture
async def page(data: Path) -> AsyncIterator[Page]:
    async with opened_page(data, public_url="https://agir.example.org") as opened:
        yield opened


def said(text: str) -> dict[str, str]:
    return dict(re.findall(r'<meta property="og:([\w:]+)" content="([^"]*)">', text))


async def test_each_case_has_its_card_in_each_language_and_both_shapes(page: Page) -> None:
    campaign, _ = shipped()
    seen = set()
    for case_id in campaign.cases:
        for language in campaign.languages:
            for file, size in ((case_id, (1200, 630)), (f"{case_id}-square", (1080, 1080))):
                answer = await ask(page, "GET", f"/cards/{file}.png?lang={language}")
                assert answer.status_code == 200
                assert answer.headers["content-type"] == "image/png"
                assert struct.unpack(">II", answer.content[16:24]) == size
                seen.add(answer.headers["etag"])
    assert len(seen) == len(campaign.cases) * len(campaign.languages) * 2


async def test_a_card_is_not_sent_again_while_it_is_the_same(page: Page) -> None:
    first = await ask(page, "GET", "/cards/mamat.png")
    again = await ask(page, "GET", "/cards/mamat.png", **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("file", ["nobody.png", "mamat.jpg", "mamat-round.png", "..%2Fkeys.png"])
async def test_there_are_no_other_cards(page: Page, file: str) -> None:
    assert (await ask(page, "GET", f"/cards/{file}")).status_code == 404


async def test_a_link_to_a_case_is_shown_with_its_card_and_name(page: Page) -> None:
    told = said((await ask(page, "GET", "/?lang=en&start=akber-sign_s-STAND")).text)
    assert told["title"] == "Akber Hushur 艾克白尔·吾舒尔"
    assert told["image"] == "https://agir.example.org/cards/akber.png?lang=en"
    assert told["url"] == "https://agir.example.org/?lang=en&amp;start=akber"
    assert "baker" in told["description"]
    path = told["image"].removeprefix("https://agir.example.org")
    assert (await ask(page, "GET", path)).status_code == 200


async def test_a_link_to_the_page_alone_shows_somebody(page: Page) -> None:
    told = said((await ask(page, "GET", "/?lang=fr&start=nobody")).text)
    assert told["image"] == "https://agir.example.org/cards/mamat.png?lang=fr"
    assert told["url"] == "https://agir.example.org/?lang=fr"
