"""A number of something that happened, by the minute: how much of it was within the last ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime


def minute_of(moment: datetime) -> int:
    """The minute since 1970."""
    return int(moment.timestamp()) // 60


@dataclass(slots=True)
class Minutes:
    """Kept in memory. Where the clock was set back, what happened "later" happened just now."""

    _numbers: Counter[int] = field(default_factory=Counter)

    def add(self, number: int, now: datetime) -> None:
        """So much more happened."""
        self._numbers[minute_of(now)] += number

    def within(self, minutes: int, now: datetime) -> int:
        """How much there was within so many minutes."""
        present = minute_of(now)
        for ahead in [minute for minute in self._numbers if minute > present]:
            self._numbers[present] += self._numbers.pop(ahead)
        return sum(number for at, number in self._numbers.items() if at > present - minutes)

    def forget(self, minutes: int, now: datetime) -> bool:
        """Drop what is older than so many minutes; whether anything is left."""
        oldest = minute_of(now) - minutes
        for minute in [minute for minute in self._numbers if minute <= oldest]:
            del self._numbers[minute]
        return bool(self._numbers)
