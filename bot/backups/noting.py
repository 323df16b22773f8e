"""When the last backup was made, noted beside the database: backups themselves lie elsewhere, where
the bot need not be able to look."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from bot.keys import files

FILE = "backup.made"


def note(data: Path, at: datetime) -> None:
    """A backup was made at that moment. Raises OSError."""
    files.write(data / FILE, f"{at.isoformat()}\n".encode())


def last(data: Path) -> datetime | None:
    """When the last one was made; None where none is known."""
    try:
        at = datetime.fromisoformat((data / FILE).read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
        return None
    return at if at.tzinfo is not None else None
