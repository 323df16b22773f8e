"""The chat page's server: turns recorded once, answers that come again, and who is let in."""

from __future__ import annotations

import asyncio
import re
import secrets
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from bot.campaign.delivery import Lane, Outgoing, Sent
from bot.campaign.messages import Rendered
from bot.settings import Settings
from bot.store import web_turns
from bot.store.tables import metadata
from bot.store.tables import web_turns as table
from bot.web import serving
from bot.web.colours import READABLE, contrast, theme
from bot.web.guard import Hosts
from bot.web.labels import FILLED_BY_THE_PAGE, PLAIN, RICH
from bot.web.rates import Allowed, Rate, Rates, network
from tests.chat_page import GENEROUS, Page, Visitor, new_key, opened_page
from tests.shipped import ROOT, shipped

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


# Turns


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
    assert set(counts) == {3}


async def test_a_first_name_with_markup_stays_text(alice: Visitor) -> None:
    await alice.does("start", data="mamat-letter")
    await alice.presses("Non")
    await alice.does("say", text=MARKUP[:40])
    letter = await alice.does("say", text="<i>Lyon</i>")
    assert "<img" not in letter["message"]["text"]
    assert "<i>Lyon</i>" in letter["message"]["block"]  # plain text, shown as such


# What is kept


async def rows(page: Page, name: str) -> int:
    async with page.app.store.reading() as connection:
        return await connection.scalar(select(func.count()).select_from(metadata.tables[name])) or 0


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
        await web_turns.drop(connection, now)
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
        await web_turns.drop(connection, now)
        left = await connection.scalars(select(table.c.turn))
        assert set(left) == {"pressed", "screen"}


# Who is let in


async def ask(page: Page, method: str, path: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=page.url, trust_env=False, verify=False) as client:
        return await client.request(method, path, headers=headers)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example"])
async def test_a_page_that_lets_its_name_point_here_is_refused(page: Page, host: str) -> None:
    assert (await ask(page, "GET", "/", Host=host)).status_code == 421


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
async def test_only_the_page_itself_may_post(page: Page, origin: str) -> None:
    headers = {"Origin": origin} if origin else {}
    answer = await ask(page, "POST", "/chat/turns", Authorization=f"Bearer {new_key()}", **headers)
    assert answer.status_code == 403
    assert page.taken == 0


@pytest.mark.parametrize("key", ["", "Bearer", "Bearer short", f"Basic {'a' * 43}"])
async def test_without_a_key_there_is_no_conversation(page: Page, key: str) -> None:
    for method, path in (("GET", "/chat/stream"), ("POST", "/chat/turns")):
        answer = await ask(page, method, path, Origin=page.origin, Authorization=key)
        assert answer.status_code == 401


@pytest.mark.parametrize(
    "turn",
    [
        b"",
        b"[]",
        b'{"id": "x", "kind": "say"}',
        b'{"id": "0123456789abcdef", "kind": "dance"}',
        b'{"id": "0123456789abcdef", "kind": "say", "text": "a", "more": 1}',
        b'{"id": "0123456789abcdef", "kind": "choose", "data": "%s"}' % (b"x" * 65),
        b'{"id": "0123456789abcdef", "kind": "choose", "on": "1 or 1"}',
        b"\xff\xfe",
    ],
)
async def test_what_is_no_turn_is_refused_kindly(alice: Visitor, turn: bytes) -> None:
    answer = await alice.client.post("chat/turns", content=turn, headers=alice.headers)
    assert answer.status_code == 400
    assert alice.page.taken == 0


async def test_a_body_may_not_be_large(alice: Visitor) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1000

    whole = await alice.client.post("chat/turns", content=b"x" * 99_000, headers=alice.headers)
    piecemeal = await alice.client.post("chat/turns", content=pieces(), headers=alice.headers)
    assert (whole.status_code, piecemeal.status_code) == (413, 413)


async def test_who_asks_too_often_waits_and_others_do_not(data: Path) -> None:
    tight = Allowed(turns=Rate(0.5, 3), documents=Rate(1, 1), streams=Rate(10, 10))
    async with (
        opened_page(data, allowed=tight) as page,
        page.visitor() as eager,
        page.visitor() as calm,
    ):
        answers = [await eager.posts("command", text="/help") for _ in range(5)]
        assert [one.status_code for one in answers] == [204, 204, 204, 429, 429]
        assert answers[-1].headers["retry-after"] == "2"
        assert (await calm.posts("command", text="/help")).status_code == 204


async def test_one_visitor_cannot_take_all_streams(page: Page) -> None:
    key = new_key()
    visitors = [page.visitor(key) for _ in range(8)]
    opened = [await visitor.__aenter__() for visitor in visitors]
    for visitor in opened:
        await visitor.looks()
    refused = await ask(page, "GET", "/chat/stream", Authorization=f"Bearer {key}")
    assert refused.status_code == 429
    for visitor in visitors:
        await visitor.__aexit__(None, None, None)
    async with page.visitor(key) as again:
        for _ in range(100):  # the server notices within a moment that pages are gone
            if page.app.chat.has_room(key):
                break
            await asyncio.sleep(0.02)
        await again.looks()
    assert len(page.app.chat.listeners) <= 1


def test_buckets_are_bounded_and_a_household_is_one() -> None:
    rates = Rates(GENEROUS)
    for number in range(60_000):
        rates.wait(Rate(1, 1), "turn", str(number))
    assert len(rates._buckets) <= 50_000
    assert network("2001:db8::1") == network("2001:db8::ffff:1")
    assert network("192.0.2.1") != network("192.0.2.2")


def test_a_public_address_is_known_and_others_are_not() -> None:
    hosts = Hosts.of("127.0.0.1", "https://chat.example.org")
    assert hosts.knows("chat.example.org")
    assert hosts.knows("127.0.0.1:8080")
    assert hosts.knows("[::1]:8080")
    assert not hosts.knows("example.org")
    assert hosts.same("https://chat.example.org", "127.0.0.1:8080")
    assert not hosts.same("https://chat.example.org.evil.example", "chat.example.org")


# What a browser may do


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


@pytest.mark.parametrize(
    "accent", ["#0b5f6b", "#ffff00", "#000000", "#ffffff", "#ff0000", "#777777", "#00ff7f"]
)
def test_every_accent_can_be_read(accent: str) -> None:
    for name, colours in theme(accent).items():
        assert contrast(colours["accent-ink"], colours["paper"]) >= READABLE, name
        assert contrast(colours["accent-ink"], colours["accent-wash"]) >= READABLE, name
        assert contrast(colours["on-accent"], colours["accent"]) >= READABLE, name
        assert contrast(colours["accent"], colours["paper"]) >= 3, name
        assert contrast(colours["ink"], colours["accent-wash"]) >= READABLE, name


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


# Serving


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


# The preview


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


async def test_the_preview_shows_any_state_of_a_case(page: Page) -> None:
    seen = await walk(page, ("start", "mamat-actions"), states={"mamat": "released"})
    active = await walk(page, ("start", "mamat-actions"))
    assert seen["columns"] != active["columns"]


async def test_the_preview_remembers_what_was_signed_on_the_way(page: Page) -> None:
    seen = await walk(page, ("choose", "sign:xinjiang:fr"), ("choose", "petition:xinjiang"))
    data = [
        button[1]
        for row in seen["columns"][0]["screens"][0]["message"]["buttons"]
        for button in row
    ]
    assert "unsign:xinjiang" in data


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
