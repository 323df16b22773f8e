"""An hour in numbers, for the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from bot.health.judging import State
from bot.health.signs import Signs
from bot.meters import ENDINGS, Meters

log = structlog.get_logger(__name__)

COARSE = 10
"""Numbers of what people did are rounded up to the next such, and none is told from a few: whoever
reads the log on the disk must not see at which hour somebody wrote."""


class Hours:
    """Says what the last hour brought."""

    def __init__(self, meters: Meters):
        """From now on."""
        self._meters = meters
        self._events: Mapping[str, int] = Counter()
        self._sent: Mapping[str, int] = Counter()

    @staticmethod
    def until_next(now: datetime) -> float:
        """Seconds until a little after the clock strikes: who wakes too early says it once, too."""
        next_one = now.replace(minute=0, second=5, microsecond=0) + timedelta(hours=1)
        return (next_one - now).total_seconds()

    def say(self, signs: Signs, states: list[State]) -> None:
        """One line for the hour that is over."""
        events = Counter(self._meters.events)
        sent: Counter[str] = Counter()
        for (_, _, how), number in self._meters.sent.items():
            sent[how] += number
        came = sum(events.values()) - sum(self._events.values())
        ended = {how: _coarse(sent[how] - self._sent.get(how, 0)) for how in ENDINGS}
        self._events, self._sent = events, sent
        log.info(
            "hour_in_numbers",
            events_at_most=_coarse(came),
            messages_at_most=ended,
            waiting_at_most=_coarse(sum(one.waiting for one in signs.platforms.values())),
            heard_seconds={
                name: round(platform.heard)
                for name, platform in signs.platforms.items()
                if platform.heard is not None
            },
            dead_letters=signs.letters_kept,
            signatures_held_at_most=_coarse(signs.held),
            disk_free_percent=round(signs.disk.percent) if signs.disk else None,
            database_megabytes=round(signs.database / 1e6),
            wrong=[state.name for state in states],
        )


def _coarse(number: int) -> int:
    return max(COARSE, -(-number // COARSE) * COARSE)
