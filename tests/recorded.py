"""What is on record in a data directory, read from the file itself."""

from __future__ import annotations

import sqlite3
from pathlib import Path


def rows(data: Path, query: str) -> list[tuple[object, ...]]:
    """The rows of a query on the database of that directory."""
    place = f"file:{data / 'campaign.sqlite3'}?mode=ro"
    connection = sqlite3.connect(place, uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def number(data: Path, query: str) -> int:
    """The one number that a query answers."""
    return int(str(rows(data, query)[0][0]))
