"""Where an invited member sets up their second factor: a QR code to scan, and its first code.

The token stands behind the # of the link: no server, proxy or log reads it there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from io import BytesIO
from typing import Protocol

import orjson
import segno
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.campaign.messages import words
from bot.clock import Clock, utc_now
from bot.desk import second_factor
from bot.desk.members import Staff
from bot.keys import Keys
from bot.store import audit
from bot.store.database import Database
from bot.web.context import TooLarge, WebContext, body
from bot.web.rates import Rate

LONGEST = 512
"""Bytes of a request: a token and a code."""
TRIES = Rate(0.2, 12)
LABELS = (
    *("title", "lead", "scan", "by_hand", "code", "confirm", "done", "wrong", "expired", "failed"),
    *("no_script", "alt"),
)


class Enrolling(Protocol):
    """What the page needs of the staff's second factors."""

    async def offer(self, token: str) -> tuple[str, str] | None:
        """The secret and its address for a QR code; None where the token is not good (any more)."""

    async def confirm(self, token: str, code: str) -> bool | None:
        """Set it up; False where the code is not its own, None as above."""


class Enrolment:
    """On the database."""

    def __init__(self, store: Database, keys: Keys, staff: Staff, clock: Clock = utc_now):
        """Whoever was invited and belongs to this staff still."""
        self._store = store
        self._keys = keys
        self._staff = staff
        self._clock = clock

    async def offer(self, token: str) -> tuple[str, str] | None:
        """See ``Enrolling``."""
        async with self._store.reading() as connection:
            found = await second_factor.invited(connection, self._keys, token, self._clock())
        if found is None or found.invitation is None or not self._staff.by_mark(found.mark):
            return None
        secret = found.invitation.secret
        return secret, second_factor.address(secret, self._staff.names[found.mark])

    async def confirm(self, token: str, code: str) -> bool | None:
        """See ``Enrolling``."""
        now = self._clock()
        async with self._store.writing() as connection:
            found = await second_factor.invited(connection, self._keys, token, now)
            if found is None or not self._staff.by_mark(found.mark):
                return None
            done = await second_factor.accept(connection, self._keys, found, code, now)
            if done:
                entry = audit.Entry(found.mark, "enrol", detail=found.mark)
                await audit.add(connection, self._keys, [entry], now)
        return done


def routes(context: WebContext, enrolling: Enrolling) -> Sequence[BaseRoute]:
    """The page, and what its script asks for."""

    async def page(request: Request) -> Response:
        language = context.language(request)
        wording = context.content.now.wording
        said = {
            one: wording.text(words(f"staff.code_page.{one}"), language, "plain") for one in LABELS
        }
        return context.page(request, "staff_code.html", language=language, code=said)

    async def offer(request: Request, asked: dict[str, str]) -> Response:
        offered = await enrolling.offer(asked["token"])
        if offered is None:
            return JSONResponse({"said": "expired"}, 410)
        secret, address = offered
        drawn = BytesIO()
        segno.make(address, error="m").save(drawn, kind="png", scale=6, border=3)
        return Response(drawn.getvalue(), media_type="image/png", headers={"X-Secret": secret})

    async def confirm(request: Request, asked: dict[str, str]) -> Response:
        done = await enrolling.confirm(asked["token"], asked.get("code", ""))
        said, status = {True: ("done", 200), False: ("wrong", 422), None: ("expired", 410)}[done]
        return JSONResponse({"said": said}, status)

    return [
        Route("/staff-code", page),
        Route("/staff-code/offer", _asked(context, offer), methods=["POST"]),
        Route("/staff-code/confirm", _asked(context, confirm), methods=["POST"]),
    ]


def _asked(
    context: WebContext, answer: Callable[[Request, dict[str, str]], Awaitable[Response]]
) -> Callable[[Request], Awaitable[Response]]:
    """The answer to a small JSON object of texts with a token in it, within the rate."""

    async def endpoint(request: Request) -> Response:
        wait = context.rates.wait(TRIES, "code", context.who(request))
        if wait:
            return JSONResponse({"said": "failed"}, 429, {"Retry-After": str(int(wait) + 1)})
        try:
            asked = orjson.loads(await body(request, LONGEST))
        except (TooLarge, orjson.JSONDecodeError):
            asked = None
        texts = isinstance(asked, dict) and all(isinstance(one, str) for one in asked.values())
        if not texts or "token" not in asked:
            return JSONResponse({"said": "failed"}, 400)
        return await answer(request, asked)

    return endpoint
