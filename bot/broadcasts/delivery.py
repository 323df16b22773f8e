"""One broadcast on its way: claimed in lots, sent, and every result recorded.

At most ``IN_FLIGHT`` recipients are claimed and not yet on record: so many may get the message
twice when the process dies, and nobody misses it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf

import structlog

from bot.broadcasts.pace import BroadcastPace
from bot.broadcasts.results import DeliveryResults, Reached, insist
from bot.broadcasts.turns import Turns
from bot.broadcasts.waiting import first_of
from bot.campaign.capabilities import reached_since
from bot.campaign.channel import Amending, Channel, Lane, Made, Refused, Result, Sent, Unknown
from bot.campaign.messages import Markup, Rendered
from bot.clock import Clock, utc_now
from bot.engine.talking import Talking
from bot.keys import Keys
from bot.meters import Meters
from bot.store.broadcasts import deliveries, records
from bot.store.broadcasts.deliveries import Fate, Recipient
from bot.store.database import Database
from bot.store.people.supporters import open_address
from bot.trouble import PlatformTrouble

log = structlog.get_logger()

IN_FLIGHT = 30
SOON = 1.0
"""Seconds after which a result is on record at the latest."""
PATIENCE = 1200.0
"""Seconds after which also those get it who never stop talking with the bot."""
ALONE = 3.0
"""Seconds after which somebody who gets too much just now stands in line again, at the latest."""
TRIES = 20
"""Then a message that is always refused for now counts as failed."""


class Ending(StrEnum):
    """How a delivery came to its end."""

    DONE = "done"
    STOPPED = "stopped"
    CANARY = "canary"


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes out: the message in a recipient's language and a channel's markup, and the file
    with it."""

    render: Callable[[str, Markup], Rendered]
    file: Made | None = None
    corrects: bool = False
    paid: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """The first recipients: ``size`` of them, then ``passed`` is asked whether the rest follow."""

    size: int
    passed: Callable[[], Awaitable[bool]]


