"""The settings as they are meant: what can be used and still surprises."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from bot.campaign.staff import Role
from bot.doctor.looking import Look
from bot.findings import Finding, warning, well
from bot.web.guard import is_local

EVERYBODY = "*"


async def look(look: Look) -> Iterable[Finding]:
    """What is switched off, or open to all."""
    return list(_found(look))


def _found(look: Look) -> Iterator[Finding]:
    settings = look.settings
    yield well("settings", file=str(look.env_file))
    if settings.token is None:
        yield well("settings.no_token")
    if not any(one.role is Role.OWNER for one in settings.staff):
        yield warning("settings.no_owner")
    if settings.staff and not settings.second_factor:
        yield warning("settings.no_second_factor")
    if not settings.public_url:
        yield well("settings.no_public_url")
    elif not settings.public_url.startswith("https://"):
        yield warning("settings.public_url_without_tls", url=settings.public_url)
    if not is_local(settings.host) and "FORWARDED_ALLOW_IPS" not in os.environ:
        yield warning("settings.host_open", host=settings.host)
    if os.environ.get("FORWARDED_ALLOW_IPS", "").strip() == EVERYBODY:
        yield warning("settings.everybody_forwards")
