"""What a look at something found: how it is, and which words tell so to whoever runs the bot.

The words stand in ``bot/operators/words/``, in the languages of operators; beside them the
program's own sentence may stand, in English, where only that knows what was wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """How it is."""

    WELL = "well"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """``name`` is that of its words, ``values`` stand in them; nothing in them is secret."""

    level: Level
    name: str
    values: Mapping[str, object] = field(default_factory=dict)
    detail: str = ""


def well(name: str, /, **values: object) -> Finding:
    """As it should be."""
    return Finding(Level.WELL, name, values)


def warning(name: str, detail: str = "", /, **values: object) -> Finding:
    """The bot works, and somebody should look at it."""
    return Finding(Level.WARNING, name, values, detail)


def wrong(name: str, detail: str = "", /, **values: object) -> Finding:
    """Something does not work."""
    return Finding(Level.WRONG, name, values, detail)
