"""A queue of events, and one transaction for all of them that wait.

``Engine.take`` returns after the commit that holds everything its events caused; only then may a
channel acknowledge them to its platform. Many callers share a transaction: whatever has come while
one is being written makes up the next.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.burst_guard import BurstGuard
from bot.campaign.channel import Deliver, Exchange
from bot.campaign.events import Event, Unreadable
from bot.campaign.network_guard import NetworkGuard
from bot.clock import Clock, utc_now
from bot.engine import batch_writing
from bot.engine.answering import EngineContext, answer, give_up
from bot.engine.batch import Batch
from bot.engine.clearing import Clearing
from bot.engine.desk_protocol import DeskSession
from bot.engine.talking import Talking
from bot.keys import Keys, KeysMissing, KeyUnreadable
from bot.logs import place
from bot.meters import Meters
from bot.store import key_marks
from bot.store.database import Database, DatabaseTrouble
from bot.store.notifier import NewSigners

log = structlog.get_logger()

EVENTS_AT_ONCE = 300

NOT_POISON = (
    OperationalError,
    InterfaceError,
    OSError,
    MemoryError,
    KeysMissing,
    KeyUnreadable,
    DatabaseTrouble,
)
"""Failures of the machine (disk full, database locked or damaged), for which no event is to
blame."""


class EngineClosed(Exception):
    """The engine is stopping: what was not taken will be delivered again after the start."""


class Keeper(Protocol):
    """A channel that keeps its conversations in the store: its answers need no outbox."""

    name: str

    async def write(
        self, connection: AsyncConnection, exchanges: Sequence[Exchange], at: datetime
    ) -> Callable[[], None]:
        """Keep them in the transaction of all that they caused; what comes back is called after
        the commit, and must not raise."""


@dataclass(frozen=True, slots=True)
class _Call:
    events: Sequence[Event]
    recorded: asyncio.Future[None]

    def succeed(self) -> None:
        if not self.recorded.done():
            self.recorded.set_result(None)

    def fail(self, problem: BaseException) -> None:
        if not self.recorded.done():
            self.recorded.set_exception(problem)


class Engine:
    """Takes events of all channels. Use as ``async with``, or ``start`` and ``close`` it."""

    def __init__(
        self,
        store: Database,
        keys: Keys,
        context: EngineContext,
        deliver: Deliver,
        clock: Clock = utc_now,
        keeper: Keeper | None = None,
        talking: Talking | None = None,
        meters: Meters | None = None,
    ):
        """``deliver`` gets the messages after their commit; it must not wait nor raise.
        ``keeper`` is the channel that keeps its conversations itself; ``talking`` hears who
        writes."""
        self._store = store
        self._keys = keys
        self._context = context
        self._deliver = deliver
        self._clock = clock
        self._keeper = keeper
        self._talking = talking or Talking(clock)
        self._meters = meters or Meters()
        self._waiting: deque[_Call] = deque()
        self._arrived = asyncio.Event()
        self._closing = False
        self._guard = BurstGuard(context.campaign().burst_guard)
        self._network = NetworkGuard(context.campaign().network_guard)
        store.notifier.hear(NewSigners, self._guard_against)
        self._tasks: list[asyncio.Task[None]] = []
        self._marked: set[str] = set()
        """The petitions whose keys the database knows by their marks."""
        self._clearing = Clearing(store, keys, clock, lambda: context.campaign().retention)

    async def start(self) -> None:
        """Begin to work. Raises ``KeyTrouble`` where the keys are not those of the database."""
        petitions = set(self._context.campaign().petitions)
        async with self._store.writing() as connection:
            await key_marks.check(connection, self._keys, petitions)
        self._marked = petitions
        self._tasks = [asyncio.create_task(self._work()), asyncio.create_task(self._clearing.run())]

    async def close(self) -> None:
        """Record what was taken, and take no more."""
        self._closing = True
        self._arrived.set()
        if self._tasks:
            self._clearing.stop()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def take(self, events: Sequence[Event]) -> None:
        """Record and answer events; returns once all that they caused is committed.

        Raises where they could not be recorded (disk full, stopping) or will not be found again
        (the database is damaged): the channel must not acknowledge them, and may bring them all
        again, since what was recorded is not repeated.
        """
        for start in range(0, len(events), EVENTS_AT_ONCE):
            if self._closing or not self._tasks:
                raise EngineClosed("The bot is stopping.")
            call = _Call(
                events[start : start + EVENTS_AT_ONCE],
                asyncio.get_running_loop().create_future(),
            )
            began = self._meters.now()
            self._waiting.append(call)
            self._arrived.set()
            await call.recorded
            self._meters.recording.note(self._meters.now() - began)
        # Recorded in what was found damaged meanwhile: it has to come again.
        self._store.damage.check()

    async def _work(self) -> None:
        while not (self._closing and not self._waiting):
            self._arrived.clear()
            while self._waiting:
                await self._serve(self._next_calls())
            if not self._closing:
                await self._arrived.wait()

    def _next_calls(self) -> list[_Call]:
        calls = [self._waiting.popleft()]
        events = len(calls[0].events)
        while self._waiting and events + len(self._waiting[0].events) <= EVENTS_AT_ONCE:
            calls.append(self._waiting.popleft())
            events += len(calls[-1].events)
        return calls

    async def _serve(self, calls: list[_Call]) -> None:
        """Every call is told its end, whatever happens."""
        try:
            await self._record([event for call in calls for event in call.events])
        except NOT_POISON as problem:
            self._fail(calls, problem)
        except Exception as problem:
            log.error("batch_failed", reason=place(problem), events=_number(calls))
            await self._one_by_one(calls)
        else:
            for call in calls:
                call.succeed()

    async def _one_by_one(self, calls: list[_Call]) -> None:
        """One of these events cannot be written: find it, keep it, record the others."""
        while calls:
            try:
                for event in calls[0].events:
                    try:
                        await self._record([event])
                    except NOT_POISON:
                        raise
                    except Exception as problem:
                        log.error("event_failed", reason=place(problem), channel=event.channel)
                        await self._give_up(event, place(problem))
            except Exception as problem:
                # The rest as well: an event must not overtake one that will come again.
                self._fail(calls, problem)
                return
            calls.pop(0).succeed()

    async def _give_up(self, event: Event, reason: str) -> None:
        """Keep it as a dead letter; where even that fails, only that it came."""
        try:
            await self._record([event], given_up=reason)
        except NOT_POISON:
            raise
        except Exception as problem:
            log.error("event_not_kept", reason=place(problem), channel=event.channel)
            mark = hashlib.sha256(event.id.encode("utf-8", "surrogatepass")).hexdigest()[:32]
            trace = Unreadable(id=mark, channel=event.channel, address="", raw="", reason=reason)
            await self._record([trace], given_up=reason)

    async def _record(self, events: Sequence[Event], *, given_up: str = "") -> None:
        """One transaction for these events; ``given_up`` says why they are not answered."""
        campaign, now = self._context.campaign(), self._clock()
        self._guard.rule = campaign.burst_guard
        self._network.rule = campaign.network_guard
        async with self._store.writing() as connection:
            if new_petitions := campaign.petitions.keys() - self._marked:
                await key_marks.check(connection, self._keys, new_petitions)
            batch = await Batch.load(
                connection,
                self._keys,
                events,
                campaign,
                now,
                self._context.consent_version,
                strangers=bool(given_up),
                guard=self._guard,
                network=self._network,
                without_accounts=self._context.without_accounts,
                staff_of=self._context.staff_of,
                keeps=self._keeper.name if self._keeper else "",
            )
            session = await self._open_desk(connection, batch)
            for event in batch.events:
                if given_up:
                    give_up(self._context, batch, event, given_up)
                    continue
                for command in answer(self._context, batch, event, session):
                    if session is not None:
                        await session.settle(connection, event, command)
            outgoing = await batch_writing.write(connection, batch) if batch.events else []
            if session is not None:
                await session.finish(connection)
            tell = await self._keep(connection, batch)
            erases = batch.erases
        self._marked |= new_petitions
        self._meters.recorded(batch.events)
        if erases:
            self._clearing.erased()
        self._talking.note((p.pseudonym for p in batch.people.values() if p.changed), batch.now)
        self._note_signers(batch)
        if outgoing:
            self._deliver(outgoing)
        if tell is not None:
            tell()
        if session is not None and self._context.desk_sessions is not None:
            self._context.desk_sessions.wake()

    async def _keep(self, connection: AsyncConnection, batch: Batch) -> Callable[[], None] | None:
        if self._keeper is None or not batch.exchanges:
            return None
        return await self._keeper.write(connection, batch.exchanges, batch.now)

    async def _open_desk(self, connection: AsyncConnection, batch: Batch) -> DeskSession | None:
        """The desk, where one of these events is the staff's; it costs others nothing."""
        desk_sessions = self._context.desk_sessions
        if desk_sessions is None or not any(map(desk_sessions.concerns, batch.events)):
            return None
        return await desk_sessions.open(connection, batch.now)

    def _note_signers(self, batch: Batch) -> None:
        for (petition, lot), number in batch.lots.items():
            self._network.note(petition, lot, number, batch.now)
        for (petition, signer), number in batch.new_signers.items():
            self._store.notifier.tell(NewSigners(petition, signer, number, batch.now))

    def _guard_against(self, news: NewSigners) -> None:
        """Count who was never seen before; the beginning of a burst is told at once."""
        if self._guard.note((news.petition, news.signer), news.number, news.at):
            log.error("signatures_held", petition=news.petition, signer=news.signer.value)
            self._context.on_burst(news.petition, news.signer)

    def _fail(self, calls: Sequence[_Call], problem: Exception) -> None:
        log.error("events_not_recorded", reason=place(problem), events=_number(calls))
        self._meters.failed()
        for call in calls:
            call.fail(problem)


def _number(calls: Sequence[_Call]) -> int:
    return sum(len(call.events) for call in calls)
