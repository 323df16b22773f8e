"""Ten thousand people sign at once, in any order, some of them twice, answers are lost and the
process dies on the way: each counts once and everybody is answered."""

from __future__ import annotations

import asyncio
import random
from functools import partial
from pathlib import Path

import pytest

from tests.program import running
from tests.recorded import number
from tests.telegram_server import TelegramServer

PEOPLE, AGAIN = 10_000, 1_000


def fewer(server: TelegramServer, than: int) -> bool:
    return len(server.waiting) < than


@pytest.mark.slow
async def test_ten_thousand_shuffled_and_repeated_updates_count_once(data: Path) -> None:
    async with TelegramServer(checks=False, record=False) as server:
        chance = random.Random(14)
        people = [*range(1, PEOPLE + 1), *chance.sample(range(1, PEOPLE + 1), AGAIN)]
        chance.shuffle(people)
        for chat in people:
            server.forge(chat, "sign:xinjiang:fr")
        # What was given out comes again where the answer was lost, or came without its end.
        for kind in ("drop after", "cut"):
            server.fault("getUpdates", kind, times=5)
        for _ in range(2):
            with running(data, server.root) as bot:
                half = len(server.waiting) // 2
                await server.until(partial(fewer, server, half), 300, "the half")
                bot.kill()
        with running(data, server.root, BOT_RATE="100000") as bot:
            await server.until(lambda: not server.waiting, 300, "all to be taken")
            await server.answered_all(PEOPLE, seconds=300)
            assert await asyncio.to_thread(bot.stop) == 0
    assert number(data, "select count(*) from signatures") == PEOPLE
    assert number(data, "select count(*) from supporters") == PEOPLE
    assert number(data, "select count(*) from dead_letters") == 0
    counted = number(data, "select count(*) from signatures where state != 'pending'")
    assert number(data, "select value from counters where name like 'signatures:%'") == counted
