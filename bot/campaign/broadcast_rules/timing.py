"""When a broadcast may go out: its hour, the quiet hours, a time that has long passed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.campaign.broadcast_rules.broadcast import Broadcast, State

QUIET_FROM, QUIET_TO = time(21), time(8)
"""Nobody gets a broadcast at night, by the campaign's clock."""
FIRST_YEAR, LAST_YEAR = 2000, 2100
_HOUR = re.compile(r"(?:(?P<day>\S+) )?(?P<hour>\d{1,2}) ?[:hH] ?(?P<minute>\d{2})?")
"""A day, if any, and an hour: "18:30", "18h", "18 h 30", "2026-12-01 18:30"."""
TOO_LATE = timedelta(hours=1)
"""A broadcast that should have begun so long ago (the bot was off) asks again instead."""


def is_due(broadcast: Broadcast, now: datetime) -> bool:
    """Whether an approved broadcast is to begin."""
    return broadcast.state is State.APPROVED and (broadcast.at is None or broadcast.at <= now)


def is_too_late(broadcast: Broadcast, now: datetime) -> bool:
    """Whether its hour has long passed: what was right then may be wrong now."""
    return broadcast.at is not None and now - broadcast.at > TOO_LATE


def quiet_until(now: datetime, time_zone: str) -> datetime | None:
    """The end of the quiet hours that it is in now, None outside of them."""
    here = now.astimezone(ZoneInfo(time_zone))
    if QUIET_TO <= here.time() < QUIET_FROM:
        return None
    day = here.date() if here.time() < QUIET_TO else here.date() + timedelta(days=1)
    return datetime.combine(day, QUIET_TO, ZoneInfo(time_zone)).astimezone(UTC)


def seconds_until_quiet(now: datetime, time_zone: str) -> float:
    """How long it is until the next quiet hours begin; 0.0 while it is quiet."""
    if quiet_until(now, time_zone) is not None:
        return 0.0
    zone = ZoneInfo(time_zone)
    evening = datetime.combine(now.astimezone(zone).date(), QUIET_FROM, zone)
    return (evening - now).total_seconds()


def read_time(text: str, time_zone: str, now: datetime) -> datetime:
    """A day and hour as staff type it, by the campaign's clock: "2026-12-01 18:00", "18:00" (the
    next time that it is so late). Raises ValueError."""
    zone = ZoneInfo(time_zone)
    here = now.astimezone(zone)
    written = _HOUR.fullmatch(" ".join(text.split()))
    if written is None:
        raise ValueError("no hour")
    clock = time(int(written["hour"]), int(written["minute"] or 0))
    if written["day"]:
        meant = datetime.combine(read_day(written["day"]), clock, zone)
    else:
        meant = datetime.combine(here.date(), clock, zone)
        if meant <= here:
            meant = datetime.combine(here.date() + timedelta(days=1), clock, zone)
    # An hour that the clocks skip in spring comes back as another one.
    again = meant.astimezone(UTC).astimezone(zone)
    if again.replace(tzinfo=None) != meant.replace(tzinfo=None):
        raise ValueError("the clocks skip this hour")
    return meant.astimezone(UTC)


def read_day(text: str) -> date:
    """A day as staff type it: "2026-12-01", "01/12/2026". Raises ValueError."""
    written = text.strip()
    day = datetime.strptime(written, "%d/%m/%Y" if "/" in written else "%Y-%m-%d").date()
    if not FIRST_YEAR <= day.year < LAST_YEAR:
        raise ValueError("a year that nobody means")
    return day
