"""What is wrong in the content, where, and what to do about it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in a file; lines and columns count from 1, as editors do.

    ``block`` tells that a text begins on the line below (``key: |``).
    """

    file: str
    line: int = 1
    column: int = 1
    block: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def line_of_text(self, number: int) -> Place:
        """The place of a line (from 1) of the text that stands here."""
        if number <= 1 and not self.block:
            return self
        return Place(self.file, self.line + number - (not self.block), 1)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in one place. ``error`` keeps the bot from starting, ``warning`` does not."""

    place: Place
    text: str
    remedy: str = ""
    severity: Severity = "error"
    key: str = ""
    """The text that it is about, where it is one."""

    @property
    def file(self) -> str:
        """The file as it was given: "content/cases.yaml"."""
        return self.place.file

    @property
    def line(self) -> int:
        """The line, from 1."""
        return self.place.line

    @property
    def column(self) -> int:
        """The column, from 1."""
        return self.place.column

    def __str__(self) -> str:
        kind = "warning: " if self.severity == "warning" else ""
        remedy = f" ({self.remedy})" if self.remedy else ""
        return f"{self.place}: {kind}{self.text}{remedy}"


def did_you_mean(wrong: str, allowed: Iterable[str]) -> str:
    """A remedy: the nearest of what is allowed, or all of it where nothing is near."""
    known = list(dict.fromkeys(allowed))
    nearest = difflib.get_close_matches(wrong, known, n=1, cutoff=0.5)
    if nearest:
        return f'did you mean "{nearest[0]}"?'
    if not known:
        return ""
    listed = ", ".join(f'"{name}"' for name in sorted(known)[:12])
    return f"known are {listed}{', …' if len(known) > 12 else ''}"
