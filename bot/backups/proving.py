"""What a database file holds, once it is proven to be whole: read back, not believed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.backups.naming import BackupTrouble

HEADER = b"SQLite format 3\0"


class Damaged(BackupTrouble):
    """The file is not whole, or no database."""

    def __init__(self, file: Path, reason: str):
        """``reason``: SQLite's, which names pages, tables and indexes, never what is in them."""
        super().__init__(f"{file} is damaged, or not a database ({reason})")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Proof:
    """The version of the tables, how many rows each has, and the marks of the keys that it was
    written with."""

    revision: str
    rows: Mapping[str, int]
    marks: frozenset[tuple[str, bytes]]


def proven(file: Path) -> Proof:
    """What is in a file that nobody else has open. Raises ``BackupTrouble`` unless it is whole."""
    with opened(file) as connection:
        check(connection, file)
        return read(connection)


@contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    """For reading a file that nobody writes to; it gets no log beside it. Raises ``Damaged``."""
    place = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(place, uri=True, isolation_level=None)) as connection:
            yield connection
    except sqlite3.DatabaseError as problem:
        raise Damaged(file, str(problem)) from problem


def check(connection: sqlite3.Connection, file: Path) -> None:
    """Read every page and every index. Raises ``Damaged`` where something does not fit."""
    found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise Damaged(file, str(found).splitlines()[0])
    if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise Damaged(file, "rows belong to others that are not there")


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
