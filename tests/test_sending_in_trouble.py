"""While Telegram does not answer: nobody is lost, nobody is flooded with copies, and one line says
so. Minutes are leapt over (``tests.leaping``); the server and its cut connections are real."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import update

from bot.store import tables
from tests.leaping import leaping
from tests.program import running
from tests.recorded import number
from tests.telegram_server import TelegramServer
from tests.test_sender import House, opened, texts

Lines = list[Any]


def copies(server: TelegramServer) -> Counter[int]:
    """How many times each chat has got something."""
    return Counter({chat: len(texts(server, chat)) for chat in range(1, 41)})


def in_trouble(
    data: Path,
    story: Callable[[House, TelegramServer], Awaitable[None]],
) -> Lines:
    """Play the story with forty supporters; what was logged meanwhile."""

    async def played() -> Lines:
        async with TelegramServer() as server:
            for chat in range(1, 41):
                server.text(chat, "Bonjour")
            with structlog.testing.capture_logs() as lines:
                async with opened(data, server.root, read_timeout=20.0) as house:
                    await story(house, server)
        return lines

    return leaping(played())


def said(lines: Lines) -> list[str]:
    return [line["event"] for line in lines if line["log_level"] != "debug"]


async def calm(house: House, within: float = 60.0) -> None:
    """Everything is sent within a minute; then the end of the trouble has been said, too."""
    assert await house.sender.finish(within)
    await asyncio.sleep(30)


@pytest.mark.parametrize(
    ("cut", "seconds", "people"),
    [
        ("drop after", 15, 40),
        ("drop after", 60, 40),
        ("drop after", 600, 40),
        ("drop after", 600, 1),
        ("drop before", 60, 40),
        ("mute", 60, 40),
    ],
)
def test_when_answers_come_again_everybody_is_answered_within_a_minute_in_three_copies_at_most(
    data: Path, cut: str, seconds: float, people: int
) -> None:
    async def story(house: House, server: TelegramServer) -> None:
        server.fault("sendMessage", cut, times=None)
        await house.say(*((chat, "Bonjour") for chat in range(1, people + 1)))
        await asyncio.sleep(seconds)
        server.heal()
        await calm(house)
        got = copies(server)
        assert all(1 <= got[chat] <= 3 for chat in range(1, people + 1)), got

    lines = in_trouble(data, story)
    assert said(lines) == ["sending_troubled", "sending_trouble_over"]
    assert lines[-1]["seconds"] <= seconds + 60
    assert lines[-1]["failures"] >= people
    assert number(data, "select count(*) from outbox") == 0


@pytest.mark.parametrize("seconds", [15, 60, 600])
def test_so_it_is_where_telegram_answers_everything_but_messages_to_people(
    data: Path, seconds: float
) -> None:
    async def story(house: House, server: TelegramServer) -> None:
        for chat in range(1, 41):
            server.fault("sendMessage", "drop after", times=None, chat=chat)
        await house.say(*((chat, "Bonjour") for chat in range(1, 41)))
        await asyncio.sleep(seconds)
        server.heal()
        await calm(house)
        assert all(1 <= count <= 3 for count in copies(server).values()), copies(server)

    assert said(in_trouble(data, story)) == ["sending_troubled", "sending_trouble_over"]


def test_who_writes_while_nothing_gets_through_is_answered_once(data: Path) -> None:
    async def story(house: House, server: TelegramServer) -> None:
        server.fault("sendMessage", "drop after", times=None)
        for chat in range(1, 41):
            await house.say((chat, "Bonjour"))
            await asyncio.sleep(3)
        server.heal()
        await calm(house)
        got = copies(server)
        assert all(1 <= count <= 3 for count in got.values()), got
        assert sum(got.values()) <= 40 + 5, "who came later only waited"

    assert said(in_trouble(data, story)) == ["sending_troubled", "sending_trouble_over"]


def test_four_minutes_in_which_telegram_is_unavailable_are_said_once_and_repeat_nothing(
    data: Path,
) -> None:
    async def story(house: House, server: TelegramServer) -> None:
        server.fault("sendMessage", "fail", times=None)
        await house.say(*((chat, "Bonjour") for chat in range(1, 41)))
        await asyncio.sleep(240)
        server.heal()
        await calm(house)
        assert set(copies(server).values()) == {1}

    lines = in_trouble(data, story)
    assert said(lines) == ["sending_troubled", "sending_trouble_over"]
    assert lines[0]["reason"] == "Telegram is unavailable"
    assert 240 <= lines[-1]["seconds"] <= 300


def test_a_connection_that_never_opens_is_no_try(data: Path) -> None:
    async def story(house: House, server: TelegramServer) -> None:
        await server.close()
        await house.say(*((chat, "Bonjour") for chat in range(1, 41)))
        await asyncio.sleep(600)
        assert number(data, "select sum(attempts) from outbox") == 0
        await server.open()
        await calm(house)
        assert set(copies(server).values()) == {1}

    assert said(in_trouble(data, story)) == ["sending_troubled", "sending_trouble_over"]


def test_a_message_that_fails_alone_keeps_nobody_waiting_and_is_repeated_ever_less_for_a_day(
    data: Path,
) -> None:
    async def story(house: House, server: TelegramServer) -> None:
        server.fault("sendMessage", "drop after", times=None, chat=1)
        await house.say((1, "Bonjour"))
        for chat, pause in enumerate([5, 70, 600, *[7200] * 12], start=2):
            await house.say((chat, "Bonjour"))
            await server.answer(chat)
            await asyncio.sleep(pause)
        got = copies(server)
        assert 5 <= got.pop(1) <= 8
        assert set(got.values()) <= {0, 1}

    lines = said(in_trouble(data, story))
    assert lines.count("sending_troubled") <= 2, "that nobody else gets anything is not known"
    assert lines[-1] == "messages_given_up"
    assert number(data, "select count(*) from outbox") == 0


def test_what_fails_again_and_again_does_not_hold_up_its_own_chat_for_long(data: Path) -> None:
    async def story(house: House, server: TelegramServer) -> None:
        server.fault("sendMessage", "drop after", times=3, chat=1)
        await house.say((1, "un"), (1, "deux"))
        await server.until(lambda: texts(server, 1)[-1:] == ["deux"])
        assert texts(server, 1) == ["un", "un", "un", "deux"]
        assert house.sender.backlog == 1
        assert await house.sender.finish(1000)

    in_trouble(data, story)


def test_after_a_day_a_message_answers_nothing_any_more(data: Path) -> None:
    async def cut(house: House, server: TelegramServer) -> None:
        server.fault("sendMessage", "drop before", times=None)
        await house.say(*((chat, "Bonjour") for chat in range(1, 41)))
        await asyncio.sleep(60)
        async with house.store.writing() as connection:
            yesterday = datetime.now(UTC) - timedelta(hours=25)
            await connection.execute(update(tables.outbox).values(created_at=yesterday))

    async def healed(house: House, server: TelegramServer) -> None:
        await house.say((7, "Bonsoir"))
        await calm(house)
        assert sum(copies(server).values()) == 1

    in_trouble(data, cut)
    assert said(in_trouble(data, healed)).count("messages_given_up") == 1
    assert number(data, "select count(*) from outbox") == 0


def test_lost_answers_here_and_there_are_one_trouble_with_one_beginning_and_one_end(
    data: Path,
) -> None:
    async def story(house: House, server: TelegramServer) -> None:
        for round_ in range(20):
            if round_ < 15:
                server.fault("sendMessage", "drop before", times=1, chat=round_ + 1)
                await house.say((round_ + 1, "Bonjour"))
            await asyncio.sleep(2)
        await calm(house)
        assert set(copies(server).values()) == {0, 1}

    assert said(in_trouble(data, story)) == ["sending_troubled", "sending_trouble_over"]


def test_starting_anew_again_and_again_in_the_trouble_does_not_begin_the_copies_anew(
    data: Path,
) -> None:
    async def story() -> None:
        async with TelegramServer() as server:
            server.text(7, "Bonjour")
            server.fault("sendMessage", "mute", times=None, chat=7)
            async with opened(data, server.root, read_timeout=20.0) as house:
                await house.say((7, "Bonjour"))
                await server.answer(7)
            for _ in range(20):
                # Cut off while the answer is awaited: nothing of this try was noted.
                async with opened(data, server.root, read_timeout=20.0) as house:
                    await asyncio.sleep(5)
            assert len(texts(server, 7)) <= 4

    leaping(story())
    assert number(data, "select attempts from outbox") >= 2, "it waits, and is not lost"


@pytest.mark.slow
async def test_the_program_answers_everybody_after_connections_were_cut_and_says_so_once(
    server: TelegramServer, data: Path
) -> None:
    people = range(1, 31)
    with running(data, server.root) as bot:
        server.start(99)
        await server.answer(99)
        for method in ("sendMessage", "sendPhoto"):
            server.fault(method, "drop after", times=None)
        for chat in people:
            server.start(chat)
        await server.until(lambda: "sending_troubled" in bot.log)
        await asyncio.sleep(6)
        server.heal()
        await server.until(lambda: number(data, "select count(*) from outbox") == 0, 60)
        await server.until(lambda: "sending_trouble_over" in bot.log, 60)
        assert bot.log.count("sending_troubled") == bot.log.count("sending_trouble_over") == 1
    for chat in people:
        shown = Counter(texts(server, chat))
        assert shown
        assert max(shown.values()) <= 3
