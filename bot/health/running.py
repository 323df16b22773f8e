"""The bot's own health, for as long as it runs: a write now and then, a look, alarms, a call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import structlog

from bot.campaign.messages import Words
from bot.campaign.scenes import alarms as texts
from bot.clock import Clock
from bot.health import telling
from bot.health.alarming import Alarms
from bot.health.hours import Hours
from bot.health.judging import Limits, State, can_record, judge
from bot.health.looking import Looking
from bot.health.outside import Outside
from bot.health.signs import Signs
from bot.meters import Meters
from bot.store.database import Database

log = structlog.get_logger(__name__)

BEAT = 10.0
"""Seconds between two proofs that something can be written."""
LOOK = 30.0
UNSEEN = 4 * LOOK
"""After that nobody knows any more how it is."""
CALL = 60.0
"""Between two calls of BOT_PING_URL."""
LAST_WORD = 3.0


class Health:
    """One a process. ``run`` it; the pages ask it (``bot.web.health_pages.Vitals``)."""

    def __init__(
        self,
        store: Database,
        looking: Looking,
        limits: Limits,
        alarms: Alarms,
        outside: Outside,
        meters: Meters,
        clock: Clock,
    ):
        """``outside`` has to be open while this runs."""
        self._store = store
        self._looking = looking
        self._limits = limits
        self._alarms = alarms
        self._outside = outside
        self._meters = meters
        self._clock = clock
        self._hours = Hours(meters)
        self._signs = Signs()
        self._looked_at = meters.now()
        self._failing: set[str] = set()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._again("beat", self.beat, lambda: BEAT))
            group.create_task(self._again("look", self.look, lambda: LOOK))
            group.create_task(self._again("call", self.call, lambda: CALL, wait=True))
            group.create_task(
                self._again("hour", self.hour, lambda: Hours.until_next(self._clock()), wait=True)
            )

    async def beat(self) -> None:
        """Write; from now on it is known that something can be written."""
        await self._store.prove_writable()
        self._looking.written_at = self._meters.now()

    async def look(self) -> None:
        """Take the signs, judge them, and tell who has to know."""
        try:
            signs = await self._looking.signs()
        except Exception:
            await self._judge(await self._looking.last())
            raise
        await self._judge(signs)
        self._looked_at = self._meters.now()

    async def _judge(self, signs: Signs) -> None:
        self._signs, states = signs, judge(signs, self._limits)
        if self._store.leader.leads:
            closed = {name for name, platform in signs.platforms.items() if platform.closed}
            await self._alarms.look(states, closed)

    async def call(self) -> None:
        """Say outside that all is well, as long as the bot can do its work."""
        seen = self._meters.now() - self._looked_at < UNSEEN
        able = not any(state.ill.stops for state in self._now()[1])
        if seen and able and self._store.leader.leads:
            await self._outside.all_is_well()

    async def hour(self) -> None:
        """A line in the log."""
        self._hours.say(*self._now())

    async def last_word(self) -> None:
        """Damage was met, and the bot ends: owners are told before."""
        try:
            async with asyncio.timeout(LAST_WORD):
                await self._judge(await self._looking.last())
        except Exception as problem:
            log.error("health_failed", part="last word", kind=type(problem).__name__)

    # -- what the pages ask ---------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """Whether what comes at this moment can be recorded."""
        return can_record(self._looking.written, self._looking.damaged)

    def told(self) -> Mapping[str, Any]:
        """Everything, in plain values."""
        return telling.as_json(*self._now())

    def wrong(self) -> list[Words]:
        """What owners are told of it."""
        return [texts.begun(state.kind, state.values).text for state in self._now()[1]]

    def metrics(self) -> tuple[bytes, str]:
        """Everything for Prometheus, and the media type of that."""
        from bot.health import metrics  # 30 ms, for whoever asks for it

        signs, states = self._now()
        return metrics.exposition(self._meters, signs, states, self._clock()), metrics.CONTENT_TYPE

    def _now(self) -> tuple[Signs, list[State]]:
        """The signs of the last look, and of this moment whether something can be written."""
        signs = replace(self._signs, written=self._looking.written, damaged=self._looking.damaged)
        return signs, judge(signs, self._limits)

    async def _again(
        self,
        part: str,
        work: Callable[[], Awaitable[None]],
        pause: Callable[[], float],
        *,
        wait: bool = False,
    ) -> None:
        while True:
            if wait:
                await asyncio.sleep(pause())
            try:
                await work()
            except Exception as problem:
                if part not in self._failing:
                    log.error("health_failed", part=part, kind=type(problem).__name__)
                self._failing.add(part)
            else:
                if part in self._failing:
                    log.info("health_works_again", part=part)
                self._failing.discard(part)
            if not wait:
                await asyncio.sleep(pause())
