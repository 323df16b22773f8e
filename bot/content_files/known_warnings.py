"""Warnings that staff have seen: each is told once, and counted from then on.

What stands is remembered in a file of the data directory, one a line, without the number of its
line in the content: that changes with every line above. A warning that went and comes back is new.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from bot.content_files.problems import Problem

FILE = "content.warnings"


def told(file: Path, warnings: Iterable[Problem] | None) -> tuple[list[Problem], int]:
    """Those that nobody has seen, and how many of the others there are; afterwards all are known.

    None for warnings that were not looked for anew: then those that are known are counted. Where
    the directory is not there, or cannot be written, each is new every time.
    """
    if warnings is None:
        return [], len(_known(file))
    standing = {_mark(one): one for one in warnings}
    known = _known(file)
    fresh = [one for mark, one in standing.items() if mark not in known]
    if known != standing.keys() and file.parent.is_dir():
        with suppress(OSError):
            file.write_text("".join(f"{mark}\n" for mark in sorted(standing)), encoding="utf-8")
    return fresh, len(standing) - len(fresh)


def summary(count: int) -> str:
    """One line for all that is known; "" for nothing."""
    if not count:
        return ""
    what = "1 known warning" if count == 1 else f"{count} known warnings"
    return f"{what} (run_bot.py check --all shows {'it' if count == 1 else 'them'})"


def _mark(problem: Problem) -> str:
    return f"{problem.file}: {problem.text}".replace("\n", " ")


def _known(file: Path) -> set[str]:
    with suppress(OSError, UnicodeDecodeError):
        return set(file.read_text(encoding="utf-8").splitlines())
    return set()
