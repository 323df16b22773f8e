"""The program itself: Python, and its packages as they are pinned."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Final

from bot import __version__
from bot.doctor.looking import Look
from bot.findings import Finding, warning, well, wrong

OLDEST, NEWEST = (3, 11), (3, 13)
"""Of Python: for these the packages are locked."""
LOCK: Final = "deploy/requirements.lock"
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)\s*(;)?", re.MULTILINE)
NAMED: Final = 6


async def look(look: Look) -> Iterable[Finding]:
    """Python and the packages."""
    return [
        well("program.version", version=__version__),
        python(platform.python_version_tuple()[:2]),
        packages(look.root / LOCK),
    ]


def python(version: tuple[str, ...] | list[str]) -> Finding:
    """Whether the packages are locked for it."""
    told = ".".join(version)
    if OLDEST <= tuple(map(int, version)) <= NEWEST:
        return well("python", version=told)
    oldest, newest = (".".join(map(str, one)) for one in (OLDEST, NEWEST))
    return warning("python.other", version=told, oldest=oldest, newest=newest)


def packages(lock: Path) -> Finding:
    """Whether what is installed is what the lock names, but for what only other systems need."""
    try:
        pins = pinned(lock.read_text(encoding="utf-8"))
    except OSError:
        return warning("packages.no_lock", file=str(lock))
    missing = [name for name, (_, always) in pins.items() if always and not _installed(name)]
    if missing:
        return wrong("packages.missing", packages=_some(missing), count=len(missing))
    other = [
        f"{name} {found} ({wanted})"
        for name, (wanted, _) in pins.items()
        if (found := _installed(name)) and found != wanted
    ]
    if other:
        return warning("packages.other", packages=_some(other), count=len(other))
    return well("packages", count=len(pins))


def pinned(lock: str) -> Mapping[str, tuple[str, bool]]:
    """Of each package its version, and whether every system needs it."""
    return {name: (version, not marked) for name, version, marked in _PINNED.findall(lock)}


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _some(names: list[str]) -> str:
    more = f", … (+{len(names) - NAMED})" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
