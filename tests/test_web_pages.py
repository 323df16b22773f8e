"""What the pages may do in a browser, how they look and speak, and where they are served."""

from __future__ import annotations

import re
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bot.campaign.colours import EDGE, READABLE, contrast, text_on, theme
from bot.settings import Settings
from bot.web import serving
from bot.web.labels import FILLED_BY_THE_PAGE, PLAIN, RICH
from tests.chat_page import Page, ask, opened_page
from tests.shipped import ROOT, shipped


@pytest.fixture
async def page(data: Path) -> AsyncIterator[Page]:
    async with opened_page(data) as opened:
        yield opened


class _Page(HTMLParser):
    """Collects what a strict policy forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.addresses: list[str] = []
        self._inline = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.wrong += [name for name in given if name == "style" or name.startswith("on")]
        if tag == "style":
            self.wrong.append("style element")
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.wrong.append("inline script")
        if tag in ("script", "link", "img"):
            self.addresses.append(given.get("src") or given.get("href") or "")


@pytest.mark.parametrize("path", ["/", "/preview"])
async def test_pages_are_strict_and_take_nothing_from_elsewhere(page: Page, path: str) -> None:
    answer = await ask(page, "GET", path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    assert "server" not in answer.headers
    read = _Page()
    read.feed(answer.text)
    assert read.wrong == []
    assert not [one for one in read.addresses if "//" in one]


async def test_everything_that_the_page_loads_is_there(page: Page) -> None:
    read = _Page()
    read.feed((await ask(page, "GET", "/")).text)
    for address in read.addresses:
        answer = await ask(page, "GET", f"/{address}")
        assert answer.status_code == 200, address
        again = answer.headers.get("etag")
        if again:
            unchanged = await ask(page, "GET", f"/{address}", **{"If-None-Match": again})
            assert unchanged.status_code == 304


async def test_only_sites_on_the_list_may_frame_the_chat_and_nothing_else(data: Path) -> None:
    async with opened_page(data, embed_hosts="www.example.org,*.example.net") as page:
        chat = (await ask(page, "GET", "/")).headers
        preview = (await ask(page, "GET", "/preview")).headers
    allowed = "frame-ancestors https://www.example.org https://*.example.net"
    assert chat["content-security-policy"].endswith(allowed)
    assert "x-frame-options" not in chat
    assert preview["content-security-policy"].endswith("frame-ancestors 'none'")


@pytest.mark.parametrize("hosts", ["example.org/path", "https://", "a b", "'self'", "*"])
def test_a_wrong_host_to_embed_in_is_named_at_start(hosts: str) -> None:
    with pytest.raises(ValueError, match="write hosts like"):
        Settings(_env_file=None, embed_hosts=hosts)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("de,fr;q=0.5", "fr"),
        ("zz", "fr"),
        ("", "fr"),
        ("fr;q=0.1,en;q=x,en;q=0.4", "en"),
    ],
)
async def test_the_page_speaks_the_browsers_language(
    page: Page, accepted: str, language: str
) -> None:
    answer = await ask(page, "GET", "/", **{"Accept-Language": accepted})
    assert f'<html lang="{language}"' in answer.text
    assert '<html lang="en"' in (await ask(page, "GET", "/?lang=en")).text


COLOURS = ["#0b5f6b", "#ffff00", "#000000", "#ffffff", "#ff0000", "#777777", "#00ff7f"]


@pytest.mark.parametrize("accent", COLOURS)
@pytest.mark.parametrize("surface", COLOURS)
def test_every_pair_of_colours_can_be_read(surface: str, accent: str) -> None:
    for name, colours in theme(surface, text_on(surface), accent).items():
        assert contrast(colours["accent-ink"], colours["paper"]) >= READABLE, name
        assert contrast(colours["accent-ink"], colours["accent-wash"]) >= READABLE, name
        assert contrast(colours["on-accent"], colours["accent"]) >= READABLE, name
        assert contrast(colours["accent-edge"], colours["paper"]) >= EDGE, name
        assert contrast(colours["ink"], colours["accent-wash"]) >= READABLE, name


def test_a_bright_surface_stays_what_it_is_with_black_upon_it() -> None:
    light = theme("#ffff00", text_on("#ffff00"), "#ffff00")["light"]
    assert (light["accent"], light["on-accent"]) == ("#ffff00", "#000000")
    # No olive: what cannot be read on paper gives way to the paper's own ink.
    assert light["accent-ink"] == light["accent-edge"] == light["ink"]


def test_the_pages_words_and_their_list_agree() -> None:
    listed = {*PLAIN, *FILLED_BY_THE_PAGE, *RICH}
    for language in ("fr", "en"):
        text = (ROOT / f"content/messages/{language}/web.yaml").read_text()
        assert set(re.findall(r"^(\w+):", text, re.MULTILINE)) == listed


def test_every_step_of_a_story_says_where_it_is_as_the_page_reads_it() -> None:
    """The progress is read from the first line: content that changes its form must be seen here."""
    from bot.campaign.screens import every_screen

    campaign, wording = shipped()
    steps = [m for _, m in every_screen(campaign) if m.text.key == "story.screen"]
    assert len(steps) >= 10
    for message in steps:
        for language in campaign.languages:
            told = wording.render(replace(message, banner=None), language, "web")
            first = told.text.split("\n\n")[0]
            assert re.fullmatch(r".+ · \d{1,2}/\d{1,2}", first), first


def test_a_taken_port_gives_the_next_free_one_and_says_so() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        listening = serving.listen("127.0.0.1", port)
    assert listening.moved
    assert port < listening.port <= port + serving.MORE_PORTS
    assert listening.url == f"http://127.0.0.1:{listening.port}/"
    listening.socket.close()


def test_a_host_that_is_not_ours_is_a_sentence() -> None:
    for host in ("192.0.2.1", "no-such-host.invalid"):
        with pytest.raises(serving.PortTrouble, match="BOT_HOST"):
            serving.listen(host, 8080)


async def test_a_stop_lets_open_pages_go_within_a_moment(data: Path) -> None:
    async with opened_page(data) as page:
        held = page.visitor()
        visitor = await held.__aenter__()
        await visitor.looks()
        await visitor.does("start", data="mamat")
    # The page was told to come back later, and did not have to leave first.
    assert visitor.events[-1][0] == "later"
    await held.__aexit__(None, None, None)
