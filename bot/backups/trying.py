"""A copy of the database is brought up to date, and thrown away: what would happen, and how long.

A backup is tried the same way: restored where nobody lives, and counted.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from bot.backups.restoring import Target
from bot.backups.upgrading import refuse_without_room
from bot.keys import Keys
from bot.privacy import binding
from bot.store import key_marks
from bot.store.database import DatabaseOlder
from bot.store.maintenance import BackupTrouble, Maintenance, Proof
from bot.store.opening import maintenance_of, open_database

DRAFT = "trying"


@dataclass(frozen=True, slots=True)
class Tried:
    """What a copy held before and afterwards, which revisions it went through, in how many seconds,
    and whether its seals were bound to their rows."""

    before: Proof
    after: Proof
    revisions: Mapping[str, str]
    seconds: float
    bound: bool

    @property
    def lost(self) -> list[str]:
        """Tables of the bot's that hold fewer rows afterwards."""
        kept = self.before.rows.keys() & self.after.rows.keys()
        return sorted(name for name in kept if self.after.rows[name] < self.before.rows[name])


async def upgrade(target: Target, now: datetime) -> Tried:
    """Bring a copy of the database up to date, beside a bot that may be running.

    Raises ``BackupTrouble``, ``DatabaseTrouble`` (no room, or what the upgrade itself would meet)
    or ``KeyTrouble``; the database is as it was.
    """
    if not target.database.is_file():
        raise BackupTrouble(f"There is no database {target.database} yet: nothing would be changed")
    refuse_without_room(target.database, target.directory)
    with _draft(target.maintenance, target.directory) as draft:
        target.maintenance.copy(target.database, draft)
        return await _brought_up_to_date(target, draft, now)


async def backup(target: Target, file: Path, now: datetime) -> Tried:
    """Put a backup that is not encrypted into a place of its own, and bring it up to date.

    Raises ``BackupTrouble``, ``DatabaseTrouble`` or ``KeyTrouble``.
    """
    refuse_without_room(file, target.directory)
    with _draft(target.maintenance, target.directory) as draft:
        shutil.copyfile(file, draft)
        return await _brought_up_to_date(target, draft, now)


async def _brought_up_to_date(target: Target, draft: Path, now: datetime) -> Tried:
    maintenance = target.maintenance
    before = maintenance.proven(draft)
    keys = Keys.open(target.directory / "keys", target.given, database_exists=True)
    revisions: dict[str, str] = {}

    def note(_: Path, new: Mapping[str, str]) -> None:
        revisions.update(new)

    began = time.monotonic()
    store = await open_database(
        target.directory, maintenance.url(draft), beside=True, before_upgrade=note
    )
    try:
        bound = await binding.bind(store, keys, now, anew=True)
        async with store.reading() as connection:
            await key_marks.verify(connection, keys)
    finally:
        await store.close()
    seconds = time.monotonic() - began
    return Tried(before, maintenance.proven(draft), revisions, seconds, bound)


async def is_older(target: Target) -> bool:
    """Whether a start would change something. Raises ``DatabaseTrouble``."""
    url = target.maintenance.url(target.database)
    try:
        store = await open_database(target.directory, url, looking=True)
    except DatabaseOlder:
        return True
    try:
        async with store.reading() as connection:
            if not await key_marks.there(connection):
                return False
            keys = Keys.open(target.directory / "keys", target.given, database_exists=True)
            return not await key_marks.are_bound(connection, keys)
    finally:
        await store.close()


@contextmanager
def _draft(maintenance: Maintenance, directory: Path) -> Iterator[Path]:
    """A place for one copy at a time; what a killed one left goes first."""
    place = directory / f"{DRAFT}{maintenance.ENDING}"
    lock = FileLock(directory / f".{DRAFT}.lock", mode=0o600)
    try:
        lock.acquire(blocking=False)
    except Timeout as problem:
        raise BackupTrouble("Another copy is being tried: wait for its end.") from problem
    try:
        maintenance.drop(place)
        place.touch(mode=0o600, exist_ok=False)
        yield place
    finally:
        maintenance.drop(place)
        lock.release()


def drop_left(url: str | None, directory: Path) -> None:
    """Delete a copy that a killed process has left; not one that is being tried."""
    maintenance = maintenance_of(url)
    if (directory / f"{DRAFT}{maintenance.ENDING}").exists():
        try:
            with _draft(maintenance, directory):
                return
        except BackupTrouble:
            return
