"""WhatsApp posts to us: signed, 200 after the commit, again otherwise; strangers are refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp
import pytest

from bot.campaign.channel import Result, Sent
from bot.campaign.events import Unreadable
from bot.channels.service import ChannelTrouble
from bot.channels.whatsapp.channel import WhatsAppChannel
from bot.channels.whatsapp.http import Graph
from bot.channels.whatsapp.posts import Template
from bot.channels.whatsapp.service import build
from bot.channels.whatsapp.webhook import LONGEST, SIGNED_IN, Webhook
from bot.settings import Settings
from bot.web.doors import LARGE_AT_ONCE, SMALL, Doors
from bot.web.serving import listen, serve
from tests.taken import Taken, nothing_else
from tests.whatsapp_posts import (
    NUMBER_ID,
    SECRET,
    VERIFY,
    Posting,
    entry,
    person,
    said,
    signed,
    value,
    written,
)
from tests.whatsapp_server import TOKEN, WhatsAppServer


@dataclass
class TakenFromMeta(Taken):
    """Beside what people wrote: what became of messages and of templates."""

    settled: list[tuple[str, Result]] = field(default_factory=list)
    decided: list[Template] = field(default_factory=list)


@asynccontextmanager
async def door(
    server: WhatsAppServer, taken: TakenFromMeta
) -> AsyncIterator[tuple[Webhook, Posting]]:
    """A door over real HTTP, that the server posts to."""
    listening = listen("127.0.0.1", 0)
    async with WhatsAppChannel(Graph(server.root, TOKEN), NUMBER_ID) as channel:
        made = Webhook(channel, NUMBER_ID, secret=SECRET, verify=VERIFY)
        made.open(
            taken.take,
            lambda mark, result: taken.settled.append((mark, result)),
            taken.decided.append,
        )
        pages = asyncio.create_task(
            serve(Doors(nothing_else, [made]), listening, closing=lambda: None)
        )
        try:
            yield made, server.posts_to(listening.url.rstrip("/") + made.path)
        finally:
            if server.posting is not None:
                await server.posting.end()
            pages.cancel()
            with suppress(asyncio.CancelledError):
                await pages


@pytest.fixture
async def meta() -> AsyncIterator[WhatsAppServer]:
    async with WhatsAppServer() as server:
        yield server


def text(body: str = "x") -> bytes:
    return written(entry("messages", value(messages=[said(person(1), "text", {"body": body})])))


async def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=body, headers=headers) as answer,
    ):
        return answer.status


async def test_the_address_is_entered_with_the_word_that_was_agreed(meta: WhatsAppServer) -> None:
    async with door(meta, TakenFromMeta()) as (_, posting):
        assert await posting.greet()
        assert not await posting.greet("another word")
        assert not await posting.greet("")


async def test_what_is_posted_is_taken_once_the_answer_is_200(meta: WhatsAppServer) -> None:
    taken = TakenFromMeta()
    async with door(meta, taken) as (_, posting):
        meta.text(1, "Bonjour à vous 😀")
        await meta.until(lambda: not posting.waiting)
        await meta.until(lambda: len(meta.read) == 1, what="the receipt")
    assert taken.texts == ["Bonjour à vous 😀"]


async def test_what_could_not_be_recorded_is_posted_again(meta: WhatsAppServer) -> None:
    taken = TakenFromMeta(refuse=2)
    async with door(meta, taken) as (_, posting):
        post_ = meta.text(1, "x")
        await meta.until(lambda: not posting.waiting)
    assert post_.answers == [503, 503, 200]
    assert taken.texts == ["x"]


async def test_before_the_bot_is_ready_and_after_it_has_stopped_posts_come_again(
    meta: WhatsAppServer,
) -> None:
    async with door(meta, TakenFromMeta()) as (made, posting):
        made.close()
        body = text()
        assert await post(posting.url, body, signed(body)) == 503


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {SIGNED_IN: ""},
        {SIGNED_IN: "sha256="},
        {SIGNED_IN: "sha256=" + "0" * 64},
        {SIGNED_IN: "sha1=" + "0" * 64},
        {SIGNED_IN: signed(text(), "another secret")["X-Hub-Signature-256"]},
    ],
)
async def test_whoever_cannot_sign_is_refused(
    meta: WhatsAppServer, headers: dict[str, str]
) -> None:
    taken = TakenFromMeta()
    async with door(meta, taken) as (_, posting):
        assert await post(posting.url, text(), headers) == 403
    assert taken.events == []


async def test_the_very_bytes_are_signed_and_not_what_they_say(meta: WhatsAppServer) -> None:
    taken = TakenFromMeta()
    body = text("é")
    assert b"\\u00e9" in body
    async with door(meta, taken) as (_, posting):
        anew = json.dumps(json.loads(body), ensure_ascii=False).encode()
        assert await post(posting.url, anew, signed(body)) == 403
        assert await post(posting.url, body, signed(body)) == 200
    assert taken.texts == ["é"]


async def test_of_a_post_no_more_than_the_bound_is_read(meta: WhatsAppServer) -> None:
    taken = TakenFromMeta()
    async with door(meta, taken) as (_, posting):
        body = b" " * (LONGEST + 1)
        assert await post(posting.url, body, signed(body)) == 413


async def test_of_strangers_no_more_than_a_few_large_bodies_are_read_at_once(
    meta: WhatsAppServer,
) -> None:
    taken = TakenFromMeta()
    headers = {SIGNED_IN: "sha256=" + "0" * 64}
    async with door(meta, taken) as (_, posting), aiohttp.ClientSession() as session:
        held = asyncio.Event()

        async def slowly() -> AsyncIterator[bytes]:
            yield b"x"
            await held.wait()

        async def strange() -> int:
            async with session.post(posting.url, data=slowly(), headers=headers) as answer:
                return answer.status

        strangers = [asyncio.create_task(strange()) for _ in range(LARGE_AT_ONCE)]
        large = b" " * (SMALL + 1)
        while await post(posting.url, large, signed(large)) != 503:
            await asyncio.sleep(0.01)
        body = text("kurz")
        assert await post(posting.url, body, signed(body)) == 200
        held.set()
        assert set(await asyncio.gather(*strangers)) == {403}
        again = large + text("lang")
        assert await post(posting.url, again, signed(again)) == 200
    assert taken.texts == ["kurz", "lang"]


async def test_bytes_that_are_signed_and_say_nothing_are_kept_as_a_dead_letter(
    meta: WhatsAppServer,
) -> None:
    taken = TakenFromMeta()
    async with door(meta, taken) as (_, posting):
        assert await post(posting.url, b"{no json", signed(b"{no json")) == 200
        nothing = written()
        assert await post(posting.url, nothing, signed(nothing)) == 200
    assert [type(one) for one in taken.events] == [Unreadable]


async def test_a_status_settles_what_was_sent_without_an_answer(meta: WhatsAppServer) -> None:
    taken = TakenFromMeta()
    status = {"id": "wamid.1", "status": "sent", "biz_opaque_callback_data": "7-abc/1/1"}
    async with door(meta, taken) as (_, posting):
        meta.post(value(statuses=[status]))
        await meta.until(lambda: not posting.waiting)
    assert taken.settled == [("7-abc", Sent(""))]


async def test_what_fails_later_is_told_to_operators_and_a_missing_payment_is_an_alarm(
    meta: WhatsAppServer, capsys: pytest.CaptureFixture[str]
) -> None:
    whose = person(1)

    def failed(code: int) -> dict[str, object]:
        held = {"id": "wamid.1", "status": "failed", "recipient_id": whose.number}
        return {**held, "errors": [{"code": code, "title": "x"}]}

    async with door(meta, TakenFromMeta()) as (_, posting):
        meta.post(value(statuses=[failed(131042), failed(131047), failed(131026)]))
        await meta.until(lambda: not posting.waiting)
    logged = capsys.readouterr().out
    assert logged.count("whatsapp_refuses") == 1
    assert logged.count("whatsapp_failed_later") == 2
    assert whose.number not in logged


async def test_what_meta_decides_about_a_template_is_heard(meta: WhatsAppServer) -> None:
    taken = TakenFromMeta()
    meta.templates.append({"name": "nouvelles", "language": "fr", "id": "1", "status": "PENDING"})
    async with door(meta, taken) as (_, posting):
        meta.review("nouvelles", "REJECTED", "PROMOTIONAL")
        await meta.until(lambda: not posting.waiting)
    assert taken.decided == [Template("nouvelles", "fr", "REJECTED", "PROMOTIONAL")]


def test_settings_that_are_not_whole_name_what_is_missing_and_where_it_is_found() -> None:
    half = Settings(_env_file=None, whatsapp_number_id="1", whatsapp_token="t")
    with pytest.raises(ChannelTrouble) as trouble:
        build(half)
    told = str(trouble.value)
    for name in ("ACCOUNT_ID", "APP_SECRET", "VERIFY_TOKEN"):
        assert f"BOT_WHATSAPP_{name} is not set" in told
    assert "BOT_PUBLIC_URL" in told
    assert "BOT_WHATSAPP_NUMBER_ID" not in told
