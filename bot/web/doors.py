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


class Doors:
    """Hands to a door what is posted to its path, and everything else to the application."""

    def __init__(self, app: ASGIApp, doors: Sequence[Door]):
        """Each door has a path of its own."""
        self._app = app
        self._doors = {door.path: door for door in doors}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        door = self._doors.get(scope["path"]) if scope["type"] == "http" else None
        if door is None:
            await self._app(scope, receive, send)
            return
        try:
            answer = await _answer(door, Request(scope, receive))
        except ClientDisconnect:
            return  # cut off in the middle: nothing was taken, and it comes again
        await answer(scope, receive, send)


async def _answer(door: Door, request: Request) -> Response:
    if request.method == "GET" and isinstance(door, Greeting):
        said = door.greet(request.query_params)
        return PlainTextResponse(
            "Not expected here." if said is None else said, 403 if said is None else 200
        )
    if request.method != "POST":
        return PlainTextResponse("Only a platform's posts are taken here.", 405)
    if not door.admits(request.headers):
        return PlainTextResponse("This must come from the platform itself.", 403)
    try:
        posted = await body(request, door.most)
        if isinstance(door, Vouching) and not door.vouches(request.headers, posted):
            return PlainTextResponse("This must come from the platform itself.", 403)
        await door.take(posted)
    except TooLarge:
        return PlainTextResponse("Too large.", 413)
    except NotTaken as later:
        return PlainTextResponse("Not now.", 503, {"Retry-After": str(later.seconds)})
    return Response(status_code=200)
