"""What stands before every page: who may ask, from where, and what a browser may do with it.

Plain ASGI, because streams pass through it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.connections import HELD

log = structlog.get_logger(__name__)

PUT_OFF = 5.0
"""Seconds that a flooder waits for a refusal; below the deadline of a connection."""
METHODS = ("GET", "HEAD", "POST")
LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})

# Nothing from elsewhere, nothing inline; `blob:` shows documents that the page was given, and
# text can become neither markup nor script (trusted types). The one policy, `proof`, names a
# worker by its constant address (static/proof.js), and can be made once a page.
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;"
    " connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action {forms};"
    " worker-src 'self'; require-trusted-types-for 'script'; trusted-types proof; frame-ancestors "
)

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Hosts:
    """Under which names this server may be asked.

    ``local``: it listens on this machine only. ``public``: host and port of its public address,
    "" without one.
    """

    local: bool
    public: str = ""

    @classmethod
    def of(cls, host: str, public_url: str) -> Hosts:
        """For a server that listens on ``host``."""
        return cls(is_local(host), urlsplit(public_url).netloc.lower())

    def knows(self, host: str) -> bool:
        """Whether a request may name that host. A page elsewhere that lets its name point to this
        machine (DNS rebinding) names itself, and is refused."""
        if host and host in (self.public, self.public.rpartition(":")[0]):
            return True
        return _without_port(host) in LOCAL_NAMES if self.local else bool(host)

    def same(self, origin: str, host: str) -> bool:
        """Whether a page of that origin is ours."""
        try:
            asking = urlsplit(origin).netloc.lower()
        except ValueError:  # brackets that hold no address
            return False
        return asking in {host, self.public} - {""}


def is_local(host: str) -> bool:
    """Whether what listens on ``host`` can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host


class Guard:
    """Checks each request before the application sees it, and dresses each answer."""

    def __init__(
        self,
        app: ASGIApp,
        hosts: Hosts,
        wait: Callable[[Scope], float],
        is_flood: Callable[[Scope], bool],
        *,
        embed: Sequence[str] = (),
        framed: Sequence[str] = (),
        forms: str = "",
    ):
        """``wait``: the seconds until whoever asks may (0: now). ``is_flood``: whether they are
        refused again and again. ``embed``: origins whose pages may
        frame the paths in ``framed``; nobody else may. ``forms``: begins the paths whose pages may
        post forms to us."""
        self._app = app
        self._hosts = hosts
        self._wait = wait
        self._is_flood = is_flood
        self._framed = frozenset(framed) if embed else frozenset()
        self._ancestors = " ".join(embed)
        self._forms = forms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1003})
            return
        started = False
        held = scope.get("state", {}).pop(HELD, None)

        async def dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                if message["status"] == 429 and self._is_flood(scope):
                    # Whoever floods waits for each refusal, and so asks less.
                    if held is not None:
                        held()
                    await asyncio.sleep(PUT_OFF)
                self._dress(scope["path"], MutableHeaders(scope=message))
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, dressed)
            return
        try:
            await self._app(scope, receive, dressed)
        except ClientDisconnect:
            return  # gone in the middle of what they posted: there is nobody to answer
        except Exception as problem:
            # Told here, without its text: the server's own report would print what was posted.
            log.error("page_failed", kind=type(problem).__name__, exc_info=True)
            if not started:
                sorry = PlainTextResponse("Something failed here. Please try again.", 500)
                await sorry(scope, receive, dressed)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        if wait := self._wait(scope):
            again = {"Retry-After": str(math.ceil(wait))}
            return PlainTextResponse("Too many at once: wait a little.", 429, headers=again)
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        if not self._hosts.knows(host):
            return PlainTextResponse(
                "This server does not answer under that name: open the address that it printed"
                " at start, or set BOT_PUBLIC_URL.",
                421,
            )
        if scope["method"] not in METHODS:
            return PlainTextResponse("Only GET and POST are answered here.", 405)
        if scope["method"] == "POST" and not self._hosts.same(headers.get("origin", ""), host):
            return PlainTextResponse("This must come from the chat page itself.", 403)
        return None

    def _dress(self, path: str, headers: MutableHeaders) -> None:
        framed = path in self._framed
        posts = bool(self._forms) and path.startswith(self._forms)
        policy = CONTENT_POLICY.format(forms="'self'" if posts else "'none'")
        headers["Content-Security-Policy"] = policy + (self._ancestors if framed else "'none'")
        for name, value in ALWAYS.items():
            headers.setdefault(name, value)
        if not framed:
            headers["X-Frame-Options"] = "DENY"
            headers["Cross-Origin-Resource-Policy"] = "same-origin"
        # Conversations are stored nowhere; files that are the same for all may set their own.
        headers.setdefault("Cache-Control", "no-store")
