"""Putting a backup in the place of the database: proven before, stopped where it would repeat
itself, proven after; what was there is kept under another name."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from bot.backups import naming, sealing, undoing
from bot.backups.undoing import Undone
from bot.keys import Keys, KeysMissing
from bot.privacy import binding
from bot.store import key_marks
from bot.store.maintenance import BackupTrouble, CopyDamaged, Gone, Maintenance, Proof
from bot.store.opening import open_database
from bot.store.petitions.tables import signatures as signatures_table
from bot.upkeep import purging

DRAFT = ".restoring"
KEYS_FIRST = "Put the keys back first, from their own place (docs/operations.md, Restore)."


@dataclass(frozen=True, slots=True)
class Target:
    """Where the bot lives: its directory, its database with what its engine does from outside, and
    the keys of BOT_KEYS, if any."""

    directory: Path
    database: Path
    maintenance: Maintenance
    given: str | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """What is in place now, of when, where the former database is, and what was undone."""

    proof: Proof
    made_at: datetime | None
    aside: Path | None
    undone: Undone


async def restore(target: Target, file: Path, identity: Path | None, now: datetime) -> Restored:
    """Put the backup in place. Raises ``BackupTrouble``, ``DataDirectoryTaken`` (the bot runs),
    ``DatabaseTrouble`` or ``KeyTrouble``: then everything is as it was."""
    maintenance = target.maintenance
    start = _begins(maintenance, file)
    hold = maintenance.claim(target.directory, target.database)
    draft = target.database.with_name(target.database.name + DRAFT)
    try:
        maintenance.drop(draft)
        try:
            _bring(file, start, draft, identity)
            before = _proven(maintenance, draft, file)
            gone = maintenance.gone_since(draft, target.database)
            undone = await _made_ready(target, draft, before, gone, now, file.name)
            ready = maintenance.proven(draft)
            with draft.open("r+b") as handle:
                os.fsync(handle.fileno())
            aside = _swap(target, draft, now)
        finally:
            maintenance.drop(draft)
        if maintenance.proven(target.database) != ready:
            raise BackupTrouble(
                f"{target.database} is not what was put there: is the disk sound? The former"
                f" database is {aside}."
            )
        return Restored(ready, naming.made_at(file, maintenance.ENDING), aside, undone)
    finally:
        hold.release()


def _begins(maintenance: Maintenance, file: Path) -> bytes:
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
    if not maintenance.is_copy(start) and not sealing.is_sealed(start):
        raise BackupTrouble(f"{file} is no backup of the bot: name another file.")
    return start


def _bring(file: Path, start: bytes, draft: Path, identity: Path | None) -> None:
    draft.touch(mode=0o600, exist_ok=False)
    if sealing.is_sealed(start):
        sealing.unseal(file, draft, identity)
    else:
        with file.open("rb") as source, draft.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)


def _proven(maintenance: Maintenance, draft: Path, file: Path) -> Proof:
    """What was brought; where it is not whole, the file that it came from is named."""
    try:
        return maintenance.proven(draft)
    except CopyDamaged as problem:
        raise CopyDamaged(file, problem.reason) from problem


async def _made_ready(
    target: Target, draft: Path, proof: Proof, gone: Gone | None, now: datetime, told: str
) -> Undone:
    """The tables brought up to date, the keys compared, and what would be repeated stopped."""
    keys = _keys(target, proof)
    url = target.maintenance.url(draft)
    store = await open_database(target.directory, url, beside=True)
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


def _keys(target: Target, proof: Proof) -> Keys:
    """The keys that are here; none is made. Raises ``KeyTrouble``."""
    try:
        keys = Keys.open(target.directory / "keys", target.given, database_exists=True)
    except KeysMissing as problem:
        raise KeysMissing(
            f"There are no keys in {target.directory / 'keys'}. {KEYS_FIRST}"
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
            f"Keys of petitions are missing in {target.directory / 'keys'}: {', '.join(missing)}."
            f" {KEYS_FIRST}"
        )
    return keys


def _swap(target: Target, draft: Path, now: datetime) -> Path | None:
    """The draft takes the place of the database; where that one went, if there was one."""
    database = target.database
    aside = database.with_name(f"{database.name}.before-{naming.stamp(now)}")
    while aside.exists():
        aside = aside.with_name(f"{aside.name}-again")
    return aside if target.maintenance.put_in_place(draft, database, aside) else None
