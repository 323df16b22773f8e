"""The channels: each package looks at its own platform."""

from __future__ import annotations

from collections.abc import Iterable

from bot.channels import registered
from bot.doctor.looking import Look
from bot.findings import Finding, warning


async def look(look: Look) -> Iterable[Finding]:
    """What each platform that is switched on says of the bot."""
    found = await registered.looked_at(look.settings)
    if found and not look.runs:
        found.append(warning("bot.not_running"))
    return found
