"""Who is let in at the chat page, how often, and what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.web import guard
from bot.web.guard import Hosts
from bot.web.rates import DAY, WIDE, Allowed, AtOnce, Rate, Rates, network
from tests.chat_page import GENEROUS, Page, Visitor, ask, new_key, opened_page


@pytest.fixture
async def page(data: Path) -> AsyncIterator[Page]:
    async with opened_page(data) as opened:
        yield opened


@pytest.fixture
async def alice(page: Page) -> AsyncIterator[Visitor]:
    async with page.visitor() as visitor:
        await visitor.looks()
        yield visitor


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


@pytest.mark.parametrize("path", ["/", "/privacy", "/ecrire", "/static/chat.js", "/no/such"])
async def test_every_page_has_a_rate(data: Path, path: str) -> None:
    async with opened_page(data, allowed=replace(GENEROUS, pages=Rate(0.1, 3))) as page:
        answers = [await ask(page, "GET", path) for _ in range(5)]
    assert [one.status_code == 429 for one in answers] == [False, False, False, True, True]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 10


async def test_whoever_is_refused_again_and_again_waits_for_it_and_makes_room_for_others(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "PUT_OFF", 1e6)
    allowed = replace(GENEROUS, pages=Rate(1e-3, 1), refusals=Rate(1e-3, 2))
    async with opened_page(data, allowed=allowed) as page:
        assert [(await ask(page, "GET", "/")).status_code for _ in range(3)] == [200, 429, 429]
        put_off = asyncio.create_task(ask(page, "GET", "/"))
        elsewhere = {"X-Forwarded-For": "192.0.2.7"}
        assert (await ask(page, "GET", "/", **elsewhere)).status_code == 200
        done, _ = await asyncio.wait([put_off], timeout=0.2)
        assert not done
        put_off.cancel()


async def test_one_address_cannot_take_all_streams_with_many_keys(data: Path) -> None:
    async with (
        opened_page(data, allowed=replace(GENEROUS, open_of_address=2)) as page,
        page.visitor() as one,
        page.visitor() as other,
    ):
        await one.looks()
        await other.looks()
        refused = await ask(page, "GET", "/chat/stream", Authorization=f"Bearer {new_key()}")
        assert refused.status_code == 429
        elsewhere = {"X-Forwarded-For": "192.0.2.7", "Authorization": f"Bearer {new_key()}"}
        async with one.client.stream("GET", "chat/stream", headers=elsewhere) as answer:
            assert answer.status_code == 200


async def test_what_a_visitor_and_a_network_leave_in_a_day_is_bounded(data: Path) -> None:
    size = 20_000
    allowed = replace(
        GENEROUS, kept=Rate(size / DAY, size), kept_of_address=Rate(2 * size / DAY, 2 * size)
    )
    async with (
        opened_page(data, allowed=allowed) as page,
        page.visitor() as eager,
        page.visitor() as calm,
        page.visitor() as late,
    ):
        answers = [await eager.posts("say", text="é" * 1_000) for _ in range(4)]
        assert [one.status_code for one in answers] == [204, 204, 429, 429]
        assert int(answers[-1].headers["retry-after"]) > 600
        assert (await calm.posts("say", text="é" * 1_000)).status_code == 204
        assert [(await late.posts("say", text="é" * 1_000)).status_code for _ in range(2)] == [
            204,
            429,
        ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:c000:201", "192.0.2.1"),
        ("64:ff9b::c000:201", "192.0.2.1"),
        ("2002:c000:201::7", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::2"),
    ],
)
def test_an_address_in_other_clothes_is_the_same(one: str, other: str) -> None:
    assert network(one) == network(other)


def test_whoever_has_many_households_has_no_rate_in_each() -> None:
    rates = Rates(GENEROUS)
    asked = [
        rates.wait_of(f"2001:db8:0:{household:x}::1", Rate(0.001, 10), "page")
        for household in range(30)
        for _ in range(10)
    ]
    assert asked.count(0) == 10 * WIDE
    assert rates.wait_of("2001:db8:1::1", Rate(0.001, 10), "page") == 0


def test_places_that_are_left_are_forgotten() -> None:
    places = AtOnce(2)
    for address in ("192.0.2.1", "::ffff:192.0.2.1"):
        assert places.has_room("192.0.2.1")
        places.enter(address)
    assert not places.has_room("192.0.2.1")
    places.leave("192.0.2.1")
    places.leave("192.0.2.1")
    assert not places._open


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
