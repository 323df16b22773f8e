"""Many signatures from accounts never seen before, in a short time: held until staff have looked.
Browsers are counted apart, and always as new: an old key costs no more than a fresh one.

Only numbers by the minute are kept, in memory: a time of signing in the database would make
signatures and supporters comparable. A restart therefore begins a new count.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.campaign.minutes import Minutes
from bot.campaign.rules import BurstRule
from bot.campaign.signatures import Signer

NEW_FOR = timedelta(days=1)
"""An account counts as never seen before on the day of its first event and on the next."""

Whose = tuple[str, Signer]
"""A petition, and a kind of signer."""


def is_new(joined_on: date | None, today: date, signer: Signer = Signer.ACCOUNT) -> bool:
    """Whether somebody counts as never seen before; None where it is not known at all."""
    return signer is Signer.BROWSER or joined_on is None or today - joined_on <= NEW_FOR


@dataclass(slots=True)
class BurstGuard:
    """Counts signatures of the new, per petition and kind of signer; one for the running bot."""

    rule: BurstRule
    _minutes: dict[Whose, Minutes] = field(default_factory=dict)
    _alarmed: dict[Whose, datetime] = field(default_factory=dict)

    def room(self, whose: Whose, now: datetime) -> int | None:
        """How many more are counted before the next is held; None: as many as there are."""
        if not self.rule.signatures:
            return None
        return max(0, self.rule.signatures - self._recent(whose, now))

    def note(self, whose: Whose, signatures: int, now: datetime) -> bool:
        """So many of the new signed, held or not; True where this is the beginning of a burst.

        One burst gives one alarm: the next may come when the petition was quiet for as long as the
        rule looks back.
        """
        if not self.rule.signatures or signatures <= 0:
            return False
        self._minutes.setdefault(whose, Minutes()).add(signatures, now)
        if self._recent(whose, now) <= self.rule.signatures:
            return False
        last = self._alarmed.get(whose)
        self._alarmed[whose] = now
        quiet = timedelta(minutes=self.rule.minutes)
        return last is None or not timedelta() <= now - last <= quiet

    def _recent(self, whose: Whose, now: datetime) -> int:
        minutes = self._minutes.get(whose)
        if not minutes:
            return 0
        minutes.forget(self.rule.minutes, now)
        return minutes.within(self.rule.minutes, now)
