"""The real program while the machine's clock jumps by two days, there and back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.faults.recorded_disk import built, compiler
from tests.program import run, running
from tests.recorded import number, rows
from tests.telegram_server import TelegramServer

WAITING = "select count(*) from outbox"
TWO_DAYS = 2 * 24 * 3600

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(compiler() is None, reason="the wrong clock is made with a C compiler"),
]


@pytest.mark.parametrize("first", [TWO_DAYS, -TWO_DAYS], ids=["ahead", "behind"])
async def test_nobody_is_lost_or_counted_twice_while_the_clock_jumps_there_and_back(
    server: TelegramServer, data: Path, tmp_path: Path, first: int
) -> None:
    wrong = tmp_path / "seconds"
    wrong.write_text("0")
    settings = {
        "LD_PRELOAD": str(built(tmp_path, "clock.c")),
        "FAULTS_CLOCK": str(wrong),
    }
    people = iter(range(1, 100))
    with running(data, server.root, **settings) as bot:
        for ahead in (0, first, 0, -first, 0):
            wrong.write_text(str(ahead))
            for _ in range(3):
                who = next(people)
                server.start(who, "mamat")
                server.forge(who, "sign:xinjiang:fr")
                server.forge(1, "sign:xinjiang:fr")
            await server.until(lambda: not server.waiting, 120, "all to be taken")
        await server.answered_all(15, seconds=120)
        await server.until(lambda: not number(data, WAITING), 120, "all to be sent")
        assert await asyncio.to_thread(bot.stop) == 0
    assert number(data, "select count(*) from signatures") == 15
    assert number(data, "select count(*) from supporters") == 15
    assert number(data, "select count(*) from dead_letters") == 0
    assert "Traceback" not in bot.log
    assert '"level": "error"' not in bot.log
    days = {str(day) for (day,) in rows(data, "select distinct day from signatures")}
    assert len(days) == 3, "the clock was really wrong"
    assert (await asyncio.to_thread(run, "recount", "--only-look", data=data)).returncode == 0
