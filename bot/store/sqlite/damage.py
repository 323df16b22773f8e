"""A damaged database: told from one that is full or held, which passes by itself."""

from __future__ import annotations

import asyncio
import sqlite3

import structlog
from sqlalchemy.exc import DBAPIError

from bot.store.database import DatabaseDamaged

log = structlog.get_logger()

# https://www.sqlite.org/rescode.html. A failed write is not among them: a quota or a full disk can
# be the reason, and then it goes on as soon as there is room. A read that fails, or what the disk
# did not take down (fsync), will not come right by waiting.
_DAMAGE = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})
_DISK = frozenset(
    {
        "SQLITE_IOERR_READ",
        "SQLITE_IOERR_SHORT_READ",
        "SQLITE_IOERR_FSYNC",
        "SQLITE_IOERR_DIR_FSYNC",
        "SQLITE_IOERR_CORRUPTFS",
        "SQLITE_IOERR_DATA",
        "SQLITE_IOERR_IN_PAGE",
    }
)
_NO_TEXT = "Could not decode to UTF-8"


def is_damage(problem: BaseException | None) -> bool:
    """Whether this, or what caused it, says that the database is damaged."""
    while problem is not None:
        if isinstance(problem, DatabaseDamaged):
            return True
        cause = problem.orig if isinstance(problem, DBAPIError) else problem
        if isinstance(cause, sqlite3.Error):
            name = getattr(cause, "sqlite_errorname", None) or ""
            # SQLITE_CORRUPT_INDEX and its like are kinds of SQLITE_CORRUPT.
            if "_".join(name.split("_")[:2]) in _DAMAGE or name in _DISK:
                return True
            if not name and str(cause).startswith(_NO_TEXT):
                return True
        problem = problem.__cause__
    return False


class Damage:
    """Whether damage was met since the database was opened, for all who use it."""

    def __init__(self) -> None:
        """None was met."""
        self._met = asyncio.Event()
        self._problem: DatabaseDamaged | None = None

    def check(self) -> None:
        """Raises ``DatabaseDamaged`` from the moment on that damage was met."""
        if self._problem is not None:
            # Made anew each time: one exception raised in many places gathers all their traces.
            raise DatabaseDamaged(str(self._problem))

    def meet(self, problem: DatabaseDamaged) -> None:
        """Remember it, and tell the log; once."""
        if self._problem is None:
            self._problem = problem
            self._met.set()
            log.error("database_damaged", advice="stopping; put a backup in its place")

    async def met(self) -> None:
        """Wait until damage is met, and raise it."""
        await self._met.wait()
        self.check()
