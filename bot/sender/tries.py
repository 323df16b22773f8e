"""Trying again: when a message may leave, and on record how often it may have arrived already."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from math import inf

from bot.campaign.channel import Outgoing, Refused, Unknown
from bot.clock import Clock
from bot.pacing import SharedRate
from bot.pauses import before_try
from bot.sender.chat_queues import ChatQueue, ChatQueues, Waiting
from bot.sender.results import LONGEST_PAUSE, Results
from bot.store.outbox import Leftover
from bot.trouble import QUICK, REPEATS, PlatformTrouble, Waiter

A_DAY = timedelta(days=1)
"""What did not get through until then answers nothing any more."""


class Tries:
    """The tries of all messages in the queues.

    A try that may be a repeat is on record before it is made: however often the process is killed,
    the copies of a message stay bounded by ``bot.trouble.REPEATS``.
    """

    def __init__(
        self,
        queues: ChatQueues,
        results: Results,
        pace: SharedRate,
        troubles: Mapping[str, PlatformTrouble],
        clock: Clock,
    ):
        """``troubles``: of each channel."""
        self._queues = queues
        self._results = results
        self._pace = pace
        self._troubles = troubles
        self._clock = clock

    def fresh(self, message: Outgoing) -> Waiting:
        """A message that was recorded a moment ago."""
        return Waiting(message, _now() + A_DAY.total_seconds())

    def found(
        self, leftover: Leftover, message: Outgoing, *, earlier: bool, told_within: float
    ) -> Waiting:
        """A message from the outbox; ``earlier``: an earlier run may have sent it. ``told_within``
        as for ``failed``."""
        # A clock that was set back since then makes nobody wait for what it was ahead.
        now, age = _now(), max(timedelta(), self._clock() - leftover.created_at)
        waiting = Waiting(message, now + (A_DAY - age).total_seconds(), found=earlier)
        if leftover.attempts:
            wait = _seconds_between(self._clock(), leftover.not_before)
            wait = min(wait, max(_pause(leftover.attempts), told_within))
            waiting.failed = Waiter(_nobody, leftover.attempts, tried=now, due=now + wait)
        elif earlier and told_within:
            soon = now + told_within
            waiting.failed = Waiter(_nobody, tried=now, due=soon, not_before=soon)
        return waiting

    def lets(self, queue: ChatQueue) -> bool:
        """Whether the queue's first message may leave now. Otherwise the queue is called when it
        may."""
        trouble = self._troubles[queue.first.message.channel]
        if trouble.lets(queue.first.failed):
            return True
        self._queues.hold(queue, self._pace)
        self._wait(queue, trouble)
        return False

    def age(self, queue: ChatQueue) -> float:
        """Seconds since the queue's first message was recorded."""
        return A_DAY.total_seconds() - (queue.first.until - _now())

    def too_late(self, queue: ChatQueue) -> bool:
        """Whether the queue's first message has been in vain for so long that it is given up."""
        waiting = queue.first
        if waiting.failed is None or waiting.until > _now():
            return False
        self._troubles[waiting.message.channel].given_up()
        return True

    async def count(self, queue: ChatQueue) -> None:
        """Before a try that may be a repeat: it is on record when this returns."""
        waiting = queue.first
        if (waiting.failed is None or not waiting.failed.unknown) and not waiting.found:
            return
        unknown = waiting.failed.unknown if waiting.failed else 0
        await self._results.counted(waiting.message.id, _pause(unknown + 1))
        waiting.counted = True

    def failed(self, queue: ChatQueue, result: Unknown | Refused, *, told_within: float) -> None:
        """It did not get through, or nobody knows: it stays first in its queue. ``told_within``:
        seconds in which the platform may still say what became of it."""
        waiting, before = queue.first, queue.first.failed
        trouble = self._troubles[waiting.message.channel]
        now = _now()
        unknown = before.unknown if before else 0
        waiting.tries += 1
        if isinstance(result, Unknown):
            unknown += 1
            pause = max(_pause(unknown), told_within)
            if not waiting.counted:
                self._results.again(waiting.message.id, pause)
        else:
            pause = before_try(waiting.tries, 1.0, LONGEST_PAUSE)
            self._not_made(waiting)
        waiting.counted = waiting.found = False
        due = min(now + pause, waiting.until)
        not_before = min(now + told_within, due) if isinstance(result, Unknown) else 0.0
        waiting.failed = Waiter(_nobody, unknown, tried=now, due=due, not_before=not_before)
        alone = trouble.failed(result.reason, since=before.tried if before else inf)
        if alone and waiting.tries > QUICK:
            queue = self._queues.apart(queue)
        self._queues.keep(queue)
        self._wait(queue, trouble)

    def told(self, waiting: Waiting) -> None:
        """The platform has said what became of it: its queue is called where it waits."""
        if waiting.failed is not None:
            self._troubles[waiting.message.channel].told(waiting.failed)

    def answered(self, queue: ChatQueue) -> None:
        """The platform took it, or said what it has against it."""
        waiting = queue.first
        self._troubles[waiting.message.channel].went_well()
        if waiting.failed is not None:
            waiting.failed.chosen = False

    def put_off(self, queue: ChatQueue) -> None:
        """The platform did not take it now (429, a message in another form): no try was made."""
        self._not_made(queue.first)

    def _not_made(self, waiting: Waiting) -> None:
        if waiting.counted:
            self._results.uncounted(waiting.message.id)
        waiting.counted = False

    def _wait(self, queue: ChatQueue, trouble: PlatformTrouble) -> None:
        waiting = queue.first
        if waiting.failed is None:
            waiting.failed = Waiter(_nobody)
        waiting.failed.go = lambda: self._queues.call(queue)
        trouble.wait(waiting.failed)


def _nobody() -> None:
    """What a waiter calls before it stands in line."""


def _pause(unknown: int) -> float:
    return REPEATS[min(unknown, len(REPEATS)) - 1]


def _seconds_between(now: datetime, moment: datetime | None) -> float:
    if moment is None:
        return 0.0
    return max(0.0, (moment - now).total_seconds())


def _now() -> float:
    return asyncio.get_running_loop().time()
