"""The chat page: turns are posted, answers stream down, nothing of it in any address or cookie."""

from __future__ import annotations

import asyncio
import base64
import math
import re
from collections.abc import AsyncIterator
from typing import Any

import orjson
import structlog
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.campaign.messages import words
from bot.channels.web_chat.channel import KEY, WebChat, read
from bot.channels.web_chat.listeners import Busy, Forgotten, Listener, Missed
from bot.store.people.web_turns import StoredTurn
from bot.web.context import TooLarge, WebContext, address, body, direction
from bot.web.labels import labels
from bot.web.rates import AtOnce, Rate

log = structlog.get_logger(__name__)

BODY = 24_000
"""Bytes of a posted turn: a text of the greatest length, all of it outside ASCII."""
ANSWERED = 6_000
"""Bytes that are kept of the answers to a turn, roughly."""
WITHIN = 30.0
"""Seconds that recording a turn may take; the page then posts it again."""
PING = 15.0
"""Seconds of silence after which a stream shows that it lives (proxies cut at 30 to 60)."""
AGAIN_AFTER = 2
NUMBER = re.compile(r"[0-9]{1,18}")
"""Of a turn: as long as the database can count."""

# In the panel beside the conversation, in this order.
COMMANDS = ("cases", "actions", "letter", "sign", "share", "updates", "privacy", "help")


def routes(context: WebContext) -> list[Route]:
    """The routes of the chat page."""
    room = _Chat(context)
    return [
        Route("/", room.page),
        Route("/chat/labels/{language}", room.labels),
        Route("/chat/stream", room.stream),
        Route("/chat/turns", room.turns, methods=["POST"]),
        Route("/chat/documents/{number}", room.documents, methods=["POST"]),
    ]


class _Chat:
    def __init__(self, context: WebContext):
        self._context = context
        self._channel: WebChat = context.channel

    async def page(self, request: Request) -> Response:
        campaign, wording = self._context.content.now
        language = self._context.language(request)

        def said(key: str) -> str:
            return wording.text(words(key), language, "plain")

        return self._context.page(
            request,
            "chat.html",
            cases=[
                {
                    "id": case_id,
                    "name": case.full_name,
                    "chinese": case.chinese_name,
                    "summary": said(f"{case_id}.summary"),
                    "active": case.is_active,
                }
                for case_id, case in campaign.cases.items()
            ],
            commands={name: said(f"commands.{name}") for name in COMMANDS},
            page=self._for_page(language),
        )

    async def labels(self, request: Request) -> Response:
        """What the page says itself, for a change of language without a reload."""
        language = request.path_params["language"]
        if language not in self._context.content.campaign.languages:
            return PlainTextResponse("There is no such language here.", 404)
        return _json(self._for_page(language))

    def _for_page(self, language: str) -> dict[str, Any]:
        now = self._context.content.now
        return {
            "language": language,
            "languages": now.campaign.languages,
            "direction": direction(language),
            "labels": dict(labels(now, language)),
            "commands": now.wording.texts(language, "commands"),
        }

    async def stream(self, request: Request) -> Response:
        """What came behind the last number that the page has seen, and all that comes."""
        key = _key(request)
        if key is None:
            return _no_key()
        refused = self._too_often(request, self._context.allowed.streams, "stream", key)
        if refused is not None:
            return refused
        where = address(request.scope)
        if not self._channel.has_room(key) or not self._context.streams.has_room(where):
            return _later("Too many pages are open.", 429, 20)
        last = request.headers.get("last-event-id", "")
        after = int(last) if NUMBER.fullmatch(last) else 0
        return StreamingResponse(
            _news(self._channel, key, after, self._context.streams, where),
            media_type="text/event-stream",
            headers={"X-Accel-Buffering": "no"},
        )

    async def turns(self, request: Request) -> Response:
        """One turn of the visitor: 204 once everything that it caused is recorded."""
        key = _key(request)
        if key is None:
            return _no_key()
        refused = self._too_often(request, self._context.allowed.turns, "turn", key)
        if refused is not None:
            return refused
        try:
            came = await body(request, BODY)
            refused = self._too_much(request, key, len(came) + ANSWERED)
            if refused is not None:
                return refused
            posted = read(came)
        except TooLarge:
            return PlainTextResponse("This is longer than a turn may be.", 413)
        except ValidationError:
            return PlainTextResponse("This is no turn of the chat page.", 400)
        try:
            async with asyncio.timeout(WITHIN):
                with self._channel.showing(key, posted) as event:
                    await self._context.take([event])
        except Exception as problem:
            log.error("turn_not_recorded", kind=type(problem).__name__)
            return _later("This could not be recorded. Please try again.", 503, AGAIN_AFTER)
        return Response(status_code=204)

    async def documents(self, request: Request) -> Response:
        """The documents of an answer, made now: a list of name, media type and base64."""
        key = _key(request)
        if key is None:
            return _no_key()
        refused = self._too_often(request, self._context.allowed.documents, "document", key)
        if refused is not None:
            return refused
        wait = self._context.wait(request, self._context.allowed.papers, "paper")
        if wait:
            return _later("Too many at once: wait a little.", 429, math.ceil(wait))
        number = request.path_params["number"]
        known = NUMBER.fullmatch(number) is not None
        message = await self._channel.message(key, int(number)) if known else None
        if message is None or message.attachment is None:
            return PlainTextResponse("There is no such document.", 404)
        try:
            made = await self._context.make(message.attachment, message.language)
        except Exception as problem:
            kind = message.attachment.kind
            log.error("document_not_made", document=kind, kind=type(problem).__name__)
            return _later("The document could not be made. Please try again.", 503, AGAIN_AFTER)
        return _json(
            [
                {
                    "name": one.name,
                    "type": one.media_type,
                    "size": len(one.content),
                    "content": base64.b64encode(one.content).decode(),
                }
                for one in made
            ]
        )

    def _too_often(self, request: Request, rate: Rate, what: str, key: str) -> Response | None:
        rates = self._context.rates
        wait = rates.wait(rate, what, key) or self._context.wait(
            request, rates.allowed.address, "address"
        )
        if not wait:
            return None
        return _later("Too many at once: wait a little.", 429, math.ceil(wait))

    def _too_much(self, request: Request, key: str, size: int) -> Response | None:
        """What may be kept in a day is bounded, since a key costs whoever makes one nothing."""
        rates, allowed = self._context.rates, self._context.allowed
        wait = rates.wait(allowed.kept, "kept", key, amount=size) or self._context.wait(
            request, allowed.kept_of_address, "kept", size
        )
        if not wait:
            return None
        return _later("That was much for one day: go on tomorrow.", 429, math.ceil(wait))


