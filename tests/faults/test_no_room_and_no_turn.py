"""The disk is full, or somebody else holds the database: nothing is acknowledged meanwhile, the log
says so once, and everybody is answered when it is over."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.recorded_disk import built, compiler
from tests.program import environment, running
from tests.recorded import number
from tests.telegram_server import TelegramServer


@pytest.mark.slow
@pytest.mark.skipif(
    compiler() is None or not Path("/proc/self/fd").exists(),
    reason="a disk without room is made with Linux and a C compiler",
)
async def test_while_the_disk_is_full_nothing_is_acknowledged_and_then_all_is(
    server: TelegramServer, data: Path, tmp_path: Path
) -> None:
    full = tmp_path / "full"
    environment(data)
    settings = {
        "LD_PRELOAD": str(built(tmp_path)),
        "FAULTS_WATCH": str(data.resolve()),
        "FAULTS_FULL": str(full),
    }
    with running(data, server.root, **settings) as bot:
        server.start(1, "mamat")
        await server.answer(1, seconds=120)
        await server.until(lambda: not server.waiting, 120)
        full.touch()
        for chat in range(2, 12):
            server.forge(chat, "sign:xinjiang:fr")
        waiting = list(server.waiting)
        await asyncio.to_thread(bot.has_said, "updates_not_taken")
        assert server.waiting == waiting
        assert set(server.answered) == {1}, "nobody is told what is not on record"
        full.unlink()
        await server.until(lambda: not server.waiting, 120, "all to be taken")
        await server.answered_all(11)
        assert await asyncio.to_thread(bot.stop) == 0
    assert number(data, "select count(*) from signatures") == 10
    assert number(data, "select count(*) from dead_letters") == 0
    assert bot.log.count('"event": "updates_not_taken"') == 1
    assert "Traceback" not in bot.log


@pytest.mark.slow
async def test_a_database_that_is_held_for_half_a_minute_loses_nothing(
    server: TelegramServer, data: Path
) -> None:
    with running(data, server.root) as bot:
        server.start(1, "mamat")
        await server.answer(1, seconds=120)
        await server.until(lambda: not server.waiting, 120)
        with closing(sqlite3.connect(data / "campaign.sqlite3", isolation_level=None)) as held:
            held.execute("BEGIN IMMEDIATE")
            for chat in range(2, 12):
                server.forge(chat, "sign:xinjiang:fr")
            waiting = list(server.waiting)
            await asyncio.sleep(30)
            assert server.waiting == waiting
            held.execute("ROLLBACK")
        await server.until(lambda: not server.waiting, 120, "all to be taken")
        await server.answered_all(11)
        assert await asyncio.to_thread(bot.stop) == 0
    assert number(data, "select count(*) from signatures") == 10
    assert number(data, "select count(*) from dead_letters") == 0
    assert bot.log.count('"event": "updates_not_taken"') == 1
