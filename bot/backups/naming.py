"""How backups are called, and what is still being made: nothing else is ever deleted."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.disk import flush_directory

_NAME = re.compile(r"campaign-(\d{8}T\d{6}Z)(\.\w+)(\.age)?")
_STAMP = "%Y%m%dT%H%M%SZ"
_PART = ".campaign-backup-"
"""What begins so is being made; under the lock of its directory it was left by one that was cut
off."""
LOCK = ".campaign-backup.lock"
_KEEP = re.compile(r"([1-9]\d{0,4})([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def stamp(at: datetime) -> str:
    """The moment as it stands in names: in UTC, and sorted by it."""
    return at.astimezone(UTC).strftime(_STAMP)


def free_name(directory: Path, at: datetime, ending: str, *, sealed: bool) -> Path:
    """The name of a backup made at that moment, with the engine's ending.

    One that is there is never written over.
    """
    while True:
        file = directory / f"campaign-{stamp(at)}{ending}{'.age' if sealed else ''}"
        if not file.exists():
            return file
        at += timedelta(seconds=1)


def made_at(file: Path, ending: str) -> datetime | None:
    """When the backup of that name was made; None for a name that this program does not give."""
    match = _NAME.fullmatch(file.name)
    if match is None or match[2] != ending:
        return None
    try:
        return datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def period(text: str) -> timedelta:
    """``30d``, ``36h`` or ``4w``. Raises ValueError."""
    match = _KEEP.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def part(directory: Path, name: str) -> Path:
    """A new, empty file that only this account can read, for what is being made."""
    file = directory / f"{_PART}{name}.part"
    file.touch(mode=0o600, exist_ok=False)
    return file


def drop_parts(directory: Path) -> None:
    """Delete what was being made, with the journals beside it: it may hold everything readable."""
    for file in directory.glob(f"{_PART}*.part*"):
        file.unlink(missing_ok=True)


def prune(directory: Path, before: datetime, newest: Path, ending: str) -> list[Path]:
    """Delete the backups that were made before that moment, and never the newest."""
    old = [
        file
        for file in sorted(directory.iterdir())
        if (at := made_at(file, ending))
        and at < before
        and file != newest
        and not file.is_symlink()
    ]
    for file in old:
        file.unlink()
    if old:
        flush_directory(directory)
    return old
