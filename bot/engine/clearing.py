"""What has gone by the clock or by an erasure leaves the database's log and file as well."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from bot.campaign.rules import Retention
from bot.clock import Clock
from bot.logs import place
from bot.store.database import Database
from bot.store.overdue import expire
from bot.store.people import erasing

log = structlog.get_logger()

PAUSE = timedelta(minutes=10)
"""Between two looks at what is to be deleted by the clock; after a failure, too."""
LOOK = 20.0
"""Seconds between two looks at whether the farewells of those who were erased have gone out."""
LARGE = 32_000_000
"""Bytes of a database from which writing it anew (0.2 s) would let supporters wait."""
SOON = timedelta(minutes=5)
WITHIN_THE_HOUR = timedelta(minutes=45)
"""How long a small and a large database wait after an erasure before they are written anew, so that
erasures share it: docs/privacy.md promises an hour."""


class Clearing:
    """Deletes by the clock while ``run`` runs, and clears away behind every erasure.

    The farewell to somebody who was erased is deleted after the erasure: only then is it over.
    """

    def __init__(self, store: Database, clock: Clock, retention: Callable[[], Retention]):
        self._store = store
        self._clock = clock
        self._retention = retention
        self._woken = asyncio.Event()
        self._stopping = False
        self._expired_at: datetime | None = None
        self._since: datetime | None = None
        self._log_emptied_at: tuple[int, bool] | None = None

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
            except Exception as problem:
                log.error("tidying_failed", reason=place(problem))
                pause = PAUSE.total_seconds()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), pause)
            self._woken.clear()

    async def _by_the_clock(self) -> None:
        now = self._clock()
        if self._expired_at is None or now - self._expired_at >= PAUSE:
            async with self._store.writing() as connection:
                await expire(connection, now, self._retention())
            self._expired_at = now

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
        self._since = self._since or now
        wait = WITHIN_THE_HOUR if self._store.size() > LARGE else SOON
        if now - self._since < wait or not await self._store.scrub():
            return
        self._since = now
        if not waits:
            async with self._store.writing() as connection:
                await erasing.cleared(connection, erasures)
