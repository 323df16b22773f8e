"""The database that the settings name, opened by the engine that it belongs to."""

from __future__ import annotations

from pathlib import Path

from bot.store.database import BeforeUpgrade, Database
from bot.store.maintenance import Maintenance
from bot.store.sqlite.database import SqliteDatabase


async def open_database(
    directory: Path,
    url: str | None = None,
    *,
    beside: bool = False,
    looking: bool = False,
    before_upgrade: BeforeUpgrade | None = None,
) -> Database:
    """Claim the data directory, open (or make) its database, look whether it is sound, and bring
    its tables up to date.

    ``beside``: without the claim and the look, for a command with short transactions beside a bot
    that may be running; the database must be there. ``looking``: beside, and the tables are not
    changed either. ``before_upgrade`` is called before the tables of an older version are.

    ``url``: an SQLAlchemy URL, by default an SQLite file in the directory. Raises
    ``DataDirectoryTaken`` or another ``DatabaseTrouble``.
    """
    return await SqliteDatabase.open(
        directory, url, beside=beside, looking=looking, before_upgrade=before_upgrade
    )


def maintenance_of(url: str | None = None) -> Maintenance:
    """What is done from outside with the database of that URL."""
    from bot.store.sqlite import maintenance  # not for a start

    return maintenance
