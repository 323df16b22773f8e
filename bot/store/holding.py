"""Only one process works with a data directory; a second one is told which."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock, Timeout


class DataDirectoryTaken(Exception):
    """Another process works with the data directory; the text says which and what to do."""


class Hold:
    """The claim on a data directory, given back by ``release`` or by the end of the process."""

    def __init__(self, directory: Path):
        """Claim the directory. Raises ``DataDirectoryTaken``."""
        directory.mkdir(parents=True, exist_ok=True)
        # Beside the lock, not in it: whoever tries the lock empties its file.
        self._holder = directory / "bot.pid"
        self._lock = FileLock(directory / "bot.lock", thread_local=False)
        try:
            self._lock.acquire(blocking=False)
        except Timeout as problem:
            raise DataDirectoryTaken(
                f"The bot already runs{self._told()} on the data in {directory}: stop that one"
                " first, or give this one a directory of its own (BOT_DATA_DIR)."
            ) from problem
        self._holder.write_text(str(os.getpid()))

    def release(self) -> None:
        """Let another process have the directory."""
        self._holder.unlink(missing_ok=True)
        self._lock.release()

    def _told(self) -> str:
        try:
            return f" as process {int(self._holder.read_text())}"
        except (OSError, ValueError):  # between the other's two writes, or after a crash
            return ""
