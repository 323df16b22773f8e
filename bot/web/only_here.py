"""Pages for whoever sits at this machine: the preview says of living people that they have died."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request

from bot.settings import Settings
from bot.web.guard import is_local

# What proxies and tunnels add: RFC 7239 (Forwarded), RFC 9110 (Via), RFC 8586 (CDN-Loop), and the
# customs of nginx, Cloudflare and others.
_FORWARDING = ("forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cdn-loop")
_FORWARDING_KINDS = ("x-forwarded-", "x-original-", "x-envoy-", "cf-", "fly-", "fastly-")


def is_private(settings: Settings) -> bool:
    """Whether nobody but this machine is meant to reach the web part: it has no public address, and
    listens on loopback."""
    return not settings.public_url and is_local(settings.host)


def refuse_from_elsewhere(request: Request) -> None:
    """Raises HTTPException (404) for what something in between has handed on.

    A proxy that adds no header shows by HTTP/1.0, which nginx has long spoken by default to what
    it stands before (proxy_http_version) and no browser speaks.
    """
    names = request.headers.keys()
    forwarded = any(name in _FORWARDING or name.startswith(_FORWARDING_KINDS) for name in names)
    if forwarded or request.scope["http_version"] == "1.0":
        raise HTTPException(404)
