"""What has gone by the clock or by an erasure leaves the database's log and file as well."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.rules import Retention
from bot.clock import Clock
from bot.keys import Keys
from bot.logs import place
from bot.store.database import Database
from bot.store.overdue import expire
from bot.store.people import erasing, supporters, web_turns
from bot.store.people.web_turns import Place

log = structlog.get_logger()

PAUSE = timedelta(minutes=10)
"""Between two looks at what is to be deleted by the clock."""
AFTER_A_FAILURE = 60.0
"""Seconds. The log has to be emptied also where somebody else was writing for long."""
LOOK = 20.0
"""Seconds between two looks. The log tells, for as long as it is not emptied, what was written
together and in which order."""
SMALL = 8_000_000
"""Bytes of a database that is written anew in some hundredths of a second."""
LARGE = 32_000_000
"""Bytes of a database from which writing it anew (0.2 s) would let supporters wait."""
AT_ONCE = timedelta(minutes=1)
SOON = timedelta(minutes=5)
WITHIN_THE_HOUR = timedelta(minutes=45)
"""How long a database of each size waits after an erasure before it is written anew, so that
erasures share it: docs/privacy.md promises an hour."""
PAGE = 500
"""Rows that are looked through at once: some milliseconds, in which nobody is answered."""
A_DAY = timedelta(hours=25)
"""Older turns have had their end: what they tell lasts a day, and they are known by their hour."""


class Clearing:
    """Deletes by the clock while ``run`` runs, clears away behind every erasure, and takes away
    what tells the order of writing: the log, and, in a database that is not large, the places of
    rows within their pages. A large one is written anew at night (upkeep).

    The farewell to somebody who was erased is deleted after the erasure: only then is it over.
    A clock that is set back does not put anything off: what was done "later" counts as done now.
    """

    def __init__(
        self, store: Database, keys: Keys, clock: Clock, retention: Callable[[], Retention]
    ):
        self._store = store
        self._keys = keys
        self._clock = clock
        self._retention = retention
        self._woken = asyncio.Event()
        self._stopping = False
        self._expired_at: datetime | None = None
        self._turns_ended_at: datetime | None = None
        self._since: datetime | None = None
        self._log_emptied_at: tuple[int, bool] | None = None
        self._written_since: datetime | None = None

    def erased(self) -> None:
        """Somebody was forgotten: what was theirs still stands in the log and in the file."""
        self._woken.set()

    def stop(self) -> None:
        """Let ``run`` end after what it is at."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Look at once and then again and again, until ``stop``."""
        while not self._stopping:
            pause = LOOK
            try:
                if self._store.leader.leads:
                    await self._by_the_clock()
                    await self.look()
                    await self._take_away_order()
            except Exception as problem:
                log.error("tidying_failed", reason=place(problem))
                pause = AFTER_A_FAILURE
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), pause)
            self._woken.clear()

    async def _by_the_clock(self) -> None:
        now, kept = self._clock(), self._retention
        if self._expired_at is None or not timedelta() <= now - self._expired_at < PAUSE:
            async with self._store.writing() as connection:
                await expire(connection, now, kept())
            await self._end_answers(now - timedelta(hours=kept().drafts_hours))
            await self._end_turns(now)
            self._expired_at = now

    async def _end_answers(self, before: datetime) -> None:
        """What was told by that time goes also where its supporter came again since."""
        after: bytes | None = b""
        while after is not None and not self._stopping:
            async with self._store.writing() as connection:
                ended, after = await supporters.end_answers(
                    connection, self._keys, before, after=after, limit=PAGE
                )
                await self._left(connection, ended)

    async def _end_turns(self, now: datetime) -> None:
        """What tells an answer in the chat page's turns goes with it."""
        before = self._turns_ended_at
        anew = before is None or before > now
        since = datetime.fromtimestamp(0, UTC) if anew or before is None else before - A_DAY
        after: Place | None = (b"", 0)
        while after is not None and not self._stopping:
            async with self._store.writing() as connection:
                ended, after = await web_turns.end(
                    connection, self._keys, now, since, after=after, limit=PAGE
                )
                await self._left(connection, ended)
        if after is None:
            self._turns_ended_at = now

    async def _left(self, connection: AsyncConnection, ended: int) -> None:
        if ended:
            await erasing.left_something(connection)

    async def _take_away_order(self) -> None:
        now = self._clock()
        if self._store.log_size():
            self._written_since = min(self._written_since or now, now)
            await self._store.checkpoint()
        size = self._store.size()
        if self._written_since is None or size > LARGE:
            return
        wait = AT_ONCE if size <= SMALL else SOON
        if now - self._written_since >= wait and await self._store.scrub():
            self._written_since = None

    async def look(self) -> None:
        """Clear away what can be by now."""
        async with self._store.reading() as connection:
            erasures = await erasing.not_cleared(connection)
            waits = erasures > 0 and await erasing.farewell_waits(connection)
        if not erasures:
            self._since = self._log_emptied_at = None
            return
        if (erasures, waits) != self._log_emptied_at and await self._store.checkpoint():
            self._log_emptied_at = erasures, waits
        now = self._clock()
        self._since = min(self._since or now, now)
        wait = WITHIN_THE_HOUR if self._store.size() > LARGE else SOON
        if now - self._since < wait or not await self._store.scrub():
            return
        self._since = now
        self._written_since = None
        if not waits:
            async with self._store.writing() as connection:
                await erasing.cleared(connection, erasures)
