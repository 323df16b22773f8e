"""The pages: the port here, the address outside, and what the proxy between them does."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from bot.channels import registered
from bot.channels.proxies import proxy_to
from bot.channels.service import ChannelTrouble
from bot.doctor import certificate
from bot.doctor.looking import Look
from bot.findings import Finding, warning, well, wrong
from bot.keys import Keys, KeyTrouble
from bot.settings import revealed
from bot.web import seen

PATIENCE: Final = aiohttp.ClientTimeout(total=15)
FORGED: Final = "192.0.2.77"
"""An address that nobody has (RFC 5737): it must not be believed."""
PAGE: Final = "/privacy"
OURS: Final = "trusted-types proof"
"""Stands in the content policy of our pages, and hardly of others."""
HIDDEN: Final = ("/metrics", "/preview")
ANYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - what a bot may listen on


async def port(look: Look) -> Iterable[Finding]:
    """Whether the pages answer here, or could."""
    settings = look.settings
    host = ANYWHERE.get(settings.host, settings.host)
    url = f"http://{host}:{settings.port}"
    values = {"host": settings.host, "port": settings.port}
    if not settings.port:
        return [well("port.any")]
    if look.runs:
        answered = await _answered(f"{url}{PAGE}", {})
        is_ours = answered is not None and _is_ours(answered)
        return [well("port", **values) if is_ours else wrong("port.silent", **values)]
    if _is_free(settings.host, settings.port):
        return [well("port.free", **values)]
    # With a public address it waits for its own port; else it takes the next free one.
    return [(wrong if settings.public_url else warning)("port.taken", **values)]


def _is_free(host: str, number: int) -> bool:
    try:
        kind, _, _, _, address = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind, socket.SOCK_STREAM) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError:
        return False
    return True


async def public(look: Look) -> Iterable[Finding]:
    """Whether supporters reach the pages, and what the proxy makes of their requests."""
    url = look.settings.public_url
    if not url:
        return []
    parts = urlsplit(url)
    found = []
    if parts.scheme == "https":
        judged = await certificate.look(parts.hostname or "", parts.port or 443, look.at)
        found.append(judged)
        if judged.name == "public.unreachable":
            return found
    if not look.runs:
        return [*found, warning("public.not_running", url=url)]
    return [*found, *await _through_the_proxy(look, url)]


async def _through_the_proxy(look: Look, url: str) -> list[Finding]:
    answered = await _answered(f"{url}{PAGE}", {})
    if answered is None:
        return [wrong("public.no_answer", url=url)]
    if not _is_ours(answered):
        return [wrong("public.not_ours", url=url, status=answered[0])]
    found = [well("public", url=url)]
    try:
        given = revealed(look.settings.keys)
        keys = Keys.open(look.settings.data_dir / "keys", given, database_exists=True)
    except KeyTrouble:
        return found  # told by the look at the keys
    told = {seen.SHOWN_IN: seen.mark(keys, look.at), "X-Forwarded-For": FORGED}
    arrived = await _answered(f"{url}{seen.PATH}", told)
    found += forwarding(arrived[2] if arrived else None)
    for path in HIDDEN:
        if (shown := await _answered(f"{url}{path}", {})) is not None and shown[0] == 200:
            found.append(wrong("proxy.shows", path=path))
    for path in _doors(look):
        knocked = await _answered(f"{url}{path}", {}, method="POST")
        if knocked is None or (knocked[0], _is_door(knocked)) != (403, True):
            found.append(wrong("proxy.keeps_back", path=path))
    return found


def _doors(look: Look) -> list[str]:
    """Where platforms post to."""
    try:
        return [one.door.path for one in registered.services(look.settings) if one.door]
    except ChannelTrouble:  # told by the look at the platforms
        return []


def forwarding(arrived: Any) -> list[Finding]:
    """What became of the address that a visitor comes from, and of one that they claim."""
    if not isinstance(arrived, dict):
        return [warning("proxy.not_seen")]
    if arrived.get("address") == FORGED:
        return [wrong("proxy.believes_visitors")]
    if not arrived.get("forwarded_for"):
        return [wrong("proxy.tells_no_address")]
    found = []
    if arrived.get("scheme") != "https":
        found.append(warning("proxy.tells_no_scheme"))
    return found or [well("proxy")]


Answered = tuple[int, Mapping[str, str], Any]


async def _answered(
    url: str, headers: Mapping[str, str], *, method: str = "GET"
) -> Answered | None:
    """Status, headers and what stands in the body; None where nobody answered."""
    try:
        async with (
            aiohttp.ClientSession(timeout=PATIENCE, trust_env=False) as session,
            session.request(
                method, url, headers=headers, proxy=proxy_to(url), allow_redirects=False
            ) as answer,
        ):
            is_json = answer.content_type == "application/json"
            body = await answer.json() if is_json else (await answer.content.read(2000)).decode()
            return answer.status, answer.headers, body
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return None


def _is_ours(answered: Answered) -> bool:
    return answered[0] == 200 and OURS in answered[1].get("Content-Security-Policy", "")


def _is_door(answered: Answered) -> bool:
    return "platform" in str(answered[2])
