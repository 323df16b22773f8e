"""The room on the disk, and how quickly it goes."""

from __future__ import annotations

import shutil
from collections import deque
from pathlib import Path

from bot.health.signs import Disk

EVERY = 300.0
"""Seconds from one mark to the next."""
LEAST = 3600.0
"""A rate of less than an hour would be that of a backup or of the nightly tidying."""
LONGEST = 6 * 3600.0


class Room:
    """Looked at again and again; remembers how much was free in the last hours."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._marks: deque[tuple[float, int]] = deque()

    def look(self, directory: Path, now: float) -> Disk | None:
        """How it is at this moment of a monotonic clock; None where that cannot be seen."""
        try:
            usage = shutil.disk_usage(directory)
        except OSError:
            return None
        return Disk(usage.free, usage.total, self.falling(usage.free, now))

    def falling(self, free: int, now: float) -> float:
        """So many bytes less are free each second, over the last hours; 0 where it is not known, or
        not less."""
        marks = self._marks
        while marks and now - marks[0][0] > LONGEST:
            marks.popleft()
        if not marks or now - marks[-1][0] >= EVERY:
            marks.append((now, free))
        began, before = marks[0]
        if now - began < LEAST:
            return 0.0
        return max(0.0, (before - free) / (now - began))
