"""What a database file holds, once it is proven to be whole: read back, not believed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bot.store.maintenance import BackupTrouble, CopyDamaged, Proof

_HEADER = b"SQLite format 3\0"


def is_copy(start: bytes) -> bool:
    """Whether a file that begins so may be a database."""
    return start.startswith(_HEADER)


def proven(file: Path) -> Proof:
    """What is in a file that nobody else has open. Raises ``BackupTrouble`` unless it is whole."""
    with opened(file) as connection:
        check(connection, file)
        return read(connection)


@contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    """For reading a file that nobody writes to; it gets no log beside it.

    Raises ``CopyDamaged``.
    """
    place = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(place, uri=True, isolation_level=None)) as connection:
            yield connection
    except sqlite3.DatabaseError as problem:
        raise CopyDamaged(file, str(problem)) from problem


def check(connection: sqlite3.Connection, file: Path) -> None:
    """Read every page and every index. Raises ``CopyDamaged`` where something does not fit."""
    found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise CopyDamaged(file, str(found).splitlines()[0])
    if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise CopyDamaged(file, "rows belong to others that are not there")


def read(connection: sqlite3.Connection) -> Proof:
    """What the connection sees at this moment."""
    tables = [
        name
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
    ]
    if not {"alembic_version", "key_marks", "supporters", "signatures"} <= set(tables):
        raise BackupTrouble(
            "This is a database, but not one of the bot (its tables are missing): name another"
            " file."
        )
    rows = {
        # The names come from the file itself: quoted as SQLite wants it.
        name: connection.execute(
            'SELECT count(*) FROM "{}"'.format(name.replace('"', '""'))  # noqa: S608
        ).fetchone()[0]
        for name in tables
    }
    marks = frozenset(connection.execute("SELECT name, mark FROM key_marks"))
    if not marks:
        raise BackupTrouble(
            "There is nothing in this database yet (its first start was cut off): start the bot"
            " once."
        )
    (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return Proof(revision, rows, marks)
