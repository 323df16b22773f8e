"""What the database, or its file, refused: in a sentence, of the kind that says who can help."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.exc import DBAPIError

from bot.disk import is_full
from bot.store.holding import DatabaseBusy, DatabaseDamaged, DatabaseTrouble

_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_PASSING = ("SQLITE_FULL", "SQLITE_BUSY", "SQLITE_LOCKED")
_ADVICE = {
    "SQLITE_ERROR": "its tables are not those that the bot made: put a backup in its place",
    "SQLITE_FULL": "make room on the disk, and try again",
    "SQLITE_BUSY": "another program holds it: try again in a moment",
    "SQLITE_LOCKED": "another program holds it: try again in a moment",
}
_OTHER_ADVICE = (
    "check that it is the bot's file, that the bot's account may write it and that the disk"
    " has room"
)


def unusable(file: Path | str, problem: BaseException) -> DatabaseTrouble:
    """What the database, or its file, refused, in a sentence with the next step.

    Nothing personal is in it: SQLAlchemy quotes what was to be written, and Python's own part of
    the driver what was read; what SQLite itself says names tables and columns at most.
    """
    cause = problem.orig if isinstance(problem, DBAPIError) else problem
    if isinstance(cause, OSError):
        reason, name = str(cause.strerror), "SQLITE_FULL" if is_full(cause) else ""
    elif name := getattr(cause, "sqlite_errorname", ""):
        # SQLITE_CORRUPT_INDEX and its like are kinds of SQLITE_CORRUPT.
        reason, name = str(cause), "_".join(name.split("_")[:2])
    else:
        reason, name = "what stands in it cannot be read", "SQLITE_CORRUPT"
    if name in _DAMAGED:
        return damaged(file, reason)
    kind = DatabaseBusy if name in _PASSING else DatabaseTrouble
    advice = _ADVICE.get(name, _OTHER_ADVICE)
    return kind(f"The database {file} cannot be used ({reason}): {advice}.")


def damaged(file: Path | str, reason: str = "its pages do not fit together") -> DatabaseDamaged:
    """What to say of a database on which nobody can rely."""
    return DatabaseDamaged(
        f"The database {file} cannot be used ({reason}): it is damaged. Leave it as it is, and put"
        " a backup in its place (docs/operations.md, Restore)."
    )
