"""Bringing the tables of an open database up to date, or saying why that cannot be."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path

import structlog
from sqlalchemy.exc import DBAPIError

from bot.logs import place
from bot.store import migrations
from bot.store.database import BeforeUpgrade, Database, DatabaseOlder, DatabaseTrouble
from bot.store.sqlite import made_tables

log = structlog.get_logger(__name__)


async def bring_up_to_date(
    store: Database, file: Path, *, make: bool, change: bool, before_upgrade: BeforeUpgrade | None
) -> bool:
    """Whether the database is a new one. ``make``, ``change``: see ``migrations.upgrade``.

    Raises ``NoTables``, or ``DatabaseTrouble`` where it is as it was.
    """
    try:
        new = await _waiting(store) if change else {}
        if new and before_upgrade is not None:
            await asyncio.to_thread(before_upgrade, file, new)
        began = time.monotonic()
        async with store.writing() as connection:
            is_new = await connection.run_sync(
                migrations.upgrade, made_tables, make=make, change=change
            )
    except migrations.DatabaseTooOld as problem:
        raise DatabaseOlder(
            f"The database {file} was written by an older version of the bot, and this command"
            " only looks: start the bot once, which brings it up to date."
        ) from problem
    except migrations.DatabaseTooNew as problem:
        raise DatabaseTrouble(str(problem)) from problem
    except migrations.TablesDiffer as problem:
        raise DatabaseTrouble(f"The database {file} cannot be used: {problem}.") from problem
    except (migrations.NoTables, DatabaseTrouble, DBAPIError, sqlite3.Error, OSError):
        raise
    except Exception as problem:
        # Of its own kind: no restart would help, and each one would make a backup first.
        raise DatabaseTrouble(
            f"The database {file} could not be brought up to date ({place(problem)}); it is as it"
            " was. Start the version before, and report this line: there is nothing personal in it."
        ) from problem
    if new:
        log.info("tables_upgraded", to=migrations.HEAD, seconds=round(time.monotonic() - began, 1))
    return is_new


async def _waiting(store: Database) -> Mapping[str, str]:
    async with store.reading() as connection:
        return await connection.run_sync(migrations.waiting)
