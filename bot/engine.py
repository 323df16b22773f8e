"""Events in, one transaction, messages out.

``Engine.take`` returns after the commit that holds everything its events caused; only then may a
channel acknowledge them to its platform. Many callers share a transaction: whatever has come while
one is being written makes up the next.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Protocol, Self

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.broadcasting.acts import StaffAct
from bot.campaign.burst_guard import BurstGuard
from bot.campaign.content import Campaign
from bot.campaign.delivery import Outgoing
from bot.campaign.effects import Decide
from bot.campaign.events import Chose, Commanded, Event, Said, Showed, Started, Unreadable
from bot.campaign.messages import Markup, Message, Rendered
from bot.campaign.outcome import Outcome
from bot.campaign.supporter import Asked, Facts, Supporter
from bot.keys import Keys, KeysMissing, KeyUnreadable
from bot.store import key_marks
from bot.store.batch import Batch, Exchange
from bot.store.database import Store
from bot.store.expiry import expire
from bot.store.sitting import Backroom, Sitting

log = structlog.get_logger(__name__)

EVENTS_AT_ONCE = 300
TIDYING_PAUSE = 600.0
"""Seconds between two looks at what is to be deleted by the clock."""
SCRUB_SOON = 32_000_000
"""Bytes of a database that is written anew within minutes of an erasure (0.2 s); a larger one,
which would let supporters wait, at most once in ``SCRUB_PAUSE``."""
SCRUB_PAUSE = timedelta(hours=24)

NOT_POISON = (
    OperationalError,
    InterfaceError,
    OSError,
    MemoryError,
    KeysMissing,
    KeyUnreadable,
)
"""Failures of the machine (disk full, database locked), for which no event is to blame."""
IN_PRIVATE = (Started, Commanded, Said, Chose, Showed)
"""Events whose sender waits for an answer, and is told when there is none."""

Step = Callable[[Supporter, Event, Facts, Campaign, datetime], Outcome]
Render = Callable[[Message, str, Markup, str], Rendered]
Apology = Callable[[Event, Supporter, Campaign, datetime], Message]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What the engine lets the campaign say, and how.

    ``step`` answers an event; ``apology`` is said when that failed. ``render`` makes a message
    ready to send: message, language, markup, and the message that it replaces ("" for a new one).
    ``campaign`` gives the content of this moment. ``markup_of`` tells each channel's markup,
    ``bot_names`` its public bot name, ``web`` is the public root of the web part ("" without),
    ``compose`` where a channel's supporters reach the compose page, if not there.
    ``consent_version`` names the wording under which updates are taken. ``staff_of``: the role of
    whoever has that channel and address, "" for most; ``on_burst`` is told of a petition whose
    signatures begin to be held, and must not wait nor raise.
    """

    step: Step
    apology: Apology
    render: Render
    campaign: Callable[[], Campaign]
    markup_of: Mapping[str, Markup]
    bot_names: Mapping[str, str] = field(default_factory=dict)
    web: str = ""
    compose: Mapping[str, str] = field(default_factory=dict)
    consent_version: str = "1"
    staff_of: Callable[[str, str], str] = lambda channel, address: ""
    on_burst: Callable[[str], None] = lambda petition: None
    backroom: Backroom | None = None


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
        store: Store,
        keys: Keys,
        voice: Voice,
        deliver: Callable[[Sequence[Outgoing]], None],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        keeper: Keeper | None = None,
    ):
        """``deliver`` gets the messages after their commit; it must not wait nor raise.
        ``keeper`` is the channel that keeps its conversations itself."""
        self._store = store
        self._keys = keys
        self._voice = voice
        self._deliver = deliver
        self._clock = clock
        self._keeper = keeper
        self._waiting: deque[_Call] = deque()
        self._arrived = asyncio.Event()
        self._closing = False
        self._guard = BurstGuard(voice.campaign().burst_guard)
        self._tasks: list[asyncio.Task[None]] = []
        self._in_log = False
        self._in_file = False
        self._scrubbed_at: datetime | None = None

    async def start(self) -> None:
        """Begin to work. Raises ``KeyTrouble`` where the keys are not those of the database."""
        async with self._store.writing() as connection:
            await key_marks.check(connection, self._keys, self._voice.campaign().petitions)
        self._tasks = [asyncio.create_task(self._work()), asyncio.create_task(self._tidy())]

    async def close(self) -> None:
        """Record what was taken, and take no more."""
        self._closing = True
        self._arrived.set()
        if self._tasks:
            work, tidying = self._tasks
            tidying.cancel()
            await asyncio.gather(work, tidying, return_exceptions=True)
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

        Raises where they could not be recorded (disk full, stopping): the channel must not
        acknowledge them, and may bring them all again, since what was recorded is not repeated.
        """
        for start in range(0, len(events), EVENTS_AT_ONCE):
            if self._closing or not self._tasks:
                raise EngineClosed("The bot is stopping.")
            call = _Call(
                events[start : start + EVENTS_AT_ONCE],
                asyncio.get_running_loop().create_future(),
            )
            self._waiting.append(call)
            self._arrived.set()
            await call.recorded

    async def _work(self) -> None:
        while not (self._closing and not self._waiting):
            self._arrived.clear()
            while self._waiting:
                await self._serve(self._next_calls())
            await self._empty_log()
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
            _alarm("events_not_recorded", problem, events=sum(len(c.events) for c in calls))
            for call in calls:
                call.fail(problem)
        except Exception as problem:
            _alarm("batch_failed", problem, events=sum(len(c.events) for c in calls))
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
                        _alarm("event_failed", problem, channel=event.channel)
                        await self._record([event], given_up=_place(problem))
            except Exception as problem:
                # The rest as well: an event must not overtake one that will come again.
                _alarm("events_not_recorded", problem, events=sum(len(c.events) for c in calls))
                for call in calls:
                    call.fail(problem)
                return
            calls.pop(0).succeed()

    async def _record(self, events: Sequence[Event], *, given_up: str = "") -> None:
        """One transaction for these events; ``given_up`` says why they are not answered."""
        campaign, now = self._voice.campaign(), self._clock()
        self._guard.rule = campaign.burst_guard
        async with self._store.writing() as connection:
            batch = await Batch.load(
                connection,
                self._keys,
                events,
                campaign,
                now,
                self._voice.consent_version,
                strangers=bool(given_up),
                guard=self._guard,
                keeps=self._keeper.name if self._keeper else "",
            )
            sitting = await self._sit(connection, batch)
            for event in batch.events:
                if given_up:
                    self._give_up(batch, event, given_up, campaign)
                    continue
                for act in self._answer(batch, event, campaign, sitting):
                    if sitting is not None:
                        await sitting.settle(connection, event, act)
            outgoing = await batch.write(connection) if batch.events else []
            tell = await self._keep(connection, batch)
            erases = batch.erases
        if erases:
            self._in_log = self._in_file = True
        self._note_signers(batch)
        if outgoing:
            self._deliver(outgoing)
        if tell is not None:
            tell()
        if sitting is not None and self._voice.backroom is not None:
            self._voice.backroom.wake()

    async def _keep(self, connection: AsyncConnection, batch: Batch) -> Callable[[], None] | None:
        if self._keeper is None or not batch.exchanges:
            return None
        return await self._keeper.write(connection, batch.exchanges, batch.now)

    async def _sit(self, connection: AsyncConnection, batch: Batch) -> Sitting | None:
        """The desk, where one of these events is the staff's; it costs others nothing."""
        backroom = self._voice.backroom
        if backroom is None or not any(map(backroom.concerns, batch.events)):
            return None
        return await backroom.sit(connection, batch.now)

    def _note_signers(self, batch: Batch) -> None:
        """Count who was never seen before; the beginning of a burst is told at once."""
        for petition, number in batch.new_signers.items():
            if self._guard.note(petition, number, batch.now):
                log.error("signatures_held", petition=petition)
                self._voice.on_burst(petition)

    def _answer(
        self, batch: Batch, event: Event, campaign: Campaign, sitting: Sitting | None
    ) -> Sequence[StaffAct]:
        """What staff want done. A step or text that fails hurts its own event only."""
        if isinstance(event, Unreadable):
            log.error("event_unreadable", channel=event.channel, reason=event.reason)
            batch.give_up(event, event.reason)
            return ()
        person = batch.person(event)
        facts = Facts(
            signed=frozenset(person.signatures),
            done=person.done,
            signatures=dict(batch.counts),
            bot_name=self._voice.bot_names.get(event.channel, ""),
            web=self._voice.web,
            compose=self._voice.compose.get(event.channel, self._voice.web),
            share_code=person.share_code,
            friends=person.friends,
            chance=_chance(),
            own=person.own,
            guarded=batch.guarded(person) if _may_sign(event) else frozenset(),
            staff=self._voice.staff_of(event.channel, event.address),
            by_country=batch.asked.get(Asked.BY_COUNTRY, {}),
            evidence=batch.asked.get(Asked.EVIDENCE, {}),
            held=batch.asked.get(Asked.HELD, {}),
            desk=sitting.desk(event) if sitting is not None else None,
        )
        try:
            outcome = self._voice.step(person.supporter, event, facts, campaign, batch.now)
            language = outcome.language or _language(event, person.supporter, campaign)
            rendered = [self._rendered(message, language, event) for message in outcome.messages]
            outcome, acts = _staff_acts(outcome)
            batch.answered(event, outcome, rendered)
        except Exception as problem:
            _alarm("event_failed", problem, channel=event.channel)
            self._give_up(batch, event, _place(problem), campaign)
            return ()
        return acts

    def _give_up(self, batch: Batch, event: Event, reason: str, campaign: Campaign) -> None:
        """A dead letter, and a word to whoever waits for an answer."""
        batch.give_up(event, reason)
        if not isinstance(event, IN_PRIVATE):
            return
        supporter = batch.person(event).supporter
        try:
            message = self._voice.apology(event, supporter, campaign, batch.now)
            batch.post(
                event, [self._rendered(message, _language(event, supporter, campaign), event)]
            )
        except Exception as problem:
            _alarm("apology_failed", problem, channel=event.channel)

    def _rendered(self, message: Message, language: str, event: Event) -> Rendered:
        replaced = event.on if message.in_place else ""
        return self._voice.render(message, language, self._voice.markup_of[event.channel], replaced)

    async def _tidy(self) -> None:
        """Delete by the clock, at start and then every few minutes."""
        while True:
            try:
                async with self._store.writing() as connection:
                    await expire(connection, self._clock(), self._voice.campaign().retention)
                await self._scrub()
            except Exception as problem:
                _alarm("tidying_failed", problem)
            await asyncio.sleep(TIDYING_PAUSE)

    async def _scrub(self) -> None:
        """What was erased leaves the gaps of the database's pages as well."""
        now = self._clock()
        rested = self._scrubbed_at is None or now - self._scrubbed_at >= SCRUB_PAUSE
        if self._in_file and (rested or self._store.size() <= SCRUB_SOON):
            self._in_file = not await self._store.scrub()
            self._scrubbed_at = now

    async def _empty_log(self) -> None:
        """When nothing waits: what was erased leaves the write-ahead log as well."""
        if self._in_log:
            try:
                self._in_log = not await self._store.checkpoint()
            except Exception as problem:
                _alarm("checkpoint_failed", problem)