async def _news(
    channel: WebChat, key: str, after: int, streams: AtOnce, where: str
) -> AsyncIterator[bytes]:
    listener = channel.listen(key)
    if listener is None:
        return
    streams.enter(where)
    try:
        async for piece in _told(channel, key, after, listener):
            yield piece
    finally:
        listener.close()
        streams.leave(where)


async def _told(channel: WebChat, key: str, after: int, listener: Listener) -> AsyncIterator[bytes]:
    turns, first = await channel.since(key, after)
    last = turns[-1].number if turns else after if first else 0
    yield _event("turns", {"first": first, "turns": [_shown(turn) for turn in turns]}, last)
    while (news := await listener.news(PING)) is not None:
        if not news:
            yield b":\n\n"
            continue
        if any(isinstance(one, Missed) for one in news):
            news = [*(await channel.since(key, last))[0]]
        fresh = [one for one in news if isinstance(one, StoredTurn) and one.number > last]
        if fresh:
            last = fresh[-1].number
            yield _event("turns", {"turns": [_shown(turn) for turn in fresh]}, last)
        if any(isinstance(one, Forgotten) for one in news):
            yield _event("forgotten", {}, 0)
        elif any(isinstance(one, Busy) for one in news) and not fresh:
            yield _event("busy", {}, last)
    yield _event("later", {}, last)


def _shown(turn: StoredTurn) -> dict[str, Any]:
    shown: dict[str, Any] = {"n": turn.number, **turn.body}
    message = shown.get("message")
    if message is not None and message["attachment"] is not None:
        # The page needs to know that there is one; what it is made of stays here.
        shown["message"] = {**message, "attachment": message["attachment"][0]}
    return shown


def _event(name: str, data: dict[str, Any], last: int) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (last, name.encode(), orjson.dumps(data))


def _key(request: Request) -> str | None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key if scheme.lower() == "bearer" and KEY.fullmatch(key) else None


def _no_key() -> Response:
    return PlainTextResponse("Only the chat page can ask this.", 401)


def _later(text: str, status: int, seconds: int) -> Response:
    return PlainTextResponse(text, status, headers={"Retry-After": str(seconds)})


def _json(data: object) -> Response:
    return Response(orjson.dumps(data), media_type="application/json")
