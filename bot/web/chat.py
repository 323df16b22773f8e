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
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.channels.web_chat.channel import KEY, WebChat, read
from bot.channels.web_chat.listeners import Busy, Forgotten, Listener, Missed
from bot.channels.web_chat.untraced import Untraced
from bot.store.people.web_turns import StoredTurn
from bot.store.sizes import EXCHANGE
from bot.web.cards import as_told, shared
from bot.web.context import TooLarge, WebContext, address, body, direction
from bot.web.first_screen import first_screen, sheet
from bot.web.labels import labels
from bot.web.rates import AtOnce, Rate

log = structlog.get_logger(__name__)

BODY = 24_000
"""Bytes of a posted turn: a text of the greatest length, all of it outside ASCII."""
ANSWERED = 6_000
"""Bytes that are kept of the answers to a turn, roughly."""
LONG = 2_500
"""Bytes of a posted turn that may be kept, with its answers, in the largest size there is."""
WITHIN = 30.0
"""Seconds that recording a turn may take; the page then posts it again."""
PING = 15.0
"""Seconds of silence after which a stream shows that it lives (proxies cut at 30 to 60)."""
AGAIN_AFTER = 2
UNTRACED = "untraced/"
"""Below this no file of ours is kept by a browser."""
PAYLOAD = 64
"""Characters of what a link into the conversation carries, as on every channel."""
NUMBER = re.compile(r"[0-9]{1,18}")
"""Of a turn: as long as the database can count."""

# In the panel beside the conversation, in this order.
COMMANDS = ("cases", "actions", "letter", "sign", "share", "updates", "privacy", "help")


def routes(context: WebContext) -> list[Route]:
    """The routes of the chat page."""
    room = _Chat(context)
    return [
        # Pressed: on a slow network the page is there in half the time. Nothing secret is on it.
        Route("/", room.page, middleware=[Middleware(GZipMiddleware)]),
        Route("/chat/labels/{language}", room.labels, middleware=[Middleware(GZipMiddleware)]),
        Route("/chat/stream", room.stream),
        Route("/chat/turns", room.turns, methods=["POST"]),
        Route("/chat/proof", room.proof, methods=["POST"]),
        Route("/chat/documents/{number}", room.documents, methods=["POST"]),
    ]


class _Chat:
    def __init__(self, context: WebContext):
        self._context = context
        self._channel: WebChat = context.channel
        self._untraced = Untraced(
            context.channel,
            lambda: context.content.campaign,
            lambda *message: context.content.wording.render(*message),
            context.take,
        )

    async def page(self, request: Request) -> Response:
        now = self._context.content.now
        language = self._context.language(request)
        asked = request.query_params.get("start", "")[:PAYLOAD]
        page = self._for_page(language, asked)
        untraced = request.query_params.get("trace") == "none"
        commands = now.wording.texts(language, "commands")
        return self._context.page(
            request,
            "chat.html",
            shared=shared(
                now,
                language,
                self._context.base(request),
                asked,
            ),
            first=[sheet(message) for message in page["first"]],
            commands={name: commands[name] for name in COMMANDS},
            page=page,
            untraced=untraced,
            root=UNTRACED if untraced else "",
        )

    async def labels(self, request: Request) -> Response:
        """What the page says itself, for a change of language without a reload."""
        language = request.path_params["language"]
        if language not in self._context.content.campaign.languages:
            return PlainTextResponse("There is no such language here.", 404)
        return _json(self._for_page(language))

    def _for_page(self, language: str, asked: str = "") -> dict[str, Any]:
        now = self._context.content.now
        first = first_screen(now, language, asked)
        return {
            "language": language,
            "languages": now.campaign.languages,
            "direction": direction(language),
            "labels": dict(labels(now, language)),
            "commands": now.wording.texts(language, "commands"),
            "first": first,
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
        """One turn of the visitor: 204 once everything that it caused is recorded.

        Where no trace is to stay, the answers are given here, and nothing is recorded.
        """
        key = _key(request)
        if key is None:
            return _no_key()
        refused = self._too_often(request, self._context.allowed.turns, "turn", key)
        if refused is not None:
            return refused
        try:
            came = await body(request, BODY)
            refused = self._too_much(request, key, _kept(len(came)))
            if refused is not None:
                return refused
            posted = read(came)
        except TooLarge:
            return PlainTextResponse("This is longer than a turn may be.", 413)
        except ValidationError:
            return PlainTextResponse("This is no turn of the chat page.", 400)
        untraced = _is_untraced(request)
        turns: list[dict[str, object]] = []
        try:
            async with asyncio.timeout(WITHIN):
                if untraced:
                    turns = await self._untraced.answer(key, posted, _host(request))
                else:
                    with self._channel.showing(key, posted, _host(request)) as event:
                        await self._context.take([event])
        except Exception as problem:
            log.error("turn_not_recorded", kind=type(problem).__name__)
            return _later("This could not be recorded. Please try again.", 503, AGAIN_AFTER)
        if untraced:
            return _json({"turns": [_public(turn) for turn in turns]})
        return Response(status_code=204)

    async def proof(self, request: Request) -> Response:
        """What the visitor's browser is to work on before it signs."""
        key = _key(request)
        if key is None:
            return _no_key()
        refused = self._too_often(request, self._context.allowed.turns, "proof", key)
        if refused is not None:
            return refused
        asked = self._channel.origins.challenge(key, _host(request))
        return _json({"challenge": asked.text, "work": asked.work, "seconds": asked.seconds})

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
        message = None
        if known and _is_untraced(request):
            message = self._untraced.message(key, int(number))
        elif known:
            message = await self._channel.message(key, int(number))
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
    return _public({"n": turn.number, **turn.body})


def _public(shown: dict[str, Any]) -> dict[str, Any]:
    message = shown.get("message")
    if message is not None and message["attachment"] is not None:
        shown["message"] = as_told(message)
    return shown


def _event(name: str, data: dict[str, Any], last: int) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (last, name.encode(), orjson.dumps(data))


def _key(request: Request) -> str | None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key if scheme.lower() == "bearer" and KEY.fullmatch(key) else None


def _host(request: Request) -> str:
    return request.client.host if request.client else ""


def _is_untraced(request: Request) -> bool:
    return request.headers.get("trace") == "none"


def _no_key() -> Response:
    return PlainTextResponse("Only the chat page can ask this.", 401)


def _later(text: str, status: int, seconds: int) -> Response:
    return PlainTextResponse(text, status, headers={"Retry-After": str(seconds)})


def _json(data: object) -> Response:
    return Response(orjson.dumps(data), media_type="application/json")


def _kept(posted: int) -> int:
    """Bytes that the database takes for a posted turn, at most."""
    return EXCHANGE[-1] + ANSWERED if posted > LONG else posted + ANSWERED
