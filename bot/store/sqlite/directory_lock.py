"""Only one process works with a data directory; a second one is told which."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock, Timeout

from bot.disk import make_directory, remedy
from bot.store.database import DatabaseTrouble, DataDirectoryTaken

HOLDER = "bot.pid"


class DirectoryLock:
    """The claim on a data directory, given back by ``release`` or by the end of the process."""

    def __init__(self, directory: Path, database: Path):
        """Claim the directory, made where it is missing, and the database where it stands
        elsewhere (another directory's settings may name the same one).

        Raises ``DataDirectoryTaken``, or ``DatabaseTrouble`` where it cannot be written.
        """
        # Beside the lock, not in it: whoever tries the lock empties its file.
        self._holder = directory / HOLDER
        try:
            make_directory(directory)
            self._locks = [
                FileLock(place, thread_local=False) for place in _places(directory, database)
            ]
            for lock in self._locks:
                lock.acquire(blocking=False)
            self._holder.write_text(str(os.getpid()))
        except Timeout as problem:
            for lock in self._locks:
                lock.release()
            raise DataDirectoryTaken(
                f"The bot already runs{self._told()} on the data in {directory}: stop that one"
                " first, or give this one a directory of its own (BOT_DATA_DIR)."
            ) from problem
        except OSError as problem:
            raise DatabaseTrouble(
                f"The data directory {directory} cannot be used ({problem.strerror}):"
                f" {remedy(problem)}, or name another one (BOT_DATA_DIR)."
            ) from problem

    def release(self) -> None:
        """Let another process have the directory."""
        self._holder.unlink(missing_ok=True)
        for lock in self._locks:
            lock.release()

    def _told(self) -> str:
        number = _process(self._holder)
        return f" as process {number}" if number else ""


def holder(directory: Path, database: Path) -> int | None:
    """The process that has claimed them (0: it is not known which); None where none has.

    Never in the way of one that starts: the locks are tried only where somebody has noted that it
    runs.
    """
    noted = directory / HOLDER
    if not noted.exists():
        return None
    try:
        for place in _places(directory, database):
            lock = FileLock(place, thread_local=False)
            lock.acquire(blocking=False)
            lock.release()
    except (Timeout, PermissionError):
        return _process(noted)
    return None  # it was killed


def _process(noted: Path) -> int:
    try:
        return int(noted.read_text())
    except (OSError, ValueError):  # between the other's two writes, or after a crash
        return 0


def _places(directory: Path, database: Path) -> list[Path]:
    places = [directory / "bot.lock"]
    if database.parent.resolve() != directory.resolve():
        places.append(database.with_name(f"{database.name}.lock"))
    return places
