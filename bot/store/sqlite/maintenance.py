"""SQLite's answers to ``bot.store.maintenance.Maintenance``."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy.engine import URL

from bot.disk import flush_directory
from bot.store.maintenance import BackupTrouble, CopyDamaged, Proof
from bot.store.sqlite import proving
from bot.store.sqlite.database import database_file as place
from bot.store.sqlite.directory_lock import DirectoryLock as claim
from bot.store.sqlite.directory_lock import holder
from bot.store.sqlite.gone_since import gone_since
from bot.store.sqlite.proving import is_copy, proven
from bot.store.sqlite.refusals import unusable as refused

__all__ = [
    "ENDING",
    "claim",
    "copy",
    "drop",
    "gone_since",
    "holder",
    "is_copy",
    "place",
    "proven",
    "put_in_place",
    "refused",
    "url",
    "write_anew",
]

ENDING = ".sqlite3"
_BESIDE = ("-wal", "-shm", "-journal")


def url(place: Path) -> str:
    """What ``open_database`` takes for the file."""
    return URL.create("sqlite", database=str(place)).render_as_string()


def copy(place: Path, file: Path) -> Proof:
    """Every page within one view of the database, in which the rows are counted as well."""
    with _told(place, file):
        source = sqlite3.connect(
            f"{place.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=30
        )
        with closing(source), closing(sqlite3.connect(file, isolation_level=None)) as target:
            # Not needed for what is thrown away when it fails; it is flushed in the end.
            target.execute("PRAGMA synchronous = OFF")
            source.execute("BEGIN")
            proof = proving.read(source)
            source.backup(target)
            return proof


def write_anew(copy: Path, file: Path) -> None:
    """A copy of pages has the free ones, too, with what was deleted there; this has none."""
    with proving.opened(copy) as connection, _told(copy, file):
        connection.execute("VACUUM INTO ?", [str(file)])


@contextmanager
def _told(place: Path, file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as problem:
        name = getattr(problem, "sqlite_errorname", "")
        if name == "SQLITE_FULL":
            full = errno.ENOSPC
            raise OSError(full, os.strerror(full), str(file.parent)) from problem
        if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            raise CopyDamaged(place, str(problem)) from problem
        raise BackupTrouble(
            f"The database could not be copied ({problem}): try again; is {file.parent} writable?"
        ) from problem


def put_in_place(draft: Path, place: Path, aside: Path) -> bool:
    """The former database steps aside with its log, and the new one takes its place.

    A cut in between leaves no database: the next start says so, and the same command goes on.
    """
    steps = [
        (place.with_name(place.name + ending), aside.with_name(aside.name + ending))
        for ending in ("", *_BESIDE)
    ]
    moved = []
    try:
        for old, new in (*((old, new) for old, new in steps if old.exists()), (draft, place)):
            old.rename(new)
            moved.append((old, new))
    except BaseException:
        for old, new in reversed(moved):
            new.rename(old)
        raise
    # An index of the log, made anew when it is needed.
    aside.with_name(f"{aside.name}-shm").unlink(missing_ok=True)
    flush_directory(place.parent)
    return aside.exists()


def drop(draft: Path) -> None:
    """With the log beside it."""
    for ending in ("", *_BESIDE):
        draft.with_name(draft.name + ending).unlink(missing_ok=True)
