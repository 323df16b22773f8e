"""Telegram posts updates to us: 200 after the commit, again otherwise; strangers are refused."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

from bot.campaign.channel import Take
from bot.campaign.events import Unreadable
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.polling import poll
from bot.channels.telegram.webhook import LONGEST, SHOWN_IN, Webhook, secret_of
from bot.meters import Hearing, Silence
from bot.settings import SettingsTrouble, load
from bot.web.doors import Doors
from bot.web.serving import listen, serve
from tests.program import free_port, run, running
from tests.recorded import number, rows
from tests.taken import Taken, nothing_else
from tests.telegram_server import TOKEN, TelegramServer


@asynccontextmanager
async def webhook(
    server: TelegramServer, take: Take, *, look: float = 300.0, hearing: Hearing | None = None
) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A door that Telegram posts to, over real HTTP: its address, and what stops it."""
    listening = listen("127.0.0.1", 0)
    root = listening.url.rstrip("/")
    stop = asyncio.Event()
    async with TelegramChannel(TOKEN, base_url=f"{server.root}/bot") as channel:
        door = Webhook(channel, root, TOKEN)
        pages = asyncio.create_task(
            serve(Doors(nothing_else, [door]), listening, closing=lambda: None)
        )
        work = asyncio.create_task(
            door.receive(take, stop=stop, look=look, first_pause=0.01, hearing=hearing)
        )
        try:
            await server.until(lambda: bool(server.webhook), what="the webhook to be set")
            yield root + door.path, stop
            stop.set()
            await work
        finally:
            for task in (work, pages):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.005)


async def post(url: str, body: bytes, secret: str = secret_of(TOKEN)) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=body, headers={SHOWN_IN: secret} if secret else {}) as answer,
    ):
        return answer.status, answer.headers.get("Retry-After", "")


async def test_what_waited_and_what_comes_is_posted_and_taken(server: TelegramServer) -> None:
    taken = Taken()
    server.text(77, "before")
    async with webhook(server, taken.take):
        await until(lambda: len(taken.events) == 1)
        server.text(77, "after")
        await until(lambda: not server.waiting)
    assert taken.texts == ["before", "after"]
    assert server.violations == []
    assert "message" in server.allowed


async def test_what_could_not_be_recorded_is_posted_again_and_never_overtaken(
    server: TelegramServer,
) -> None:
    taken = Taken(refuse=3)
    async with webhook(server, taken.take):
        for text in ("one", "two", "three"):
            server.text(77, text)
        await until(lambda: not server.waiting)
    assert taken.texts == ["one", "two", "three"]
    assert server.posting is not None
    assert [one.status for one in server.posting.posted] == [503, 503, 503, 200, 200, 200]


async def test_whoever_does_not_know_the_secret_is_refused_before_anything_is_read(
    server: TelegramServer,
) -> None:
    taken = Taken()
    async with webhook(server, taken.take) as (url, _):
        for secret in ("", "wrong", secret_of(TOKEN)[:-1], "é" * 43):
            assert await post(url, b"not even JSON", secret) == (403, "")
        host, port = url.removeprefix("http://").split("/")[0].split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST /telegram HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n")
        async with asyncio.timeout(30):
            assert b"403" in await reader.readline(), "answered without waiting for the body"
        writer.close()
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            assert answer.status == 405
    assert taken.events == []


async def test_the_secret_stays_the_same_and_does_not_tell_the_token() -> None:
    assert secret_of(TOKEN) == secret_of(TOKEN) != secret_of(TOKEN + "x")
    assert TOKEN.partition(":")[2] not in secret_of(TOKEN)


async def test_a_body_that_has_no_end_in_sight_is_not_read(server: TelegramServer) -> None:
    taken = Taken()
    async with webhook(server, taken.take) as (url, _):
        assert (await post(url, b"{" + b" " * LONGEST))[0] == 413
    assert taken.events == []


async def test_an_update_without_its_end_is_asked_for_again_and_at_last_kept(
    server: TelegramServer,
) -> None:
    taken = Taken()
    cut = b'{"update_id":5,"message":{"message_id":1,"chat":{"id":77,"type":"private"},"te'
    async with webhook(server, taken.take) as (url, _):
        answers = [(await post(url, cut))[0] for _ in range(5)]
    assert answers == [503, 503, 503, 503, 200]
    [kept] = taken.events
    assert isinstance(kept, Unreadable)
    assert kept.reason == "cut off"


async def test_after_the_stop_nothing_is_taken_and_telegram_is_told_to_come_again(
    server: TelegramServer,
) -> None:
    taken = Taken()
    async with webhook(server, taken.take) as (url, stop):
        stop.set()
        await until_refused(url)
        server.text(77, "too late")
        await server.until(lambda: bool(server.posting and server.posting.posted), what="a post")
        assert len(server.waiting) == 1
    assert taken.events == []


async def until_refused(url: str) -> None:
    async with asyncio.timeout(30):
        while (await post(url, b'{"update_id":1,"poll":{}}')) != (503, "5"):
            await asyncio.sleep(0.005)


