"""One broadcast from its start to its report: recipients, delivery, canary, night, progress."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.broadcasts import rendering
from bot.broadcasts.aftermath import Aftermath
from bot.broadcasts.delivery import Delivery, Ending, Parcel, Trial
from bot.broadcasts.pace import BroadcastPace
from bot.broadcasts.recipients import Recipients
from bot.broadcasts.send_slot import SendSlot
from bot.broadcasts.waiting import first_of
from bot.campaign.broadcast_rules import canary
from bot.campaign.broadcast_rules.broadcast import Broadcast
from bot.campaign.broadcast_rules.record import BroadcastRecord
from bot.campaign.broadcast_rules.timing import quiet_until, seconds_until_quiet
from bot.campaign.channel import Channel
from bot.clock import Clock, utc_now
from bot.desk.second_factor import SecondFactors
from bot.engine.talking import Talking
from bot.keys import Keys
from bot.meters import Meters
from bot.store.broadcasts import figures, records
from bot.store.database import Database
from bot.trouble import PlatformTrouble
from bot.wording.rendering import ContentNow

OBSERVED = 600.0
"""Seconds for which the first recipients are watched before the rest follow."""
LOOKS = 5.0
TALK = 10.0
"""Seconds between two looks at recipients who are talking with the bot."""


@dataclass(slots=True)
class RunContext:
    """What a run works with."""

    store: Database
    keys: Keys
    channels: dict[str, Channel]
    recipients: Recipients
    aftermath: Aftermath
    content: ContentNow
    pace: Callable[[bool], BroadcastPace]
    slot: SendSlot
    troubles: Mapping[str, PlatformTrouble]
    factors: SecondFactors
    talking: Talking
    meters: Meters
    clock: Clock = utc_now
    observed: float = OBSERVED


class BroadcastRun:
    """A broadcast that is being sent; ``halt`` it from outside."""

    def __init__(self, around: RunContext, record: BroadcastRecord):
        """``record`` as it is when the run begins or goes on."""
        self._around = around
        self._record = record
        self.number = record.broadcast.id
        self.pace = around.pace(record.broadcast.paid)
        self.note = ""
        self.until: datetime | None = None
        self.why = ""
        self.talking = 0
        """How many recipients are left who are talking with the bot just now."""
        self._halted = asyncio.Event()
        self._stop = asyncio.Event()
        self._fixed = asyncio.Event()
        self._fixing: asyncio.Task[None] | None = None
        self._has_slot = False

    def sends(self, broadcast: Broadcast) -> bool:
        """Whether these are the words that it sends."""
        mine = self._record.broadcast
        words = (mine.texts, mine.written_in, mine.leads)
        return words == (broadcast.texts, broadcast.written_in, broadcast.leads)

    def halt(self) -> None:
        """Send nothing more; what is on its way is recorded."""
        self._halted.set()
        self._stop.set()

    @property
    def behind(self) -> int:
        """The broadcast that this one lets go first; 0 for none."""
        return 0 if self._has_slot or self.note else self._around.slot.taken_by

    async def run(self) -> Ending:
        """Send until the end, a halt, or signs that it should not go on.

        Raises FileGone.
        """
        try:
            return await self._send()
        finally:
            self._halted.set()
            if self._fixing is not None:
                await self._fixing

    async def _send(self) -> Ending:
        broadcast = self._record.broadcast
        campaign, wording = self._around.content()
        parcel = await rendering.parcel(
            self._around.store, self._around.keys, broadcast, campaign, wording
        )
        while not self._halted.is_set():
            if broadcast.keeps_quiet and await self._sleeps(campaign.time_zone):
                continue
            if not await self._take_slot():
                break
            try:
                verdict = await self._deliver(parcel, campaign.time_zone)
            finally:
                self._leave_slot()
            if verdict is not Ending.STOPPED:
                return verdict
        return Ending.STOPPED

    async def _take_slot(self) -> bool:
        if not await self._around.slot.take(self.number, self._halted):
            return False
        self._has_slot = True
        if self._fixing is None:
            # Not before its turn: whoever gets the broadcast before this one is to have a rest.
            begun = self._record.broadcast.started_at or self._around.clock()
            self._fixing = asyncio.create_task(
                self._around.recipients.fix(self._record, begun, self._fixed, self._halted)
            )
        return True

    def _leave_slot(self) -> None:
        if self._has_slot:
            self._has_slot = False
            self._around.slot.leave(self.number)

    async def _deliver(self, parcel: Parcel, time_zone: str) -> Ending:
        """From where it stands until the end or the evening."""
        broadcast = self._record.broadcast
        self._stop.clear()
        if self._halted.is_set():
            return Ending.STOPPED
        delivering = Delivery(
            self._around.store,
            self._around.keys,
            self._around.channels,
            self.pace,
            self._around.troubles,
            broadcast.id,
            broadcast.audience.topic,
            parcel,
            hold_unknown=broadcast.hold_unknown,
            fixed=self._fixed,
            uploaded=self._uploaded,
            reached=partial(self._around.aftermath.note_before, broadcast),
            trial=await self._trial(),
            aside=self._let_them_talk,
            talking=self._around.talking,
            meters=self._around.meters,
            clock=self._around.clock,
        )
        night = self._at_night(time_zone) if broadcast.keeps_quiet else None
        try:
            return await delivering.run(self._stop)
        finally:
            if night is not None:
                night.cancel()

    async def _sleeps(self, time_zone: str) -> bool:
        """In quiet hours: wait a while."""
        self.until = quiet_until(self._around.clock(), time_zone)
        if self.until is None:
            self.note = ""
            return False
        self.note = "quiet"
        seconds = (self.until - self._around.clock()).total_seconds()
        await first_of(self._halted, seconds=max(0.1, min(seconds, 30.0)))
        return True

    def _at_night(self, time_zone: str) -> asyncio.TimerHandle:
        seconds = seconds_until_quiet(self._around.clock(), time_zone)
        return asyncio.get_running_loop().call_later(seconds, self._stop.set)

    async def _uploaded(self, ref: str) -> None:
        await rendering.uploaded(self._around.store, self._around.keys, self._record.broadcast, ref)

    async def _let_them_talk(self, how_many: int) -> bool:
        """All who are left are talking with the bot: others may send for a while."""
        self._leave_slot()
        self.note, self.talking = "talking", how_many
        await first_of(self._stop, seconds=TALK)
        self.note, self.talking = "", 0
        return not self._stop.is_set() and await self._take_slot()

    async def _trial(self) -> Trial | None:
        """The canary, unless it has passed or everybody would be in it."""
        broadcast = self._record.broadcast
        total = broadcast.counted or 0
        size = canary.size(total)
        if not broadcast.canary or size >= total:
            return None
        async with self._around.store.reading() as connection:
            now = await records.find(connection, broadcast.id)
        if now is None or now.report.get("canary") == "passed":
            return None
        return Trial(max(0, size - now.settled), self._passed)

    async def _passed(self) -> bool:
        """Watch the first recipients, while others may send; whether nothing speaks against going
        on."""
        self._leave_slot()
        return await self._watch() and await self._take_slot()

    async def _watch(self) -> bool:
        self.note = "canary"
        loop = asyncio.get_running_loop()
        end = loop.time() + self._around.observed
        self.until = self._around.clock() + timedelta(seconds=self._around.observed)
        while True:
            self.why = canary.stops(await self._signs())
            if self.why:
                return False
            left = end - loop.time()
            if left <= 0:
                break
            await first_of(self._stop, seconds=min(left, LOOKS))
            if self._stop.is_set():
                return False
        self.note, self.until = "", None
        async with self._around.store.writing() as connection:
            await records.note(connection, self.number, {"canary": "passed"})
        return True

    async def _signs(self) -> canary.Signs:
        topic = self._record.broadcast.audience.topic
        async with self._around.store.reading() as connection:
            record = await records.find(connection, self.number)
            gone, left = await figures.no_longer_take(connection, self.number, topic)
        if record is None:
            return canary.Signs(0, 0, 0, 0)
        return canary.Signs(record.sent, record.blocked + gone, left + record.left, record.failed)
