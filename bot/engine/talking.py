"""Who wrote to the bot within the last minutes: known in memory alone, since minutes in the
database could be matched with acts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.campaign.broadcast_rules.audience import IN_A_SCENE
from bot.clock import Clock, utc_now

KEPT = timedelta(minutes=30)
"""Longer than the recipients of a broadcast are being fixed."""


class Talking:
    """Told by the engine of everybody who writes; asked by whoever would write to them unasked."""

    def __init__(self, clock: Clock = utc_now):
        """From now on."""
        self._clock = clock
        self._began = clock()
        self._newest = self._began
        self._last: dict[bytes, datetime] = {}
        """In the order of their last words."""

    def note(self, pseudonyms: Iterable[bytes], at: datetime) -> None:
        """These people wrote."""
        self._set_back()
        self._newest = max(self._newest, at)
        for pseudonym in pseudonyms:
            self._last.pop(pseudonym, None)
            self._last[pseudonym] = at
        while self._last:
            oldest = next(iter(self._last))
            if at - self._last[oldest] < KEPT:
                break
            del self._last[oldest]

    def since(self, moment: datetime) -> list[bytes]:
        """Everybody who is known to have written after that moment."""
        self._set_back()
        return [pseudonym for pseudonym, last in self._last.items() if last > moment]

    def wrote_since(self, pseudonym: bytes, moment: datetime) -> bool:
        """Whether they are known to have written after that moment."""
        self._set_back()
        last = self._last.get(pseudonym)
        return last is not None and last > moment

    def may_be_at_it(self, pseudonym: bytes, hour: datetime) -> bool:
        """Whether they are talking just now, or, soon after a start, might be: of what was before
        it only the ``hour`` of their last visit is known."""
        since = self._clock() - IN_A_SCENE
        if self.wrote_since(pseudonym, since):
            return True
        return self._began > since and hour + timedelta(hours=1) > since

    def _set_back(self) -> None:
        """Nobody wrote later than now: where the clock was set back, they wrote just before."""
        now = self._clock()
        if now < self._newest:
            self._began, self._newest = min(self._began, now), now
            self._last = {who: min(last, now) for who, last in self._last.items()}
