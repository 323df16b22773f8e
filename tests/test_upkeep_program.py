"""What the bot does unasked, seen once in the running program.

The clock of a program cannot be moved, but its campaign can live where it is noon now, and what is
on record can be older than it is.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.store.schema import Moment, metadata
from tests.content_builder import ContentFolder
from tests.program import running
from tests.recorded import number, rows
from tests.shipped import CONTENT
from tests.telegram_server import TelegramServer

pytestmark = pytest.mark.slow


def where_it_is(hour: int) -> str:
    """A time zone in which the clock shows that hour now."""
    ahead = (hour - datetime.now(UTC).hour) % 24
    # Of these zones "+3" is three hours behind UTC.
    return f"Etc/GMT{(24 - ahead if ahead > 12 else -ahead):+d}"


def content_at(hour: int, place: Path) -> Path:
    """The shipped content, with a milestone and an alarm that few people reach."""
    content = ContentFolder(Path(shutil.copytree(CONTENT, place)))
    for old, new in {
        "time_zone: Europe/Paris": f"time_zone: {where_it_is(hour)}",
        "milestones: [100,": "milestones: [2, 100,",
        "burst_guard: {signatures: 200,": "burst_guard: {signatures: 3,",
    }.items():
        content.change("cases.yaml", old, new)
    return content.path


def grow_older(data: Path, by: timedelta) -> None:
    """All that is on record happened so much earlier."""
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, Moment):
                back = by // timedelta(milliseconds=1)
                change(
                    data, f'update "{table.name}" set "{column.name}" = "{column.name}" - {back}'
                )


def make_due(data: Path) -> None:
    """The reminders' time came an hour ago."""
    due = datetime.now(UTC) - timedelta(hours=1)
    change(data, f"update reminders set due = {round(due.timestamp() * 1000)}")


def change(data: Path, statement: str) -> None:
    database = sqlite3.connect(data / "campaign.sqlite3")
    with database:
        database.execute(statement)
    database.close()


async def met(server: TelegramServer, *chats: int) -> None:
    """These come for the first time, and are answered."""
    for chat in chats:
        server.start(chat, "mamat")
    await server.until(lambda: all(server.answered[chat] for chat in chats), what="answers")


async def done(server: TelegramServer, *presses: tuple[int, str]) -> None:
    """Each of these presses that button; all that it causes is on record."""
    for chat, data in presses:
        server.forge(chat, data)
    await server.until(lambda: not server.waiting, what="all to be acknowledged")


async def test_a_reminder_a_milestone_a_drift_and_an_alarm(
    server: TelegramServer, data: Path, tmp_path: Path
) -> None:
    reminded, reader, signer, owner, analyst = 1, 2, 3, 111, 222
    crowd = range(11, 17)
    settings = {
        "BOT_CONTENT": str(content_at(12, tmp_path / "content")),
        "BOT_STAFF": f"{owner}=owner,{analyst}=analyst",
    }
    server.meet(owner, 1)
    server.meet(analyst, 1)
    with running(data, server.root) as bot:
        await met(server, reminded, reader, signer)
        await done(
            server,
            (reminded, "remind:mamat:letter:tomorrow"),
            (reader, "topic:cases:on"),
            (reader, "sign:xinjiang:fr"),
            (signer, "sign:xinjiang:fr"),
        )
        assert await asyncio.to_thread(bot.stop) == 0
    before = dict(server.answered)

    make_due(data)
    change(data, "update published set value = 0")  # as at the next full hour
    change(data, "update counters set value = 7 where name = 'signatures:account:xinjiang'")
    with running(data, server.root, **settings) as bot:
        shown = await server.answer(reminded, before[reminded])
        assert "Un rappel, comme vous l’aviez demandé" in shown.text
        shown = await server.answer(reader, before[reader])
        assert "2 signatures par messagerie" in shown.text
        await asyncio.to_thread(bot.has_said, '"recounted"')
        assert "counters_drifted" in bot.log
        counted = "select value from counters where name = 'signatures:account:xinjiang'"
        assert number(data, counted) == 2

        await met(server, *crowd)
        await done(server, *((chat, "sign:xinjiang:fr") for chat in crowd))
        alarm = await server.answer(owner)
        assert "Beaucoup de signatures" in alarm.text
        assert await asyncio.to_thread(bot.stop) == 0

    assert server.answered[reminded] == before[reminded] + 1
    assert server.answered[signer] == before[signer], "only who wants news is told a milestone"
    assert not server.answered[analyst], "the alarm is for those who may decide"
    assert "upkeep_failed" not in bot.log


async def test_who_is_silent_for_a_year_is_told_and_a_month_later_nothing_is_left(
    server: TelegramServer, data: Path, tmp_path: Path
) -> None:
    settings = {"BOT_CONTENT": str(content_at(12, tmp_path / "content"))}
    with running(data, server.root) as bot:
        await met(server, 1)
        await done(server, (1, "remind:mamat:letter:tomorrow"))
        assert await asyncio.to_thread(bot.stop) == 0
    before = server.answered[1]

    grow_older(data, timedelta(days=340))
    with running(data, server.root, **settings) as bot:
        told = await server.answer(1, before)
        assert "vont être effacées" in told.text
        await asyncio.to_thread(bot.has_said, '"recounted"')
        assert "reminders_too_late" in bot.log
        assert rows(data, "select * from reminders") == []
        assert number(data, "select count(*) from supporters") == 1
        assert await asyncio.to_thread(bot.stop) == 0

    grow_older(data, timedelta(days=31))
    with running(data, server.root, **settings) as bot:
        await asyncio.to_thread(bot.has_said, '"purged"')
        assert number(data, "select count(*) from supporters") == 0
        assert await asyncio.to_thread(bot.stop) == 0
    assert server.answered[1] == before + 1


async def test_at_night_nobody_is_written_to_and_the_counters_are_proven(
    server: TelegramServer, data: Path, tmp_path: Path
) -> None:
    """Started before three o'clock, it recounts and leaves the rest of the night's work."""
    settings = {"BOT_CONTENT": str(content_at(1, tmp_path / "content"))}
    with running(data, server.root) as bot:
        await met(server, 1)
        await done(server, (1, "remind:mamat:letter:tomorrow"))
        assert await asyncio.to_thread(bot.stop) == 0
    before = server.answered[1]

    make_due(data)
    with running(data, server.root, **settings) as bot:
        await asyncio.to_thread(bot.has_said, '"recounted"')
        await met(server, 2)
        assert await asyncio.to_thread(bot.stop) == 0
    assert server.answered[1] == before
    assert number(data, "select count(*) from reminders") == 1
