"""Putting a backup in the place of the database: proven before, stopped where it would repeat
itself, proven after; what was there is kept under another name."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.engine import URL

from bot.backups import naming, proving, sealing, undoing
from bot.backups.gone_since import Gone, gone_since
from bot.backups.naming import BackupTrouble
from bot.backups.proving import Proof
from bot.backups.undoing import Undone
from bot.disk import flush_directory
from bot.keys import Keys, KeysMissing
from bot.privacy import binding
from bot.store import key_marks
from bot.store.petitions.tables import signatures as signatures_table
from bot.store.sqlite.database import Store
from bot.store.sqlite.directory_lock import DirectoryLock
from bot.upkeep import purging

DRAFT = ".restoring"
LOGS = ("-wal", "-shm", "-journal")
KEYS_FIRST = "Put the keys back first, from their own place (docs/operations.md, Restore)."


@dataclass(frozen=True, slots=True)
class House:
    """Where the bot lives: its directory, its database, and the keys of BOT_KEYS, if any."""

    directory: Path
    database: Path
    given: str | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """What is in place now, of when, where the former database is, and what was undone."""

    proof: Proof
    made_at: datetime | None
    aside: Path | None
    undone: Undone


async def restore(house: House, file: Path, identity: Path | None, now: datetime) -> Restored:
    """Put the backup in place. Raises ``BackupTrouble``, ``DataDirectoryTaken`` (the bot runs),
    ``DatabaseTrouble`` or ``KeyTrouble``: then everything is as it was."""
    start = _begins(file)
    hold = DirectoryLock(house.directory, house.database)
    draft = house.database.with_name(house.database.name + DRAFT)
    try:
        _drop(draft)
        try:
            _bring(file, start, draft, identity)
            before = _proven(draft, file)
            gone = gone_since(draft, house.database)
            undone = await _made_ready(house, draft, before, gone, now, file.name)
            ready = proving.proven(draft)
            with draft.open("r+b") as handle:
                os.fsync(handle.fileno())
            aside = _swap(house.database, draft, now)
        finally:
            _drop(draft)
        if proving.proven(house.database) != ready:
            raise BackupTrouble(
                f"{house.database} is not what was put there: is the disk sound? The former"
                f" database is {aside}."
            )
        return Restored(ready, naming.made_at(file), aside, undone)
    finally:
        hold.release()


def _begins(file: Path) -> bytes:
    """The first bytes of a file that may be a backup. Raises ``BackupTrouble``."""
    try:
        with file.open("rb") as handle:
            start = handle.read(64)
    except OSError as problem:
        raise BackupTrouble(
            f"{file} cannot be read ({problem.strerror}): name a backup, and be the account that"
            " may read it."
        ) from problem
    if not start:
        raise BackupTrouble(f"{file} is empty, so it is no backup: name another one.")
    if not start.startswith(proving.HEADER) and not sealing.is_sealed(start):
        raise BackupTrouble(f"{file} is no backup of the bot: name another file.")
    return start


def _bring(file: Path, start: bytes, draft: Path, identity: Path | None) -> None:
    draft.touch(mode=0o600, exist_ok=False)
    if sealing.is_sealed(start):
        sealing.unseal(file, draft, identity)
    else:
        with file.open("rb") as source, draft.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)


def _proven(draft: Path, file: Path) -> Proof:
    """What was brought; where it is not whole, the file that it came from is named."""
    try:
        return proving.proven(draft)
    except proving.Damaged as problem:
        raise proving.Damaged(file, problem.reason) from problem


async def _made_ready(
    house: House, draft: Path, proof: Proof, gone: Gone | None, now: datetime, told: str
) -> Undone:
    """The tables brought up to date, the keys compared, and what would be repeated stopped."""
    keys = _keys(house, proof)
    url = URL.create("sqlite", database=str(draft)).render_as_string()
    store = await Store.open(house.directory, url, beside=True)
    try:
        await binding.bind(store, keys, now, anew=True)
        async with store.writing() as connection:
            await key_marks.check(connection, keys, keys.petitions())
            undone = await undoing.stop(connection, keys, now, told)
            if gone is not None:
                signatures = await undoing.erase_again(connection, keys, gone, now)
                undone = replace(undone, people=len(gone.people), signatures=signatures)
            query = select(signatures_table.c.petition).distinct()
            petitions = list((await connection.execute(query)).scalars())
        for petition in petitions:
            if not keys.has_petition_key(petition):
                await purging.destroy(store, keys, petition, now)
        await store.scrub()
    finally:
        await store.close()
    return undone


def _keys(house: House, proof: Proof) -> Keys:
    """The keys that are here; none is made. Raises ``KeyTrouble``."""
    try:
        keys = Keys.open(house.directory / "keys", house.given, database_exists=True)
    except KeysMissing as problem:
        raise KeysMissing(
            f"There are no keys in {house.directory / 'keys'}. {KEYS_FIRST}"
        ) from problem
    there = set(keys.petitions())
    missing = sorted(
        petition
        for name, _ in proof.marks
        if (petition := name.removeprefix("petition-")) != name
        and petition not in there
        and keys.has_petition_key(petition)
    )
    if missing:
        raise KeysMissing(
            f"Keys of petitions are missing in {house.directory / 'keys'}: {', '.join(missing)}."
            f" {KEYS_FIRST}"
        )
    return keys


def _swap(database: Path, draft: Path, now: datetime) -> Path | None:
    """The former database steps aside with its log, and the new one takes its place.

    A cut in between leaves no database: the next start says so, and the same command goes on.
    """
    aside = database.with_name(f"{database.name}.before-{naming.stamp(now)}")
    while aside.exists():
        aside = aside.with_name(f"{aside.name}-again")
    steps = [
        (database.with_name(database.name + ending), aside.with_name(aside.name + ending))
        for ending in ("", *LOGS)
    ]
    moved = []
    try:
        for old, new in (*((old, new) for old, new in steps if old.exists()), (draft, database)):
            old.rename(new)
            moved.append((old, new))
    except BaseException:
        for old, new in reversed(moved):
            new.rename(old)
        raise
    # An index of the log, made anew when it is needed.
    aside.with_name(f"{aside.name}-shm").unlink(missing_ok=True)
    flush_directory(database.parent)
    return aside if aside.exists() else None


def _drop(draft: Path) -> None:
    for ending in ("", *LOGS):
        draft.with_name(draft.name + ending).unlink(missing_ok=True)
