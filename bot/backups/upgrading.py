"""What stands before a change of the tables: room for it, and a proven backup to come back with.

It lies in the data directory, since a start may write nowhere else, and for a few days only: it
still holds what somebody has had erased since.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from bot.backups import making, naming
from bot.clock import utc_now
from bot.disk import make_directory
from bot.store.database import BeforeUpgrade, DatabaseBusy, DatabaseTrouble
from bot.store.maintenance import BackupTrouble
from bot.store.opening import maintenance_of

log = structlog.get_logger(__name__)

DIRECTORY: Final = "before-upgrade"
KEPT: Final = timedelta(days=3)
"""Whoever goes back to the version before does so within days, and loses what came since."""
IN_THE_MAKING: Final = 2
"""Times the database: a backup is a copy, and one that is written anew from it."""
WHILE_CHANGED: Final = 5
"""Times the database, besides the backup (4.6 were measured from 0.1.0 on): the log of the change,
what the file grows by, and the file from which it is written anew."""
FLOOR: Final = 16 << 20


def before_upgrade(
    url: str | None,
    directory: Path,
    public_key: str,
    backups: Path | None = None,
    tell: Callable[[str], object] = str,
) -> BeforeUpgrade:
    """What ``open_database`` calls before it changes the tables in that data directory.

    ``url``: as for ``open_database``. ``backups``: where the backup goes, if not into the directory
    itself. ``tell`` is told its name.
    """
    place = backups or directory / DIRECTORY

    def ready(database: Path, revisions: Mapping[str, str]) -> None:
        maintenance = maintenance_of(url)
        refuse_without_room(database, place)
        # The older ones are of no use: what is there now came after them.
        older = timedelta(0) if backups is None else timedelta(days=36500)
        try:
            made = making.make(maintenance, database, place, older, utc_now(), public_key)
        except BackupTrouble as problem:
            raise DatabaseTrouble(
                f"The tables are of an older version, and were not changed: {problem}"
            ) from problem
        tell(str(made.file))
        log.info(
            "upgrading_tables",
            of=made.proof.revision,
            to=list(revisions)[-1],
            backup=str(made.file),
            advice="to go back: start the version before, and run_bot.py restore this file",
        )

    return ready


def refuse_without_room(database: Path, backups: Path) -> None:
    """Raises ``DatabaseBusy``, which passes once there is room."""
    size = _size(database)
    make_directory(backups)
    here = database.parent
    wanted = {here: FLOOR + WHILE_CHANGED * size}
    if here.stat().st_dev == backups.stat().st_dev:
        # The backup itself is what is left of making it.
        wanted[here] += size
    else:
        wanted[backups] = FLOOR + IN_THE_MAKING * size
    for place, needed in wanted.items():
        free = shutil.disk_usage(place).free
        if free < needed:
            raise DatabaseBusy(
                f"To bring the tables up to date takes {_megabytes(needed)} MB of room at {place},"
                f" and {_megabytes(free)} MB are free: nothing was changed. Make room, or have the"
                " backup made on another disk: run_bot.py upgrade --backup DIRECTORY."
            )


def tidy(url: str | None, directory: Path, now: datetime) -> int:
    """Throw away what is older than a few days; how many. Raises OSError."""
    place = directory / DIRECTORY
    if not place.is_dir():
        return 0
    # Of these the newest goes as well.
    return len(naming.prune(place, now - KEPT, place, maintenance_of(url).ENDING))


def _size(database: Path) -> int:
    files = (database, database.with_name(f"{database.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def _megabytes(count: int) -> int:
    return -(-count // 1_000_000)