def _chance() -> str:
    """128 random bits as lower-case letters and the digits 2 to 7."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def _staff_acts(outcome: Outcome) -> tuple[Outcome, list[StaffAct]]:
    """What staff want done is done at the desk; a decision of theirs is logged there too."""
    acts: list[StaffAct] = []
    for effect in outcome.effects:
        if isinstance(effect, StaffAct):
            acts.append(effect)
        elif isinstance(effect, Decide):
            told = (effect.petition, effect.day.isoformat(), effect.verdict, effect.reason)
            acts.append(StaffAct(0, "decide", " ".join(told)))
    if not acts:
        return outcome, acts
    kept = tuple(one for one in outcome.effects if not isinstance(one, StaffAct))
    return replace(outcome, effects=kept), acts


def _may_sign(event: Event) -> bool:
    return isinstance(event, Chose) and event.data.startswith("sign:")


def _language(event: Event, supporter: Supporter, campaign: Campaign) -> str:
    return campaign.language(supporter.language or event.language)


def _alarm(what: str, problem: BaseException, **details: object) -> None:
    """A line for whoever runs the bot: the kind of failure and its place, never its text."""
    log.error(what, reason=_place(problem), **details)


def _place(problem: BaseException) -> str:
    """Where it happened: the last line of ours, else the last line."""
    place, trace = "", problem.__traceback__
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.startswith("bot.") or not place.startswith("bot."):
            place = f"{module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(problem).__name__} at {place}"
