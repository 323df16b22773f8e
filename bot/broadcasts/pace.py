"""When the next message of a broadcast may leave: after conversations, and as the platform says."""

from __future__ import annotations

import asyncio
import time

from bot.broadcasts.waiting import first_of
from bot.pacing import Bucket, SharedRate
from bot.pauses import Pauses

SLOWER = 0.7
"""After a 429 it goes on at so much of its rate, and finds back step by step."""
FASTER = 1.1
STEP = 10.0
LONGEST_TROUBLE = 60.0


class BroadcastPace:
    """The pace of broadcasts. What it waits for ends at once when ``stop`` is set."""

    def __init__(self, shared: SharedRate | None, rate: float):
        """``shared`` with the conversations (None: a paid broadcast has a rate of its own)."""
        self._shared = shared
        self._full = self.rate = rate
        self._own = _bucket(rate)
        self._until = 0.0
        self._changed = time.monotonic()
        self._pauses = Pauses(1.0, LONGEST_TROUBLE)
        self._front = asyncio.Lock()

    async def turn(self, stop: asyncio.Event) -> bool:
        """Wait until a message may leave; False where the broadcast was stopped meanwhile."""
        async with self._front:  # only the first in the line looks at the clock
            while not stop.is_set():
                pause = self._pause(time.monotonic())
                if pause <= 0:
                    return True
                await first_of(stop, seconds=pause)
        return False

    def _pause(self, now: float) -> float:
        """Seconds to wait; at 0 the turn is taken."""
        if now < self._until:
            return self._until - now
        if self._shared is None:
            return self._own.take_above(0.0, now)
        if self.rate < self._full:
            # Slowed down: of the two buckets the slower one decides.
            own = self._own.take_above(0.0, now)
            if own > 0:
                return own
            shared = self._shared.take_spare(now)
            if shared > 0:
                self._own.put_back()
            return shared
        return self._shared.take_spare(now)

    @property
    def waits(self) -> float:
        """Seconds for which the platform or the network has stopped it."""
        return max(0.0, self._until - time.monotonic())

    def flooded(self, seconds: float) -> None:
        """429: nothing for so long, then slower."""
        now = time.monotonic()
        if now >= self._until:
            self._set_rate(max(1.0, self.rate * SLOWER))
        self._until = max(self._until, now + seconds)

    def troubled(self) -> None:
        """Nothing gets through: wait, longer each time."""
        now = time.monotonic()
        if now >= self._until:
            self._until = now + self._pauses.next()

    def went_well(self) -> None:
        """A message got through."""
        self._pauses.over()
        if self.rate < self._full and time.monotonic() - self._changed > STEP:
            self._set_rate(min(self._full, self.rate * FASTER))

    def _set_rate(self, rate: float) -> None:
        self.rate = rate
        self._own = _bucket(rate)
        self._changed = time.monotonic()


def _bucket(rate: float) -> Bucket:
    # What a sleep takes too long is made up for.
    return Bucket(rate, max(2.0, rate / 10))
