"""Where the running bot can be asked: ``status`` finds its pages by it."""

from __future__ import annotations

from pathlib import Path

from bot.keys import files

FILE = "bot.url"


def note(data: Path, url: str) -> None:
    """It answers there from now on; that this cannot be noted matters to nobody but ``status``."""
    try:
        files.write(data / FILE, f"{url}\n".encode())
    except OSError:
        return


def told(data: Path) -> str:
    """Where it said that it answers; "" where it did not. It may have ended since."""
    try:
        return (data / FILE).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""
