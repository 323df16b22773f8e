"""What became of messages, gathered for a moment and written together."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.keys import Keys
from bot.pauses import Pauses
from bot.store import outbox
from bot.store.database import Database
from bot.store.people import supporters

log = structlog.get_logger()

EVERY = 0.05
"""Seconds over which results are gathered into one transaction."""
LONGEST_PAUSE = 60.0


class Results:
    """Notes what was sent, what waits for another try, and who is gone; ``record`` writes it."""

    def __init__(self, store: Database, keys: Keys, clock: Clock):
        """Writes to this store; finds supporters by these keys."""
        self._store = store
        self._clock = clock
        self._keys = keys
        self._done: list[int] = []
        self._again: list[tuple[int, datetime | None]] = []
        self._uncounted: list[int] = []
        self._counted: list[asyncio.Event] = []
        self._gone: list[bytes] = []
        self._noted = asyncio.Event()
        self._written = asyncio.Event()
        self._written.set()

    def done(self, message: int) -> None:
        """The message was sent, or never will be: it leaves the outbox."""
        self._done.append(message)
        self._note()

    def again(self, message: int, pause: float) -> None:
        """The message may have arrived, and waits so many seconds for another try."""
        self._again.append((message, self._clock() + timedelta(seconds=pause)))
        self._note()

    async def counted(self, message: int, pause: float) -> None:
        """The same of a try that is still to come; return when it is on record."""
        on_record = asyncio.Event()
        self._counted.append(on_record)
        self.again(message, pause)
        await on_record.wait()

    def uncounted(self, message: int) -> None:
        """The try that was counted has not arrived."""
        self._uncounted.append(message)
        self._note()

    def gone(self, channel: str, address: str) -> None:
        """The supporter blocked the bot or does not exist any more."""
        self._gone.append(self._keys.pseudonym(channel, address))
        self._note()

    def _note(self) -> None:
        self._written.clear()
        self._noted.set()

    async def written(self) -> None:
        """Return when everything noted so far is on record."""
        await self._written.wait()

    async def record(self) -> None:
        """Write until cancelled; what could not be written is kept and tried again."""
        pauses = Pauses(1.0, LONGEST_PAUSE)
        while True:
            await self._noted.wait()
            await asyncio.sleep(EVERY)
            self._noted.clear()
            try:
                await self._write()
            except Exception as problem:
                # What is still on record as waiting goes out twice after a crash: never lost.
                pause = pauses.next()
                log.error("results_not_recorded", kind=type(problem).__name__, pause=pause)
                self._noted.set()
                await asyncio.sleep(pause)
                continue
            pauses.over()
            if not self._noted.is_set():
                self._written.set()

    async def _write(self) -> None:
        done, again, gone = len(self._done), len(self._again), len(self._gone)
        uncounted, counted = len(self._uncounted), len(self._counted)
        async with self._store.writing() as connection:
            await outbox.again(connection, self._again[:again])
            await outbox.uncounted(connection, self._uncounted[:uncounted])
            await outbox.done(connection, self._done[:done])
            if gone:
                await supporters.ended(connection, self._gone[:gone], self._clock())
        del self._done[:done], self._again[:again], self._gone[:gone]
        del self._uncounted[:uncounted]
        for on_record in self._counted[:counted]:
            on_record.set()
        del self._counted[:counted]
