"""What becomes of a broadcast's messages, put on record together with whom is sent to next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.pauses import Pauses
from bot.store.broadcasts import deliveries
from bot.store.broadcasts.deliveries import Ended, Fate, Recipient
from bot.store.database import Database
from bot.store.people.supporters import ended

log = structlog.get_logger()

_T = TypeVar("_T")
Reached = Callable[[AsyncConnection, Sequence[Ended]], Awaitable[None]]
LONGEST_PAUSE = 30.0


class DeliveryResults:
    """Of one broadcast: what has landed and is not written yet."""

    def __init__(self, store: Database, number: int, reached: Reached, clock: Clock):
        """``number``: the broadcast's. ``reached`` is told, in the transaction that puts it on
        record, of what has come to its end."""
        self._store = store
        self._number = number
        self._reached = reached
        self._clock = clock
        self._ends: list[Ended] = []
        self._back: list[tuple[bytes, Fate]] = []
        self._gone: list[bytes] = []

    @property
    def unwritten(self) -> int:
        """How many messages have landed since the last ``exchange``."""
        return len(self._ends) + len(self._back)

    def end(self, whose: bytes, fate: Fate, ref: str | None = None) -> None:
        """Nothing more is to be done about this recipient; ``ref`` names their message."""
        self._ends.append(Ended(whose, fate, int(self._clock().timestamp()), ref))

    def gone(self, whose: bytes) -> None:
        """The recipient has left the platform or blocked the bot: subscriptions end as well."""
        self._gone.append(whose)
        self.end(whose, Fate.BLOCKED)

    def put_back(self, whose: bytes, fate: Fate) -> None:
        """The recipient's turn comes again."""
        self._back.append((whose, fate))

    async def exchange(self, lot: list[Recipient]) -> None:
        """Write what has landed and claim the next, in one transaction."""
        if lot or self._ends or self._back:
            await insist(lambda: self._write(lot))

    async def _write(self, lot: list[Recipient]) -> None:
        ends, back, gone = len(self._ends), len(self._back), len(self._gone)
        async with self._store.writing() as connection:
            await deliveries.end(connection, self._number, self._ends[:ends])
            await self._reached(connection, self._ends[:ends])
            for fate in (Fate.QUEUED, Fate.AGAIN):
                returned = [whose for whose, meant in self._back[:back] if meant is fate]
                await deliveries.put_back(connection, self._number, returned, fate)
            await deliveries.claim(connection, self._number, [one.pseudonym for one in lot])
            if gone:
                await ended(connection, self._gone[:gone], self._clock())
        del self._ends[:ends], self._back[:back], self._gone[:gone]


async def insist(work: Callable[[], Awaitable[_T]]) -> _T:
    """Until the database can be used again (a full disk): nothing is sent meanwhile."""
    pauses = Pauses(0.5, LONGEST_PAUSE)
    while True:
        try:
            return await work()
        except Exception as problem:
            pause = pauses.next()
            log.error("broadcast_not_recorded", kind=type(problem).__name__, pause=pause)
            await asyncio.sleep(pause)
