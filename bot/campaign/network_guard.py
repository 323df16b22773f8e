"""Many signatures of browsers from one network: those above a bound are held, none is refused.

Networks are known by their lots alone (see ``events.Provenance``). Numbers by the minute are kept,
in memory; a restart begins a new count, with new lots.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.campaign.minutes import Minutes, minute_of
from bot.campaign.rules import NetworkRule

HOUR, DAY = 60, 24 * 60


@dataclass(slots=True)
class NetworkGuard:
    """Counts signatures per petition and lot; one for the running bot."""

    rule: NetworkRule
    _minutes: dict[tuple[str, str], Minutes] = field(default_factory=dict)
    _swept: int = 0

    def is_full(self, petition: str, lot: str, now: datetime, *, more: int = 0) -> bool:
        """Whether the next one is held; ``more``: so many that are not noted yet."""
        minutes = self._minutes.get((petition, lot), Minutes())
        hour, day = minutes.within(HOUR, now), minutes.within(DAY, now)
        return hour + more >= self.rule.an_hour or day + more >= self.rule.a_day

    def note(self, petition: str, lot: str, signatures: int, now: datetime) -> None:
        """So many came from there, held or not."""
        self._minutes.setdefault((petition, lot), Minutes()).add(signatures, now)
        if abs(minute_of(now) - self._swept) >= HOUR:
            self._swept = minute_of(now)
            self._minutes = {
                where: minutes
                for where, minutes in self._minutes.items()
                if minutes.forget(DAY, now)
            }
