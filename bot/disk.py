"""What a disk keeps, what it refuses, and what whoever runs the bot can do about it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
ROOM = 8192
"""Bytes that an answer takes in the log of a database, about."""
_CANNOT_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM)
"""What a file system says whose directories cannot be flushed, or not by this account."""


def is_full(problem: BaseException | None) -> bool:
    """Whether there was no room left, on the disk or in the account's share of it."""
    return isinstance(problem, OSError) and problem.errno in _FULL


def remedy(problem: OSError) -> str:
    """The next step where a directory or a file cannot be used."""
    return (
        "make room on its disk" if is_full(problem) else "give it to the account that runs the bot"
    )


def make_directory(directory: Path) -> None:
    """Make the directory, and what is missing above it, for this account alone; when this returns,
    no power cut takes it back. Raises ``OSError``.

    A file that was flushed is lost all the same where the name of its directory was not: POSIX
    keeps that in the parent, which has to be flushed as well.
    """
    missing = []
    place = directory.absolute()
    while not place.exists():
        missing.append(place)
        place = place.parent
    for made in reversed(missing):
        made.mkdir(exist_ok=True, mode=0o700)
    # Also the name of one that is there: a start that was cut off may have made it just before.
    for made in missing or [directory.absolute()]:
        flush_directory(made.parent)


def keep_from_others(path: Path) -> bool:
    """Take from other accounts of the machine what they may do with it. True where there was
    something to take; raises ``OSError`` where it cannot be taken."""
    if os.name != "posix" or not path.exists() or not _is_open(path):
        return False
    path.chmod(path.stat().st_mode & 0o700)
    if _is_open(path):  # a file system without rights says nothing
        raise PermissionError(errno.EPERM, "its file system knows no rights", str(path))
    return True


def _is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o077)


def prove_room(file: Path) -> None:
    """Write as much as an answer takes beside that file, durably, and delete it. Raises OSError.

    New bytes that cannot be compressed need room, unlike those that stand in another's place.
    """
    tried = file.with_name(file.name + "-room")
    handle = os.open(tried, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        if os.write(handle, os.urandom(ROOM)) < ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tried))
        os.fsync(handle)
    finally:
        os.close(handle)
        tried.unlink(missing_ok=True)


def owner(path: Path) -> str:
    """The account that it belongs to: its name, or its number where it has none here."""
    number = path.stat().st_uid
    try:
        import pwd
    except ImportError:  # no such thing on Windows
        return str(number)
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def flush_directory(directory: Path) -> None:
    """Bring the names of the files in it to the disk, as far as the system lets us."""
    if os.name == "nt":  # has no way to do it, and does it by itself
        return
    try:
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except PermissionError:  # one above ours: to be entered, not to be read
        return
    try:
        os.fsync(handle)
    except OSError as problem:
        if problem.errno not in _CANNOT_SYNC:
            raise
    finally:
        os.close(handle)
