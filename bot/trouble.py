"""When a platform does not answer: what waits meanwhile, what is tried, when the rest follows.

A send whose answer is lost may have arrived, so each try may be a repeat. Therefore messages wait
while nothing gets through; the platform is asked in a way that reaches nobody, then one message is
tried, and when that one gets through all others follow. One a channel, for answers and broadcasts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from math import inf

import structlog

from bot.campaign.channel import Channel, Probing
from bot.pauses import Pauses

log = structlog.get_logger()

REPEATS = (0.5, 60.0, 540.0, 3600.0, 4 * 3600.0, 12 * 3600.0)
"""Seconds from one try whose arrival is unknown to the next, where nothing else is learnt of the
platform: seven tries in a day. After 15 s, a minute and ten minutes even a message that is alone,
at a platform that answers all but messages, has gone out four times at most."""
QUICK = 2
"""So many tries may have been in vain for a message that follows at once when another one got
through; one that was tried more often waits until the trouble is over."""
FEW = 3
"""So many failures in a row, and what was never tried waits with the rest."""
FIRST_LOOK = 1.0
LOOK = 10.0
"""The first and the longest pause before the platform is asked whether it answers."""
FIRST_TRY = 2.0
ONE = 45.0
"""The first and the longest pause between two messages that are tried while others wait."""
CALM = 10.0
"""Seconds without a failure after which a trouble is over."""
APART = 1.0
"""A message that fails alone while others get through is not tried in a frenzy."""
LONGEST_TRY = 60.0
"""A message that is tried and never heard of again does not keep the next one from its turn."""


@dataclass(slots=True, eq=False)
class Waiter:
    """What waits for the platform. ``go`` calls it; it then asks anew whether it may leave.

    ``unknown``: how often it may have arrived. ``tried``: when it was tried last, if ever; ``due``:
    when its own pause ends; ``not_before``: until then the platform may say what became of it.
    ``chosen``: it is the one to be tried while the others wait.
    """

    go: Callable[[], None]
    unknown: int = 0
    tried: float = inf
    due: float = 0.0
    not_before: float = 0.0
    chosen: bool = False

    def sooner(self, due: float) -> None:
        """Its pause ends then, if not before; while the platform may still say what became of it,
        it waits for that."""
        self.due = max(min(self.due, due), self.not_before)


class PlatformTrouble:
    """Whether a channel's platform answers. ``watch`` has to run; times are the event loop's."""

    def __init__(self, channel: Channel):
        """Trouble of this channel; there is none yet."""
        self._channel = channel
        self._waiters: dict[Waiter, None] = {}
        self._stirred = asyncio.Event()
        self.shut = False
        """Nothing gets through: what may have arrived already waits."""
        self._on = False
        self._answers = False
        self._in_a_row = 0
        self._begun = self._failed_at = self._opened_at = 0.0
        self._well_at = -inf
        self._trying_until = self._next_try = 0.0
        self._try_pauses = Pauses(FIRST_TRY, ONE)
        self._look_pauses = Pauses(FIRST_LOOK, LOOK)
        self._next_look = 0.0
        self._failures = 0
        self._lost = 0
        self._say_lost_at = 0.0

    # -- what came of messages ------------------------------------------------------------------

    def failed(self, reason: str, *, since: float = inf) -> bool:
        """A message did not get through, or nobody knows. ``since``: it had failed before, then.
        True where others got through meanwhile, or would: the trouble is its own."""
        self._trying_until = 0.0
        if since < self._well_at:
            return True
        now = _now()
        self._failed_at = now
        self._failures += 1
        self._in_a_row += 1
        if not self._on:
            self._on, self._begun = True, now
            log.warning("sending_troubled", channel=self._channel.name, reason=reason)
        if not self.shut:
            self.shut, self._answers = True, False
            self._try_pauses.over()
            self._next_try = now
            self._look_pauses.over()
            self._next_look = now + self._look_pauses.next()
        self._stirred.set()
        return self._answers

    def went_well(self) -> None:
        """The platform took a message, or refused it for good: it answers."""
        self._trying_until = 0.0
        self._in_a_row = 0
        self._well_at = _now()
        if self.shut:
            self._open()

    def given_up(self) -> None:
        """A message is too old to answer anything; those of a moment are said together."""
        self._trying_until = 0.0
        if not self._lost:
            self._say_lost_at = _now() + APART
        self._lost += 1
        self._stirred.set()

    @property
    def lasting(self) -> float | None:
        """For how many seconds messages have not got through; None where they do."""
        return _now() - self._begun if self._on else None

    # -- whose turn it is -----------------------------------------------------------------------

    def lets(self, waiter: Waiter | None) -> bool:
        """Whether this may leave now; None for what was never tried."""
        if waiter is None:
            return not self.shut or self._answers or self._in_a_row < FEW
        return waiter.chosen or (not self.shut and waiter.due <= _now())

    def wait(self, waiter: Waiter) -> None:
        """Call it when its turn has come."""
        self._waiters[waiter] = None
        self._stirred.set()

    def told(self, waiter: Waiter) -> None:
        """What became of it is known: it is called at once, where it waits."""
        if waiter in self._waiters:
            self._release(waiter)

    def leave(self, waiter: Waiter) -> None:
        """It does not wait any more; where it was chosen, another one is."""
        self._waiters.pop(waiter, None)
        if waiter.chosen:
            self._trying_until = 0.0

    def _release(self, waiter: Waiter) -> None:
        del self._waiters[waiter]
        waiter.go()

    def _open(self) -> None:
        now = _now()
        self.shut, self._opened_at = False, now
        for waiter in self._waiters:
            if waiter.unknown <= QUICK:
                waiter.sooner(waiter.tried + APART)
        self._release_due(now)
        self._stirred.set()

    def _release_due(self, now: float) -> None:
        for waiter in [waiter for waiter in self._waiters if waiter.due <= now]:
            self._release(waiter)

    # -- the watch ------------------------------------------------------------------------------

    async def watch(self) -> None:
        """See to it that what waits gets its turn, until cancelled."""
        while True:
            self._stirred.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._next()):
                    await self._stirred.wait()
            if not self.shut:
                self._calm_down(_now())
            elif self._next_look <= _now():
                await self._look()
                self._next_look = _now() + self._look_pauses.next()

    def _next(self) -> float | None:
        """When there is something to be done, if nothing happens before."""
        if self.shut:
            return self._next_look
        moments = [waiter.due for waiter in self._waiters]
        if self._on:
            moments.append(self._calm_at)
        if self._lost:
            moments.append(self._say_lost_at)
        return min(moments, default=None)

    @property
    def _calm_at(self) -> float:
        return max(self._failed_at, self._opened_at) + CALM

    async def _look(self) -> None:
        """Ask the platform; where it answers, one message is tried."""
        channel = self._channel
        self._answers = await channel.answers() if isinstance(channel, Probing) else True
        now = _now()
        if not self.shut or not self._answers or now < self._trying_until:
            return
        if not self._waiters:
            self._open()
            return
        if now < self._next_try:
            return
        waiter = min(self._waiters, key=lambda waiter: (waiter.unknown, waiter.due))
        if waiter.due > now:
            return
        waiter.chosen = True
        self._trying_until = now + LONGEST_TRY
        self._next_try = now + self._try_pauses.next()
        self._release(waiter)

    def _calm_down(self, now: float) -> None:
        if self._on and now >= self._calm_at:
            log.info(
                "sending_trouble_over",
                channel=self._channel.name,
                seconds=round(self._opened_at - self._begun, 1),
                failures=self._failures,
            )
            self._on = False
            self._failures = 0
            # Also what was tried so often that it did not follow at once.
            for waiter in self._waiters:
                waiter.sooner(now)
        if self._lost and now >= self._say_lost_at:
            log.warning("messages_given_up", channel=self._channel.name, count=self._lost)
            self._lost = 0
        self._release_due(now)


def _now() -> float:
    return asyncio.get_running_loop().time()
