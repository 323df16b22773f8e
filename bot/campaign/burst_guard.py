"""Many signatures from accounts never seen before, in a short time: held until staff have looked.

Only numbers by the minute are kept, in memory: a time of signing in the database would make
signatures and supporters comparable. A restart therefore begins a new count.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.campaign.rules import BurstRule

NEW_FOR = timedelta(days=1)
"""An account counts as never seen before on the day of its first event and on the next."""


def is_new(joined_on: date | None, today: date) -> bool:
    """Whether an account was never seen before; None where it is not known at all."""
    return joined_on is None or today - joined_on <= NEW_FOR


@dataclass(slots=True)
class BurstGuard:
    """Counts new accounts' signatures per petition; one for the running bot."""

    rule: BurstRule
    _minutes: dict[str, Counter[int]] = field(default_factory=dict)
    _alarmed: dict[str, datetime] = field(default_factory=dict)

    def room(self, petition: str, now: datetime) -> int | None:
        """How many more are counted before the next is held; None: as many as there are."""
        if not self.rule.signatures:
            return None
        return max(0, self.rule.signatures - self._recent(petition, now))

    def note(self, petition: str, signatures: int, now: datetime) -> bool:
        """So many new accounts signed, held or not; True where this is the beginning of a burst.

        One burst gives one alarm: the next may come when the petition was quiet for as long as the
        rule looks back.
        """
        if not self.rule.signatures or signatures <= 0:
            return False
        self._minutes.setdefault(petition, Counter())[_minute(now)] += signatures
        if self._recent(petition, now) <= self.rule.signatures:
            return False
        last = self._alarmed.get(petition)
        self._alarmed[petition] = now
        return last is None or now - last > timedelta(minutes=self.rule.minutes)

    def _recent(self, petition: str, now: datetime) -> int:
        minutes = self._minutes.get(petition)
        if not minutes:
            return 0
        oldest = _minute(now) - self.rule.minutes
        for minute in [minute for minute in minutes if minute <= oldest]:
            del minutes[minute]
        return minutes.total()


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // 60