class Delivery:
    """Sends a broadcast from where it stands; ``run`` once."""

    def __init__(
        self,
        store: Database,
        keys: Keys,
        channels: dict[str, Channel],
        pace: BroadcastPace,
        troubles: Mapping[str, PlatformTrouble],
        number: int,
        topic: str,
        parcel: Parcel,
        *,
        hold_unknown: bool,
        fixed: asyncio.Event,
        uploaded: Callable[[str], Awaitable[None]],
        reached: Reached,
        trial: Trial | None = None,
        aside: Callable[[int], Awaitable[bool]],
        talking: Talking,
        meters: Meters,
        clock: Clock = utc_now,
    ):
        """``fixed`` is set once all recipients are in the table; ``uploaded`` hears what the
        platform calls the file. ``aside`` waits while all who are left are talking with the bot
        (so many); False where it was stopped meanwhile."""
        self._store = store
        self._keys = keys
        self._channels = channels
        self._pace = pace
        self._lane = Lane.PAID if parcel.paid else Lane.BROADCAST
        self._turns = Turns(pace, troubles, self._lane, meters)
        self._number = number
        self._topic = topic
        self._parcel = parcel
        self._hold_unknown = hold_unknown
        self._fixed = fixed
        self._uploaded = uploaded
        self._trial = trial
        self._aside = aside
        self._talking = talking
        self._clock = clock
        self._patient_until = inf
        self._cursor = b""
        self._claimed_in_pass = 0
        self._waiting_in_pass = 0
        self._claimed = 0
        self._flying: set[asyncio.Task[None]] = set()
        self._records = DeliveryResults(store, number, reached, clock)
        self._refusals: dict[bytes, int] = {}
        self._landed = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> Ending:
        """Send until everybody has had it, or ``stop`` is set, or the trial fails."""
        await insist(self._recover)
        try:
            while not stop.is_set():
                if not await insist(self._is_vouched):
                    return Ending.STOPPED
                lot = await insist(self._next_lot)
                await self._records.exchange(lot)
                for recipient in lot:
                    self._launch(recipient, stop)
                if self._flying:
                    await self._some_landed(stop)
                elif self._records.unwritten:
                    continue  # landed while the others were written: nothing waits unrecorded
                elif self._trial is not None and self._claimed >= self._trial.size:
                    if not await self._trial.passed():
                        return Ending.STOPPED if stop.is_set() else Ending.CANARY
                    self._trial = None
                elif not lot and await self._nobody_left(stop):
                    return Ending.DONE
            return Ending.STOPPED
        finally:
            # What is on its way comes to its end; what waits for its turn goes back at once.
            stop.set()
            if self._flying:
                await asyncio.wait(self._flying)
            await self._records.exchange([])

    async def _is_vouched(self) -> bool:
        """Whether the broadcast is still what the bot has written: looked at before each claim."""
        async with self._store.reading() as connection:
            return await records.is_vouched(connection, self._keys, self._number)

    async def _recover(self) -> None:
        async with self._store.writing() as connection:
            found = await deliveries.recover(connection, self._number, hold=self._hold_unknown)
        if found:
            log.warning("broadcast_taken_up", broadcast=self._number, in_doubt=found)

    async def _next_lot(self) -> list[Recipient]:
        """Whose turn it is, as many as may be claimed now."""
        # Never more than leaves within a second: who leaves the topic meanwhile is not claimed yet.
        room = min(IN_FLIGHT, max(1, int(self._pace.rate))) - len(self._flying)
        if self._trial is not None:
            room = min(room, self._trial.size - self._claimed)
        if self._parcel.file is not None and not self._parcel.file.ref:
            room = min(room, 1 - len(self._flying))  # the first one uploads it for all
        if room <= 0:
            return []
        lot: list[Recipient] = []
        leaving: list[bytes] = []
        # Read anew for each lot: whoever has left a moment ago gets nothing.
        for recipient in await self._read(room):
            if not recipient.takes and not self._parcel.corrects:
                leaving.append(recipient.pseudonym)
            elif self._is_patient and self._talking.may_be_at_it(
                recipient.pseudonym, recipient.seen_at
            ):
                self._waiting_in_pass += 1
            else:
                lot.append(recipient)
        if leaving:
            async with self._store.writing() as connection:
                await deliveries.leave(connection, self._number, leaving)
        self._claimed += len(lot)
        self._claimed_in_pass += len(lot)
        return lot

    @property
    def _is_patient(self) -> bool:
        """A correction cannot wait: who talks about it has the wrong words before their eyes."""
        return not self._parcel.corrects and time.monotonic() < self._patient_until

    async def _read(self, limit: int) -> list[Recipient]:
        async with self._store.reading() as connection:
            page = await deliveries.waiting(
                connection, self._number, self._topic, after=self._cursor, limit=limit
            )
        if page:
            self._cursor = page[-1].pseudonym
        return page

    async def _nobody_left(self, stop: asyncio.Event) -> bool:
        """At the end of a pass: whether there is anything left for another one."""
        if not self._fixed.is_set():
            await first_of(stop, self._fixed, seconds=0.2)
            return False
        async with self._store.reading() as connection:
            behind = await deliveries.waiting(
                connection, self._number, self._topic, after=self._cursor, limit=1
            )
        if behind:
            return False
        passed, self._cursor = self._cursor, b""
        if not self._claimed_in_pass and not self._waiting_in_pass:
            async with self._store.reading() as connection:
                return not passed or not await deliveries.waiting(
                    connection, self._number, self._topic, after=b"", limit=1
                )
        if self._claimed_in_pass:
            self._patient_until = inf
        else:
            # All who are left are talking with the bot just now.
            self._patient_until = min(self._patient_until, time.monotonic() + PATIENCE)
            if not await self._aside(self._waiting_in_pass):
                return False
        self._claimed_in_pass = self._waiting_in_pass = 0
        return False

    def _launch(self, recipient: Recipient, stop: asyncio.Event) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(recipient, stop))
        self._flying.add(task)
        task.add_done_callback(self._land)

    def _land(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        # Few and large transactions, since each makes an answer wait that comes meanwhile; but
        # something stays on its way while one is written.
        on_the_way = min(15, max(3, int(self._pace.rate / 10)))
        if self._records.unwritten >= IN_FLIGHT - on_the_way or not self._flying:
            self._landed.set()

    async def _some_landed(self, stop: asyncio.Event) -> None:
        self._landed.clear()
        if self._flying:
            await first_of(stop, self._landed, seconds=SOON)

    async def _deliver(self, recipient: Recipient, stop: asyncio.Event) -> None:
        try:
            if not await self._turns.take(recipient, stop):
                self._put_back(recipient.pseudonym, recipient.fate)
                return
            result = await self._send(recipient)
        except Exception as problem:
            # An address that cannot be opened, a channel that raises: this recipient's alone.
            log.error("broadcast_message_failed", kind=type(problem).__name__)
            result = Refused(type(problem).__name__, permanent=True)
        await self._settle(recipient, result)

    async def _send(self, recipient: Recipient) -> Result:
        channel = self._channels.get(recipient.channel)
        if channel is None:
            return Refused("the channel is off", permanent=True)
        address = open_address(self._keys, recipient.pseudonym, recipient.address_sealed)
        if address is None:
            return Refused("the address was altered", permanent=True)
        message = self._parcel.render(recipient.language, channel.capabilities.markup)
        file = self._parcel.file
        if self._parcel.corrects:
            if not isinstance(channel, Amending) or recipient.ref is None:
                return Refused("cannot be changed", permanent=True)
            return await channel.amend(address, recipient.ref, message, caption=file is not None)
        since = reached_since([channel.capabilities], self._clock()).get(recipient.channel)
        if since is not None and recipient.seen_at <= since:
            return Refused("too long after their last word", permanent=True)
        return await channel.send(address, message, (file,) if file else (), self._lane)

    async def _settle(self, recipient: Recipient, result: Result) -> None:
        whose = recipient.pseudonym
        self._turns.came(recipient, result)
        match result:
            case Sent():
                self._pace.went_well()
                self._records.end(whose, Fate.SENT, result.ref or recipient.ref)
                await self._remember_file(result)
            case Refused(retry_after=float() | int() as pause):
                if result.alone:
                    await asyncio.sleep(min(pause, ALONE))
                else:
                    self._pace.flooded(pause)
                self._put_back(whose, recipient.fate)
            case Refused(gone=True):
                self._pace.went_well()
                self._records.gone(whose)
            case Refused(permanent=True):
                log.warning("broadcast_message_refused", reason=result.reason)
                self._records.end(whose, Fate.FAILED)
            case Refused():
                self._pace.troubled()
                tries = self._refusals[whose] = self._refusals.get(whose, 0) + 1
                if tries >= TRIES:
                    self._records.end(whose, Fate.FAILED)
                else:
                    self._put_back(whose, recipient.fate)
            case Unknown():
                if self._hold_unknown or recipient.fate is Fate.AGAIN:
                    self._records.end(whose, Fate.UNKNOWN)
                else:
                    self._put_back(whose, Fate.AGAIN)

    def _put_back(self, whose: bytes, fate: Fate) -> None:
        self._records.put_back(whose, fate)
        if self._trial is not None:
            self._claimed -= 1

    async def _remember_file(self, result: Sent) -> None:
        file = self._parcel.file
        if file is not None and not file.ref and result.file:
            known = Made(file.name, file.media_type, b"", result.file)
            self._parcel = Parcel(
                self._parcel.render, known, self._parcel.corrects, self._parcel.paid
            )
            await self._uploaded(result.file)
