"""A platform that takes its time, or answers by halves: everybody is answered, and nobody flooded.
Minutes are leapt over (``tests.leaping``); the server and its answers are real."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.recorded import number
from tests.telegram_server import TelegramServer
from tests.test_sender import House
from tests.test_sending_in_trouble import copies, in_trouble, said


def test_each_message_takes_a_quarter_of_a_minute_and_comes_once(data: Path) -> None:
    async def story(house: House, server: TelegramServer) -> None:
        server.fault("sendMessage", "slow", seconds=15, times=None)
        await house.say(*((chat, "Bonjour") for chat in range(1, 41)))
        assert await house.sender.finish(120)
        assert set(copies(server).values()) == {1}

    assert said(in_trouble(data, story)) == [], "slow is no trouble"
    assert number(data, "select count(*) from outbox") == 0


@pytest.mark.parametrize(("kind", "seconds"), [("cut", 0.0), ("slow", 25.0)])
def test_answers_by_halves_or_later_than_anybody_waits_are_copies_of_a_few(
    data: Path, kind: str, seconds: float
) -> None:
    async def story(house: House, server: TelegramServer) -> None:
        server.fault("sendMessage", kind, seconds=seconds, times=None)
        await house.say(*((chat, "Bonjour") for chat in range(1, 41)))
        await asyncio.sleep(300)
        server.heal()
        assert await house.sender.finish(60)
        assert all(1 <= got <= 3 for got in copies(server).values()), copies(server)

    lines = said(in_trouble(data, story))
    assert (lines[0], lines.count("sending_troubled")) == ("sending_troubled", 1)
    assert number(data, "select count(*) from outbox") == 0
