"""All checks in the order in which they are told; a new one is one line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

from bot.doctor import (
    backups,
    configuration,
    database,
    machine,
    pages,
    platforms,
    program,
    writing,
)
from bot.doctor.looking import Check, Look
from bot.findings import Finding, Level, wrong
from bot.logs import place

ROOT: Final = Path(__file__).parent.parent.parent
"""The program's own directory."""
CHECKS: Final[Mapping[str, Check]] = {
    "program": program.look,
    "settings": configuration.look,
    "rights": machine.rights,
    "clock": machine.clock,
    "disk": machine.disk,
    "database": database.look,
    "content": writing.content,
    "fonts": writing.fonts,
    "port": pages.port,
    "public address": pages.public,
    "channels": platforms.look,
    "backup": backups.look,
}


async def findings(look: Look) -> AsyncIterator[tuple[str, Finding]]:
    """The name of each check and what it found; a check that fails is a finding itself."""
    for name, check in CHECKS.items():
        try:
            found = list(await check(look))
        except Exception as problem:
            found = [wrong("check.failed", place(problem), check=name)]
        for one in found:
            yield name, one


def worst(found: list[Finding]) -> Level:
    """How all of it is together."""
    levels = [one.level for one in found]
    return next((one for one in (Level.WRONG, Level.WARNING) if one in levels), Level.WELL)
