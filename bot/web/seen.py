"""How a request of the doctor arrives here: what the proxy before the pages makes of it.

Only whoever has the keys is told, by a mark that is good for a minute, and only of their own
request.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.clock import utc_now
from bot.keys import Keys

PATH: Final = "/seen"
SHOWN_IN: Final = "x-doctor"
FRESH: Final = 60.0


def mark(keys: Keys, at: datetime) -> str:
    """What the doctor shows at that moment."""
    told = str(round(at.timestamp()))
    return f"{told}.{keys.vouch(b'doctor ' + told.encode()).hex()}"


def routes(keys: Keys, clock: Callable[[], datetime] = utc_now) -> list[BaseRoute]:
    """The one page, for whoever shows a mark of these keys."""

    async def seen(request: Request) -> Response:
        shown = request.headers.get(SHOWN_IN, "")
        at = shown.partition(".")[0]
        if not (at.isascii() and at.isdecimal() and len(at) < 12):
            raise HTTPException(404)
        then = datetime.fromtimestamp(int(at), clock().tzinfo)
        is_fresh = abs((clock() - then).total_seconds()) <= FRESH
        if not is_fresh or not hmac.compare_digest(shown.encode(), mark(keys, then).encode()):
            raise HTTPException(404)
        return JSONResponse(
            {
                "address": request.client.host if request.client else "",
                "forwarded_for": request.headers.get("x-forwarded-for", ""),
                "scheme": request.url.scheme,
                "host": request.headers.get("host", ""),
            }
        )

    return [Route(PATH, seen)]
