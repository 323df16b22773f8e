"""What the database, or its file, refused: in a sentence, of the kind that says who can help."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.exc import DBAPIError

from bot.disk import is_full
from bot.store.database import DatabaseBusy, DatabaseDamaged, DatabaseTrouble
from bot.store.sqlite.damage import is_damage

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
    if isinstance(problem, DatabaseDamaged):
        return problem
    cause = problem.orig if isinstance(problem, DBAPIError) else problem
    if isinstance(cause, OSError):
        reason, name = str(cause.strerror), "SQLITE_FULL" if is_full(cause) else ""
    elif name := getattr(cause, "sqlite_errorname", ""):
        reason = str(cause)
    else:
        return damaged(file, "what stands in it cannot be read")
    if is_damage(problem):
        return damaged(file, reason, disk=name.startswith("SQLITE_IOERR"))
    # SQLITE_FULL_… and its like are kinds of SQLITE_FULL.
    name = "_".join(name.split("_")[:2])
    kind = DatabaseBusy if name in _PASSING else DatabaseTrouble
    advice = _ADVICE.get(name, _OTHER_ADVICE)
    return kind(f"The database {file} cannot be used ({reason}): {advice}.")


def damaged(
    file: Path | str, reason: str = "its pages do not fit together", *, disk: bool = False
) -> DatabaseDamaged:
    """What to say of a database on which nobody can rely; ``disk``: it could not be read at all."""
    if disk:
        advice = "the disk is failing, or the file is damaged: bring a backup to another disk"
    else:
        advice = "it is damaged. Leave it as it is, and put a backup in its place"
    return DatabaseDamaged(
        f"The database {file} cannot be used ({reason}): {advice} (docs/operations.md, Restore)."
        " What is written to the bot meanwhile waits at the platform."
    )
