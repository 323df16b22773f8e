"""The loop beside the conversation: a short look often, the long work at night."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from bot.campaign.scenes import pending
from bot.campaign.signatures import Signer
from bot.campaign.staff import Appointed
from bot.clock import Clock, utc_now
from bot.meters import Meters
from bot.store.database import Database
from bot.upkeep import milestones, purging, recounting, reminding
from bot.upkeep.posting import Unasked, UnaskedMessages, where

log = structlog.get_logger(__name__)

PAUSE = 20.0
"""Seconds between two looks."""
NIGHT_FROM = 3
"""The hour (where the campaign lives) from which the day's long work is done."""


class Upkeep:
    """Everything the bot does unasked, for as long as it runs."""

    def __init__(
        self,
        store: Database,
        unasked: UnaskedMessages,
        staff: Sequence[Appointed],
        clock: Clock = utc_now,
        meters: Meters | None = None,
        nightly: Callable[[], object] | None = None,
    ):
        """``staff``: who is told of held signatures, wherever they are. ``nightly`` is called with
        the night's long work, beside the loop."""
        self._store = store
        self._unasked = unasked
        self._staff = staff
        self._clock = clock
        self._meters = meters or Meters()
        self._nightly = nightly
        self._bursts: set[tuple[str, Signer]] = set()
        self._wanted = asyncio.Event()
        self._last_night: date | None = None

    def burst(self, petition: str, signer: Signer) -> None:
        """Signatures of that petition and kind begin to be held: staff hear of it. Never waits."""
        self._bursts.add((petition, signer))
        self._wanted.set()

    async def run(self) -> None:
        """Recount and purge at once, then look again and again, until cancelled; all of it once
        this process leads."""
        await self._store.leader.elected()
        if self._local(self._clock()).hour < NIGHT_FROM:
            await self._safely("recount", self._recount())
        while True:
            self._wanted.clear()
            await self.look()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), PAUSE)

    async def look(self) -> None:
        """Do what is due at this moment; a part that fails leaves the others alone."""
        now = self._clock()
        await self._safely("alarms", self._alarm_staff(now))
        await self._safely("reminders", reminding.remind(self._store, self._unasked, now))
        await self._safely("milestones", milestones.note(self._store, self._unasked, now))
        if not reminding.is_quiet(self._unasked.campaign(), now):
            await self._safely("milestones", milestones.tell(self._store, self._unasked, now))
            await self._safely("notices", purging.give_notice(self._store, self._unasked, now))
        local = self._local(now)
        if local.hour >= NIGHT_FROM and local.date() != self._last_night:
            self._last_night = local.date()
            await self._safely("recount", self._recount())
            await self._safely("purge", self._purge(now))
            if self._nightly is not None:
                await self._safely("copies", asyncio.to_thread(self._nightly))

    async def _alarm_staff(self, now: datetime) -> None:
        bursts, self._bursts = self._bursts, set()
        if not bursts or not self._staff:
            return
        rule = self._unasked.campaign().burst_guard
        try:
            deciding = [one for one in self._staff if one.role in pending.MAY_DECIDE]
            async with self._store.reading() as connection:
                reached = [await where(connection, self._unasked.keys, one) for one in deciding]
            messages = [
                Unasked(
                    place.channel,
                    place.address,
                    language,
                    pending.alarm(petition, signer, rule.signatures, rule.minutes),
                )
                for petition, signer in sorted(bursts)
                for place, language in reached
            ]
            async with self._store.writing() as connection:
                outgoing = await self._unasked.record(connection, messages, now)
        except BaseException:
            self._bursts |= bursts
            raise
        self._unasked.deliver(outgoing)

    async def _recount(self) -> None:
        now = self._clock()
        found = await recounting.recount(self._store, self._local(now).date(), now=now)
        self._meters.drifts += not found.is_right
        log.info("recounted", counters=found.checked, right=found.is_right)

    async def _purge(self, now: datetime) -> None:
        keys, campaign = self._unasked.keys, self._unasked.campaign()
        if not (await purging.purge(self._store, keys, campaign, now)).anything:
            # Where rows lie within their pages tells which was written before which.
            await self._store.scrub()

    def _local(self, now: datetime) -> datetime:
        return now.astimezone(ZoneInfo(self._unasked.campaign().time_zone))

    async def _safely(self, what: str, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except Exception as problem:
            log.error("upkeep_failed", part=what, kind=type(problem).__name__, exc_info=True)
