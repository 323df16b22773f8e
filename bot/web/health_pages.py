"""Whether the bot is well, for what watches it: /healthz, /readyz, /metrics.

Strangers learn that it lives and whether it can record, and nothing else. The rest is for this
machine, and for whoever shows BOT_METRICS_TOKEN.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Mapping
from typing import Any, Protocol

import orjson
from pydantic import SecretStr
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.web.guard import LOCAL_NAMES
from bot.web.only_here import refuse_from_elsewhere

RETRY = {"Retry-After": "30"}


class Vitals(Protocol):
    """What is asked."""

    @property
    def ready(self) -> bool:
        """Whether what comes at this moment can be recorded."""

    def told(self) -> Mapping[str, Any]:
        """All there is to know, in plain values."""

    def metrics(self) -> tuple[bytes, str]:
        """The same for Prometheus, and its media type."""


def routes(vitals: Vitals, token: SecretStr | None) -> list[Route]:
    """The three pages."""

    async def lives(request: Request) -> Response:
        return PlainTextResponse("ok")

    async def ready(request: Request) -> Response:
        # A platform's silence is no reason to take the page away from people: only what keeps
        # everything from being recorded is one.
        is_ready = vitals.ready
        told = vitals.told() if _may_know(request, token) else {"ready": is_ready}
        status, more = (200, None) if is_ready else (503, RETRY)
        return Response(orjson.dumps(told), status, more, "application/json")

    async def metrics(request: Request) -> Response:
        if not _may_know(request, token):
            raise HTTPException(404)
        text, media_type = vitals.metrics()
        return Response(text, media_type=media_type)

    return [Route("/healthz", lives), Route("/readyz", ready), Route("/metrics", metrics)]


def _may_know(request: Request, token: SecretStr | None) -> bool:
    """Whether this machine itself asks, or somebody with the token."""
    kind, _, shown = request.headers.get("authorization", "").partition(" ")
    if token is not None and kind.lower() == "bearer":
        return secrets.compare_digest(shown.strip().encode(), token.get_secret_value().encode())
    return _is_this_machine(request)


def _is_this_machine(request: Request) -> bool:
    """Not a proxy on this machine, which asks for strangers: that names its page, or itself."""
    try:
        refuse_from_elsewhere(request)
        asks = ipaddress.ip_address(request.client.host if request.client else "")
    except (HTTPException, ValueError):
        return False
    return asks.is_loopback and _named(request) in LOCAL_NAMES


def _named(request: Request) -> str:
    name, colon, port = request.headers.get("host", "").lower().rpartition(":")
    return name if colon and port.isdecimal() else request.headers.get("host", "").lower()
