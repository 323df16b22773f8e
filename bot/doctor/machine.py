"""The machine: whose files these are, whether the clock is right, and what room there is."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable, Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

import aiohttp

from bot.channels.proxies import proxy_to
from bot.disk import owner
from bot.doctor.looking import Look
from bot.findings import Finding, warning, well, wrong

PATIENCE: Final = aiohttp.ClientTimeout(total=15)
WRONG_BY: Final = (30.0, 300.0)
"""Seconds by which a clock may be wrong until somebody should look, and until codes of a second
factor and certificates are refused."""
FREE_SHARE: Final = 0.1
FREE_BYTES: Final = 200_000_000
"""Below this the database can soon not be written anew any more, which it is every night."""


async def rights(look: Look) -> Iterable[Finding]:
    """Whose files these are, and who else can get at them."""
    return list(_rights(look))


def _rights(look: Look) -> Iterator[Finding]:
    data = look.settings.data_dir
    if not data.exists():
        yield well("data.none", path=str(data))
        return
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        yield wrong("rights.not_ours", path=str(data), account=owner(data))
        return
    if os.name != "posix":
        yield well("rights.unknown")
        return
    if data.stat().st_uid != os.geteuid():
        yield warning("rights.other_account", path=str(data), account=owner(data))
    keys = data / "keys"
    private = [look.env_file, data, look.database, keys, *sorted(keys.glob("*.key"))]
    found = [path for path in private if path.exists() and path.stat().st_mode & 0o077]
    for path in found:
        # The start takes them from others by itself, but refuses keys that others could read.
        is_key = path == keys or path.parent == keys
        tell = wrong if is_key else warning
        yield tell("rights.open", path=str(path))
    if not found:
        yield well("rights", path=str(data))


async def clock(look: Look) -> Iterable[Finding]:
    """This machine's clock beside that of the Bot API server."""
    address = look.settings.api_url
    try:
        async with (
            aiohttp.ClientSession(timeout=PATIENCE, trust_env=False) as session,
            session.get(address, proxy=proxy_to(address), allow_redirects=False) as answer,
        ):
            told = parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, TypeError) as problem:
        return [warning("clock.unknown", kind=type(problem).__name__, url=address)]
    return [judged(time.time() - told)]


def judged(ahead: float) -> Finding:
    """How a clock is that is ahead by so many seconds (behind, where they are below 0)."""
    seconds = round(abs(ahead))
    look_at, refused = WRONG_BY
    if seconds <= look_at:
        return well("clock", seconds=seconds)
    name = "clock.ahead" if ahead > 0 else "clock.behind"
    return (wrong if seconds > refused else warning)(name, seconds=seconds)


async def disk(look: Look) -> Iterable[Finding]:
    """Room where the data are, and where backups go."""
    data = look.settings.data_dir
    places = [data if data.exists() else Path()]
    if look.backups is not None and look.backups.exists():
        places.append(look.backups)
    size = look.database.stat().st_size if look.database.exists() else 0
    found: dict[int, Finding] = {}
    for place in places:
        usage = shutil.disk_usage(place)
        found.setdefault(place.stat().st_dev, room(place, usage.free, usage.total, size))
    return found.values()


def room(place: Path, free: int, total: int, database: int) -> Finding:
    """Whether so many free bytes are enough for a database of that size."""
    values = {"path": str(place), "free": free / 1e9, "share": round(100 * free / max(total, 1))}
    if free < max(FREE_BYTES // 4, database):
        return wrong("disk.full", **values)
    if free < max(FREE_BYTES, 3 * database) or free < FREE_SHARE * total:
        return warning("disk.short", **values)
    return well("disk", **values)
