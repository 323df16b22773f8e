"""A look at every page of the database before anybody relies on it."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import suppress
from pathlib import Path

LONGEST = 10.0
"""Seconds. 500 MB take 1.2 when they are in memory and 1.6 from the disk (14 without the reading
ahead); what is larger, or on a slower disk, is looked at as far as that goes."""
PIECE = 1 << 20


def is_sound(connection: sqlite3.Connection, end: float) -> bool | None:
    """Whether the pages fit together; None where that was not seen until ``end`` (monotonic).

    Blocks for as long as it takes; called in the connection's own thread.
    """
    if time.monotonic() >= end:
        return None
    done = threading.Event()
    alarm = threading.Thread(target=_interrupt, args=(connection, end, done), daemon=True)
    alarm.start()
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as problem:
        if problem.sqlite_errorname == "SQLITE_INTERRUPT":
            return None
        raise
    finally:
        done.set()
        alarm.join()  # or it could interrupt what comes next
    return bool(found[0] == "ok")


def _interrupt(connection: sqlite3.Connection, end: float, done: threading.Event) -> None:
    done.wait(max(0.0, end - time.monotonic()))
    # Again and again: what has not begun yet is not interrupted.
    while not done.wait(0.02):
        connection.interrupt()


def read_ahead(file: Path, end: float) -> None:
    """Once from the beginning to the end: the check itself jumps from page to page.

    Only before SQLite has opened the file in this process. Closing it drops, as POSIX has it, all
    locks of the process on it, SQLite's too: another process that closes the database would take
    itself for the last one, and delete the log under the bot.
    """
    # What cannot be read is told by the check.
    with suppress(OSError), file.open("rb", buffering=0) as opened:
        while opened.read(PIECE) and time.monotonic() < end:
            pass
