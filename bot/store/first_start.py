"""Whether a data directory has had its first start: from then on a database belongs to its keys.

A small file beside the keys says so, and goes where they are copied to: keys without their database
are not given a new and empty one.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from bot.keys import files

FILE = "database.made"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def is_over(directory: Path) -> bool:
    """Whether there was a database once; a first start that was cut short may go on."""
    return _file(directory).exists()


def end(directory: Path, now: datetime) -> None:
    """Note, once, that database and keys are there and belong together. The last act of a start."""
    if not is_over(directory):
        since = f"A database belongs to these keys since {now.date().isoformat()}"
        files.write(_file(directory), f"{since}: see docs/operations.md, Restore.\n".encode())


def begun(directory: Path) -> datetime | None:
    """When its first start was over at the latest, since only the day is noted; None before."""
    try:
        noted = _DAY.search(_file(directory).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if noted is None:
        return None
    day = datetime.combine(date.fromisoformat(noted[0]), time(), UTC)
    return day + timedelta(days=1)


def remedy(directory: Path) -> str:
    """What to do where that database is gone."""
    return (
        "put it back, or restore a backup (docs/operations.md, Restore). To begin anew without it,"
        f" move all of {directory} away"
    )


def _file(directory: Path) -> Path:
    return directory / "keys" / FILE
