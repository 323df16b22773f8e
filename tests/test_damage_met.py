"""Damage met by a running bot: it takes nothing more, says what to do, and ends for good.

Nobody is told that something failed here: what they wrote waits at the platform.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from bot.store.database import DatabaseDamaged
from bot.store.sqlite.damage import is_damage
from bot.store.sqlite.database import SqliteDatabase
from bot.store.sqlite.refusals import unusable
from tests import house
from tests.program import running
from tests.supporter import Supporter
from tests.telegram_server import TelegramServer

pytestmark = pytest.mark.slow

PAGE = 4096
GARBAGE = os.urandom(PAGE)
NEVER_CLOSED: list[int] = []
"""Closing the file would drop, as POSIX has it, all locks of this process on it, SQLite's too."""


def damage(data: Path, table: str) -> None:
    """Write garbage over the first page of a table, and have the bot look at its pages anew."""
    with closing(sqlite3.connect(data / "campaign.sqlite3")) as raw:
        raw.execute("pragma wal_checkpoint(truncate)")
        ((root,),) = raw.execute("select rootpage from sqlite_master where name = ?", [table])
        file = os.open(data / "campaign.sqlite3", os.O_WRONLY)
        NEVER_CLOSED.append(file)
        os.pwrite(file, GARBAGE, (root - 1) * PAGE)
        # Another's change makes each connection forget the pages that it has in memory.
        ((version,),) = raw.execute("pragma user_version")
        raw.execute(f"pragma user_version = {version + 1}")


@pytest.mark.parametrize("table", ["supporters", "signatures", "counters", "outbox"])
async def test_the_bot_stops_taking_updates_and_ends_for_its_operator(
    server: TelegramServer, data: Path, table: str
) -> None:
    with running(data, server.root) as bot:
        alice = Supporter(server, 77)
        await alice.starts("mamat")
        await server.until(lambda: not server.waiting)
        sent = server.answered.total()
        damage(data, table)
        server.start(78, "akber")
        server.forge(79, "sign:xinjiang:fr")
        waiting = list(server.waiting)
        assert await asyncio.to_thread(bot.process.wait, 60) == 8
        # What was on its way was taken before the damage was met; the last word is the platform's.
        assert server.waiting == waiting
        assert server.answered.total() == sent
    assert '"event": "database_damaged"' in bot.log
    last = bot.log.splitlines()[-1]
    assert "campaign.sqlite3 cannot be used" in last
    assert "put a backup in its place" in last
    assert "Traceback" not in bot.log


async def test_who_is_answered_before_is_not_taken_for_failed(data: Path) -> None:
    """Also where only one of many events would meet it."""
    async with house.house(data) as bot:
        await bot.start("1")
        said = dict(bot.said)
        await asyncio.to_thread(damage, data, "signatures")
        with pytest.raises(DatabaseDamaged):
            await bot.take(*(bot.event(str(number)) for number in range(2, 30)))
        with pytest.raises(DatabaseDamaged):
            await bot.start("1")
        assert bot.said == said


async def test_after_damage_was_met_nothing_is_read_or_written(data: Path) -> None:
    store = await SqliteDatabase.open(data)
    try:
        await asyncio.to_thread(damage, data, "milestones")
        with pytest.raises(DatabaseDamaged):
            async with store.reading() as connection:
                await connection.execute(text("select * from milestones"))
        for room in (store.reading, store.writing):
            with pytest.raises(DatabaseDamaged):
                async with room():
                    raise AssertionError("opened")
        for work in (store.checkpoint, store.scrub):
            with pytest.raises(DatabaseDamaged):
                await work()
        with pytest.raises(DatabaseDamaged, match="backup"):
            await asyncio.wait_for(store.damage.met(), 5)
    finally:
        await store.close()


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("SQLITE_CORRUPT", True),
        ("SQLITE_CORRUPT_INDEX", True),
        ("SQLITE_NOTADB", True),
        ("SQLITE_IOERR_READ", True),
        ("SQLITE_IOERR_FSYNC", True),
        ("SQLITE_FULL", False),
        ("SQLITE_BUSY", False),
        ("SQLITE_LOCKED", False),
        ("SQLITE_IOERR_WRITE", False),
        ("SQLITE_ERROR", False),
    ],
)
def test_a_full_disk_and_a_held_database_are_no_damage(name: str, is_one: bool) -> None:
    cause = sqlite3.OperationalError("what SQLite said")
    cause.sqlite_errorname = name
    wrapped = OperationalError("SELECT 1", {}, cause)
    later = RuntimeError("while something else was done")
    later.__cause__ = wrapped
    assert [is_damage(problem) for problem in (cause, wrapped, later)] == [is_one] * 3
    assert isinstance(unusable("file", wrapped), DatabaseDamaged) is is_one
