"""What a disk refuses, and what whoever runs the bot can do about it."""

from __future__ import annotations

import errno

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


def is_full(problem: BaseException | None) -> bool:
    """Whether there was no room left, on the disk or in the account's share of it."""
    return isinstance(problem, OSError) and problem.errno in _FULL


def remedy(problem: OSError) -> str:
    """The next step where a directory or a file cannot be used."""
    return (
        "make room on its disk" if is_full(problem) else "give it to the account that runs the bot"
    )
