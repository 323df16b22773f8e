"""Making a backup beside a bot that writes: copied, proven, encrypted, and only then named."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from bot.backups import naming, sealing
from bot.disk import flush_directory, is_full, make_directory
from bot.store.maintenance import BackupTrouble, CopyDamaged, Maintenance, Proof

UNTOUCHED = "No backup was made; the older ones are untouched."


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that is on the disk, what it holds, and the older ones that went for it."""

    file: Path
    proof: Proof
    pruned: list[Path]


def make(
    maintenance: Maintenance,
    database: Path,
    directory: Path,
    keep: timedelta,
    now: datetime,
    public_key: str = "",
) -> Made:
    """Back the database up into the directory, then delete backups older than ``keep``.

    Raises ``BackupTrouble``; nothing is deleted then.
    """
    if not database.is_file() or database.stat().st_size == 0:
        raise BackupTrouble(
            f"There is no database {database}, or an empty one: set BOT_DATA_DIR, or start the bot"
            " once; where there was one, restore a backup (docs/operations.md, Restore)."
        )
    with _told(directory), _alone(directory):
        naming.drop_parts(directory)
        try:
            ready, proof = _whole(maintenance, database, directory)
            if public_key:
                sealed = naming.part(directory, "sealed")
                sealing.seal(ready, sealed, public_key)
                ready = sealed
            _flush(ready)
            file = naming.free_name(directory, now, maintenance.ENDING, sealed=bool(public_key))
            ready.rename(file)
            flush_directory(directory)
        finally:
            naming.drop_parts(directory)
        return Made(file, proof, naming.prune(directory, now - keep, file, maintenance.ENDING))


def _whole(maintenance: Maintenance, database: Path, directory: Path) -> tuple[Path, Proof]:
    """A file with all that the database held at one moment, and nothing that was erased before.

    A copy that is made quickly, beside whoever writes, may hold what was erased, too: so what is
    kept is written anew from it.
    """
    copy, whole = naming.part(directory, "copy"), naming.part(directory, "whole")
    try:
        wanted = maintenance.copy(database, copy)
        held = maintenance.proven(copy)
    except CopyDamaged as problem:
        # Copied as it is: what is wrong with the copy is wrong with the database.
        raise BackupTrouble(_damaged(database, problem.reason)) from problem
    if held != wanted:
        raise BackupTrouble("the copy does not hold what the database holds")
    maintenance.write_anew(copy, whole)
    copy.unlink()
    if maintenance.proven(whole) != wanted:
        raise BackupTrouble("what was written does not hold what the database holds")
    return whole, wanted


def _flush(file: Path) -> None:
    with file.open("r+b") as handle:
        os.fsync(handle.fileno())


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    make_directory(directory)
    lock = FileLock(directory / naming.LOCK, mode=0o600)
    try:
        lock.acquire(blocking=False)
    except Timeout as problem:
        raise BackupTrouble(
            f"Another backup into {directory} is being made: wait for its end."
        ) from problem
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _told(directory: Path) -> Iterator[None]:
    """What goes wrong, in a sentence that says what became of it."""
    try:
        yield
    except BackupTrouble as problem:
        text = str(problem)
        raise BackupTrouble(f"{text if text.endswith('.') else f'{text}.'} {UNTOUCHED}") from None
    except OSError as problem:
        raise BackupTrouble(f"{_sentence(problem, directory)} {UNTOUCHED}") from problem


def _sentence(problem: OSError, directory: Path) -> str:
    if is_full(problem):
        return f"There is no room in {directory} (it takes twice the database for a moment)."
    return (
        f"{problem.filename or directory} cannot be used ({problem.strerror}): give it to the"
        " account that runs the bot, or name another directory."
    )


def _damaged(database: Path, reason: str) -> str:
    return (
        f"{database} is damaged ({reason}): stop the bot and restore the newest backup"
        " (docs/operations.md, Restore)."
    )
