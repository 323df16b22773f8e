"""Some minutes of the bot's life as the real program, with a record of all that it did to its data
directory and of what its platform was told meanwhile."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.campaign.events import Event
from bot.channels.splitting import pieces
from bot.channels.telegram import events
from bot.keys import Keys
from tests import program
from tests.faults import recorded_disk
from tests.faults.recorded_disk import Act
from tests.house import PETITION
from tests.program import environment, running
from tests.shipped import ROOT
from tests.telegram_server import TelegramServer

SIGNERS, NAMED = range(1, 41), range(51, 61)
"""Who signs, and who comes by a link."""
LEAVING = range(1, 4)
"""Who signs and then has everything erased."""

ANOTHER = """
import sys
import bot.store.sqlite.database as room
room.WRITER_PRAGMAS = tuple(
    one.replace("synchronous = FULL", "synchronous = {0}") for one in room.WRITER_PRAGMAS
)
assert "PRAGMA synchronous = {0}" in room.WRITER_PRAGMAS
sys.argv = ["run_bot.py"]
from bot.cli.main import main
main()
"""
"""The program as it would be, had its database another way of flushing."""


class Platform(TelegramServer):
    """Remembers when it heard up to which update everything was taken."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[float, int]] = []

    async def _get_updates(self, params: Mapping[str, Any]) -> bytes:
        self.heard.append((time.monotonic(), int(params.get("offset") or 0)))
        return await super()._get_updates(params)


@dataclass(slots=True)
class Told:
    """What the platform knew at some moment."""

    taken: set[int] = field(default_factory=set)
    """Updates that it was told were taken, and forgot."""
    answered: set[int] = field(default_factory=set)
    """Chats that have got a message."""


@dataclass(slots=True)
class Life:
    """``updates`` by their numbers; ``acts`` on the directory that was like ``began``."""

    began: Path
    ended: Path
    acts: list[Act]
    updates: dict[int, dict[str, Any]]
    platform: Platform

    def told(self, before: float) -> Told:
        """What the platform knew before that moment."""
        heard = [number for at, number in self.platform.heard if at < before]
        behind = max(heard, default=0)
        answered = {
            int(asked.params["chat_id"])
            for asked in self.platform.requests
            if asked.at < before and asked.status == 200 and "chat_id" in asked.params
        }
        return Told({number for number in self.updates if number < behind}, answered)

    def events(self) -> dict[int, Event]:
        """What the bot makes of each update."""
        read = {}
        for number, update in self.updates.items():
            [piece] = pieces(orjson.dumps(update)) or []
            event = events.read(piece, "campagne_test_bot")
            assert event is not None
            read[number] = event
        return read

    def chat(self, number: int) -> int:
        """Whose update it is."""
        update = self.updates[number]
        asked = update.get("callback_query") or update["message"]
        return int(asked["from"]["id"])

    def erases(self, number: int) -> bool:
        """Whether it asks for everything to be erased."""
        return "forget" in str(self.updates[number].get("callback_query", {}).get("data", ""))


def watched(data: Path, place: Path, library: Path) -> dict[str, str]:
    """Variables that have all written down that is done to that directory, in ``place / "record"``;
    as it is now, it is kept in ``place / "began"``."""
    environment(data)
    shutil.copytree(data, place / "began")
    return {
        "LD_PRELOAD": str(library),
        "FAULTS_WATCH": str(data.resolve()),
        "FAULTS_RECORD": str(place / "record"),
    }


async def lived(place: Path, library: Path, synchronous: str = "FULL") -> Life:
    """A first start, people who sign and who come, an orderly end, a second start, people who sign
    and who leave, and a kill."""
    data = place / "data"
    data.mkdir(mode=0o700)
    settings = watched(data, place, library)
    updates: list[dict[str, Any]] = []
    platform = Platform()
    async with platform:
        with pytest.MonkeyPatch.context() as patch:
            if synchronous != "FULL":
                patch.setattr(
                    program, "PROGRAM", [sys.executable, "-c", ANOTHER.format(synchronous)]
                )
                settings["PYTHONPATH"] = str(ROOT)
            with running(data, platform.root, **settings) as bot:
                for first in range(1, 21, 2):
                    updates += [platform.forge(n, "sign:xinjiang:fr") for n in (first, first + 1)]
                    updates.append(platform.start(50 + (first + 1) // 2, "mamat"))
                    await taken(platform)
                assert await asyncio.to_thread(bot.stop) == 0
            with running(data, platform.root, **settings) as bot:
                for first in range(21, 41, 2):
                    updates += [platform.forge(n, "sign:xinjiang:fr") for n in (first, first + 1)]
                    await taken(platform)
                updates += [platform.forge(n, "forget:all") for n in LEAVING]
                await taken(platform)
                bot.kill()
    return Life(
        place / "began",
        data,
        recorded_disk.read(place / "record"),
        {update["update_id"]: update for update in updates},
        platform,
    )


async def taken(platform: Platform) -> None:
    """Everything so far was taken."""
    await platform.until(lambda: not platform.waiting, 120, "all to be taken")


@dataclass(slots=True)
class Found:
    """What stands in a database that was left behind."""

    is_sound: bool
    tables: bool
    signed: set[bytes] = field(default_factory=set)
    known: set[bytes] = field(default_factory=set)
    counted: int = 0
    waiting: set[bytes] = field(default_factory=set)


def found(place: Path) -> Found:
    """Read what stands there with SQLite alone, which first puts in order what a crash left."""
    file = place / "campaign.sqlite3"
    if not file.exists() or not file.stat().st_size:
        return Found(True, False)
    with closing(sqlite3.connect(file)) as raw:
        try:
            raw.execute("pragma synchronous = off")  # to look, not to keep
            if not raw.execute("select 1 from sqlite_master where name = 'outbox'").fetchall():
                return Found(True, False)
            told = Found(raw.execute("pragma integrity_check").fetchall() == [("ok",)], True)
            told.is_sound &= not raw.execute("pragma foreign_key_check").fetchall()
            told.signed = {one for (one,) in raw.execute("select pseudonym from signatures")}
            told.known = {one for (one,) in raw.execute("select pseudonym from supporters")}
            told.waiting = {one for (one,) in raw.execute("select pseudonym from outbox")}
            counted = raw.execute(
                f"select value from counters where name = 'signatures:account:{PETITION}'"
            ).fetchone()
            told.counted = counted[0] if counted else 0
        except sqlite3.DatabaseError:
            return Found(False, True)
    return told


def broken(life: Life, keys: Keys, told: Told, place: Path) -> list[str]:
    """Which promises do not hold in what was left behind; none, it is hoped."""
    now = found(place)
    if not now.is_sound:
        return ["the database is damaged"]
    problems = []
    erased = {life.chat(n) for n in told.taken if life.erases(n)}
    asked_to_leave = {life.chat(n) for n in life.updates if life.erases(n)}
    for number in told.taken:
        chat = life.chat(number)
        mark = keys.pseudonym("telegram", str(chat))
        signature = keys.petition_pseudonym(PETITION, "telegram", str(chat))
        if chat in erased:
            if mark in now.known or signature in now.signed:
                problems.append("somebody who was erased is there again")
        elif chat not in asked_to_leave:
            if chat in SIGNERS and signature not in now.signed:
                problems.append("a signature that was acknowledged is lost")
            if chat in NAMED and mark not in now.known:
                problems.append("a supporter who was acknowledged is lost")
            if chat not in told.answered and mark not in now.waiting:
                problems.append("an answer is lost")
    if len(now.signed) != now.counted:
        problems.append("the counter is not what the rows say")
    return problems
