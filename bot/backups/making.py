"""Making a backup beside a bot that writes: copied, proven, encrypted, and only then named."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from bot.backups import naming, proving, sealing
from bot.backups.naming import BackupTrouble
from bot.backups.proving import Proof
from bot.disk import flush_directory, is_full, make_directory

UNTOUCHED = "No backup was made; the older ones are untouched."


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that is on the disk, what it holds, and the older ones that went for it."""

    file: Path
    proof: Proof
    pruned: list[Path]


def make(
    database: Path, directory: Path, keep: timedelta, now: datetime, public_key: str = ""
) -> Made:
    """Back the database up into the directory, then delete backups older than ``keep``.

    Raises ``BackupTrouble``; nothing is deleted then.
    """
    if not database.is_file() or database.stat().st_size == 0:
        raise BackupTrouble(
            f"There is no database {database}, or an empty one: set BOT_DATA_DIR, or start the bot"
            " once; where there was one, restore a backup (docs/operations.md, Restore)."
        )
    with _told(database, directory), _alone(directory):
        naming.drop_parts(directory)
        try:
            ready, proof = _whole(database, directory)
            if public_key:
                sealed = naming.part(directory, "sealed")
                sealing.seal(ready, sealed, public_key)
                ready = sealed
            _flush(ready)
            file = naming.free_name(directory, now, sealed=bool(public_key))
            ready.rename(file)
            flush_directory(directory)
        finally:
            naming.drop_parts(directory)
        return Made(file, proof, naming.prune(directory, now - keep, file))


def _whole(database: Path, directory: Path) -> tuple[Path, Proof]:
    """A file with all that the database held at one moment, and nothing that was erased before.

    SQLite's backup copies every page within one view of the database, in which the rows are counted
    as well; but it copies free pages too, with what was deleted there. So what is kept is written
    anew from that copy.
    """
    copy, whole = naming.part(directory, "copy"), naming.part(directory, "whole")
    wanted = _copied(database, copy)
    try:
        held = proving.proven(copy)
    except proving.Damaged as problem:
        # Copied page by page: what is wrong with the copy is wrong with the database.
        raise BackupTrouble(_damaged(database, problem.reason)) from problem
    if held != wanted:
        raise BackupTrouble("the copy does not hold what the database holds")
    with proving.opened(copy) as connection:
        connection.execute("VACUUM INTO ?", [str(whole)])
    copy.unlink()
    if proving.proven(whole) != wanted:
        raise BackupTrouble("what was written does not hold what the database holds")
    return whole, wanted


def _copied(database: Path, copy: Path) -> Proof:
    source = sqlite3.connect(
        f"{database.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=30
    )
    with closing(source), closing(sqlite3.connect(copy, isolation_level=None)) as target:
        # Not needed for what is thrown away when it fails; it is flushed in the end.
        target.execute("PRAGMA synchronous = OFF")
        source.execute("BEGIN")
        proof = proving.read(source)
        source.backup(target)
        return proof


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
def _told(database: Path, directory: Path) -> Iterator[None]:
    """What goes wrong, in a sentence that says what became of it."""
    try:
        yield
    except BackupTrouble as problem:
        text = str(problem)
        raise BackupTrouble(f"{text if text.endswith('.') else f'{text}.'} {UNTOUCHED}") from None
    except (sqlite3.Error, OSError) as problem:
        raise BackupTrouble(f"{_sentence(problem, database, directory)} {UNTOUCHED}") from problem


def _sentence(problem: sqlite3.Error | OSError, database: Path, directory: Path) -> str:
    name = getattr(problem, "sqlite_errorname", "")
    if is_full(problem) or name == "SQLITE_FULL":
        return f"There is no room in {directory} (it takes twice the database for a moment)."
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return _damaged(database, str(problem))
    if isinstance(problem, OSError):
        return (
            f"{problem.filename or directory} cannot be used ({problem.strerror}): give it to the"
            " account that runs the bot, or name another directory."
        )
    return f"The database could not be copied ({problem}): try again; is {directory} writable?"


def _damaged(database: Path, reason: str) -> str:
    return (
        f"{database} is damaged ({reason}): stop the bot and restore the newest backup"
        " (docs/operations.md, Restore)."
    )
