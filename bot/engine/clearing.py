"""What has gone by the clock or by an erasure leaves the database's log and file as well."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.campaign.rules import Retention
from bot.logs import place
from bot.store.database import Store
from bot.store.expiry import expire

log = structlog.get_logger()

PAUSE = 600.0
"""Seconds between two looks at what is to be deleted by the clock."""
SCRUB_SOON = 32_000_000
"""Bytes of a database that is written anew within minutes of an erasure (0.2 s); a larger one,
which would let supporters wait, at most once in ``SCRUB_PAUSE``."""
SCRUB_PAUSE = timedelta(hours=24)


class Clearing:
    """Deletes by the clock while ``run`` runs, and clears away behind every erasure."""

    def __init__(
        self, store: Store, clock: Callable[[], datetime], retention: Callable[[], Retention]
    ):
        self._store = store
        self._clock = clock
        self._retention = retention
        self._in_log = False
        self._in_file = False
        self._scrubbed_at: datetime | None = None

    def erased(self) -> None:
        """Somebody was forgotten: what was theirs still stands in the log and in the file."""
        self._in_log = self._in_file = True

    async def empty_log(self) -> None:
        """When nothing waits: what was erased leaves the write-ahead log."""
        if self._in_log:
            try:
                self._in_log = not await self._store.checkpoint()
            except Exception as problem:
                log.error("checkpoint_failed", reason=place(problem))

    async def run(self) -> None:
        """Delete by the clock, at once and then every few minutes."""
        while True:
            try:
                async with self._store.writing() as connection:
                    await expire(connection, self._clock(), self._retention())
                await self._scrub()
            except Exception as problem:
                log.error("tidying_failed", reason=place(problem))
            await asyncio.sleep(PAUSE)

    async def _scrub(self) -> None:
        """What was erased leaves the gaps of the database's pages as well."""
        now = self._clock()
        rested = self._scrubbed_at is None or now - self._scrubbed_at >= SCRUB_PAUSE
        if self._in_file and (rested or self._store.size() <= SCRUB_SOON):
            self._in_file = not await self._store.scrub()
            self._scrubbed_at = now
