"""The newest backup: how old it is, and whether it could be put back."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bot.backups import naming, noting, sealing, trying
from bot.backups.restoring import Target
from bot.disk import owner
from bot.doctor.looking import Look
from bot.findings import Finding, warning, well, wrong
from bot.keys import KeyTrouble
from bot.settings import revealed
from bot.store.database import DatabaseBusy, DatabaseTrouble
from bot.store.maintenance import BackupTrouble

LATE: Final = timedelta(hours=26)
"""A night's backup, and the hours that it may take longer."""
LOST: Final = timedelta(days=7)


async def look(look: Look) -> Iterable[Finding]:
    """Its age, and what it holds: restored into a place of its own where it is not encrypted."""
    if not look.database.exists():
        return []
    if look.backups is None:
        # Where it is nobody knows here; that one was made is noted beside the database.
        made = noting.last(look.settings.data_dir)
        return [warning("backup.unknown")] if made is None else [_aged(look.at - made, "?")]
    try:
        newest = _newest(look.backups, look.maintenance.ENDING)
    except OSError as problem:
        return [wrong("backup.unreadable", str(problem.strerror), path=str(look.backups))]
    if newest is None:
        return [wrong("backup.none", path=str(look.backups))]
    at, file = newest
    return [_aged(look.at - at, str(file)), await _tried(look, file)]


def _newest(directory: Path, ending: str) -> tuple[datetime, Path] | None:
    found = [(at, file) for file in directory.iterdir() if (at := naming.made_at(file, ending))]
    return max(found, default=None)


def _aged(age: timedelta, file: str) -> Finding:
    values = {"file": file, "hours": round(age.total_seconds() / 3600)}
    if age > LOST:
        return wrong("backup.old", **values)
    return warning("backup.late", **values) if age > LATE else well("backup.fresh", **values)


async def _tried(look: Look, file: Path) -> Finding:
    try:
        with file.open("rb") as opened:
            start = opened.read(64)
        if sealing.is_sealed(start):
            digest, size = await asyncio.to_thread(_digest, file)
            return well("backup.sealed", digest=digest, bytes=size)
        if not look.maintenance.is_copy(start):
            return wrong("backup.useless", file=str(file))
        data = look.settings.data_dir
        if os.name == "posix" and data.stat().st_uid != os.geteuid():
            # What another account leaves there, the bot could not put away.
            return warning("backup.other_account", account=owner(data))
        target = Target(data, look.database, look.maintenance, revealed(look.settings.keys))
        tried = await trying.backup(target, file, look.at)
    except DatabaseBusy as trouble:
        return warning("backup.not_tried", str(trouble))
    except (BackupTrouble, DatabaseTrouble, KeyTrouble) as trouble:
        return wrong("backup.useless", str(trouble), file=str(file))
    except OSError as problem:
        return wrong("backup.unreadable", str(problem.strerror), path=str(file))
    rows = tried.after.rows
    return well(
        "backup.restored",
        supporters=rows["supporters"],
        signatures=rows["signatures"],
        seconds=tried.seconds,
    )


def _digest(file: Path) -> tuple[str, int]:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest(), opened.tell()
