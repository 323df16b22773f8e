"""Where platforms post: before the guard of the pages, since no browser does and no origin is told.

Plain ASGI. 200 means that all is committed; 503 that it has to come again.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.channels.service import Door, Greeting, NotTaken, Vouching
from bot.web.context import TooLarge, body

SMALL = 64_000
"""Bytes of a body that is read from whoever says that they are the platform."""
LARGE_AT_ONCE = 8
"""Larger ones are read at the same time, where the platform is told by its signature alone: what
anybody may send takes 24 MB at most."""
AGAIN = 2


class Doors:
    """Hands to a door what is posted to its path, and everything else to the application."""

    def __init__(self, app: ASGIApp, doors: Sequence[Door]):
        """Each door has a path of its own."""
        self._app = app
        self._doors = {door.path: door for door in doors}
        self._large = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        door = self._doors.get(scope["path"]) if scope["type"] == "http" else None
        if door is None:
            await self._app(scope, receive, send)
            return
        try:
            answer = await self._answer(door, Request(scope, receive))
        except ClientDisconnect:
            return  # cut off in the middle: nothing was taken, and it comes again
        await answer(scope, receive, send)

    async def _answer(self, door: Door, request: Request) -> Response:
        if request.method == "GET" and isinstance(door, Greeting):
            said = door.greet(request.query_params)
            expected = said is not None
            return PlainTextResponse(said or "Not expected here.", 200 if expected else 403)
        if request.method != "POST":
            return PlainTextResponse("Only a platform's posts are taken here.", 405)
        if not door.admits(request.headers):
            return _stranger()
        try:
            if isinstance(door, Vouching):
                posted = await self._unknown(door, request)
                if not door.vouches(request.headers, posted):
                    return _stranger()
            else:
                posted = await body(request, door.most)
            await door.take(posted)
        except TooLarge:
            return PlainTextResponse("Too large.", 413)
        except NotTaken as later:
            return PlainTextResponse("Not now.", 503, {"Retry-After": str(later.seconds)})
        return Response(status_code=200)

    async def _unknown(self, door: Door, request: Request) -> bytes:
        """A body of which only its bytes tell whose it is. Raises TooLarge and NotTaken."""
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) <= SMALL:
            return await body(request, SMALL)
        if self._large >= LARGE_AT_ONCE:
            raise NotTaken(AGAIN)
        self._large += 1
        try:
            return await body(request, door.most)
        finally:
            self._large -= 1


def _stranger() -> Response:
    return PlainTextResponse("This must come from the platform itself.", 403)