async def test_a_webhook_that_somebody_has_changed_is_set_again(server: TelegramServer) -> None:
    taken = Taken()
    async with webhook(server, taken.take, look=0.05) as (url, _):
        server._replace_posting("", None)
        server.text(77, "nobody hears")
        await until(lambda: taken.texts == ["nobody hears"])
        assert server.webhook == url


async def test_telegram_is_heard_while_it_gets_through_or_has_nothing_to_say(
    server: TelegramServer,
) -> None:
    now = [0.0]
    hearing = Hearing(lambda: now[0])
    taken = Taken()
    async with webhook(server, taken.take, look=0.02, hearing=hearing):
        now[0] = 4000.0
        await until(lambda: hearing.age == 0)
        assert hearing.trouble == "", "a webhook without visitors is no fault"
        taken.refuse = 1_000_000
        server.text(77, "Bonjour")
        await until(lambda: hearing.trouble == "webhook_not_reached")
        assert hearing.why is Silence.UNREACHED
        now[0] = 5000.0
        await asyncio.sleep(0.1)  # some looks later
        assert hearing.age == 1000
        taken.refuse = 0
        await until(lambda: taken.texts == ["Bonjour"])
        await until(lambda: hearing.age == 0)
        assert hearing.trouble == ""


async def test_from_polling_to_the_webhook_and_back_nothing_is_lost(server: TelegramServer) -> None:
    taken = Taken()
    for round_ in range(2):
        server.text(77, f"{round_} before polling")
        stop = asyncio.Event()
        async with TelegramChannel(TOKEN, base_url=f"{server.root}/bot") as channel:
            polling = asyncio.create_task(poll(channel, taken.take, stop=stop))
            await until(lambda: len(taken.texts) == round_ * 2 + 1)  # noqa: B023
            stop.set()
            await polling
        server.text(77, f"{round_} in between")
        async with webhook(server, taken.take):
            await until(lambda: not server.waiting)
    assert list(dict.fromkeys(taken.texts)) == [
        "0 before polling",
        "0 in between",
        "1 before polling",
        "1 in between",
    ]
    assert server.violations == []


@pytest.mark.parametrize(
    "address", ["", "http://chat.example.org", "https://chat.example.org:8080", "https://"]
)
def test_an_address_that_telegram_cannot_post_to_is_named_before_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsTrouble, match="https"):
        load(token=TOKEN, webhook=True, public_url=address)


def test_without_the_page_there_is_nothing_to_post_to(data: Path) -> None:
    result = run(
        "run",
        "--no-page",
        data=data,
        BOT_TOKEN=TOKEN,
        BOT_WEBHOOK="on",
        BOT_API_URL="http://127.0.0.1:9",
        BOT_PUBLIC_URL="http://127.0.0.1:9",
    )
    assert result.returncode == 3
    assert "BOT_WEBHOOK=off" in result.stderr


@pytest.mark.slow
async def test_five_kills_lose_no_signature_and_count_none_twice(
    server: TelegramServer, data: Path
) -> None:
    """Also answers are lost, so that what was recorded is posted again."""
    settings = webhook_settings()
    people = 120
    for chat in range(1, people + 1):
        server.forge(chat, "sign:xinjiang:fr")
    for death in range(6):
        with running(data, server.root, **settings) as bot:
            goal = people * (death + 1) // 6
            await server.until(lambda: len(server.confirmed) >= goal, what="posts")  # noqa: B023
            if server.posting is not None:
                server.posting.lost = 3
            if death < 5:
                bot.kill()
                continue
            # All may have been taken before: a stop must not meet a program that only begins.
            await asyncio.to_thread(bot.has_said, "telegram_webhook_set")
            await server.until(lambda: not server.waiting, what="all to be taken")
            await server.answered_all(people)
            assert await asyncio.to_thread(bot.stop) == 0
    assert number(data, "select count(*) from signatures") == people
    assert number(data, "select count(*) from supporters") == people
    assert len(set(server.confirmed)) == len(server.confirmed) == people


@pytest.mark.slow
async def test_a_disk_that_cannot_be_written_answers_503_and_later_takes_all(
    server: TelegramServer, data: Path
) -> None:
    """Held by somebody else: the same way as a full disk."""
    with running(data, server.root, **webhook_settings()) as bot:
        await asyncio.to_thread(bot.has_said, "telegram_webhook_set")
        held = sqlite3.connect(data / "campaign.sqlite3", isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        assert server.posting is not None
        server.start(77, "mamat")
        await server.until(
            lambda: bool(
                server.posting and any(one.status == 503 for one in server.posting.posted)
            ),
            what="a refusal",
        )
        assert len(server.waiting) == 1
        held.execute("ROLLBACK")
        held.close()
        shown = await server.answer(77)
        assert "1/7" in shown.text
        assert await asyncio.to_thread(bot.stop) == 0
    assert "updates_not_taken" in bot.log
    assert rows(data, "select count(*) from events_seen") == [(1,)]


def webhook_settings() -> dict[str, str]:
    port = str(free_port())
    return {
        "BOT_WEBHOOK": "on",
        "BOT_PORT": port,
        "BOT_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
