"""The compose page: a letter to read, change and open in one's own mail program.

The server writes the letter without any name. First name and town are put in by the page, in the
browser, and are sent nowhere; the token comes to the page in the fragment.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import structlog
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.campaign.messages import words
from bot.campaign.scenes.letter import ASKED, NAMED, PAGES
from bot.content_files.watching import InUse
from bot.documents.eml import eml
from bot.documents.mail_links import MAILTO_LIMITS, WEB_LIMITS
from bot.web.browsers import inside_an_app, platform
from bot.web.context import TooLarge, WebContext, body, direction
from bot.web.labels import labels
from bot.web.letter_sent import Report
from bot.web.letter_shown import NoSuchLetter, offered, shown, written
from bot.web.rates import Rate

log = structlog.get_logger(__name__)

TOKEN = re.compile(r"[a-z2-7]{20,40}")
BODY = 200
# By network address: a school or a café is one, and a class presses at once.
READING = Rate(3.0, 100)
REPORTING = Rate(1.0, 40)
AGAIN_AFTER = 5
SERVICES = ("gmail", "outlook", "outlook_work", "yahoo", "proton")
"""Web mail that the page links to, as its labels name it."""
TOO_MANY = "Too many at once: wait a little."


def routes(
    context: WebContext, report: Report, bot_names: Mapping[str, str]
) -> Sequence[BaseRoute]:
    """The page, the letter as data and as a file, and where the page says that it was sent.

    ``bot_names``: the bot's public name by channel, for the way back into the chat.
    """
    room = _Room(context, report, bot_names)
    smaller = [Middleware(GZipMiddleware)]
    return [
        *(Route(path, room.page, middleware=smaller) for path in PAGES.values()),
        Route("/compose/letter", room.letter, middleware=smaller),
        Route("/compose/file", room.file),
        Route("/compose/sent", room.sent, methods=["POST"]),
    ]


class _Room:
    def __init__(self, context: WebContext, report: Report, bot_names: Mapping[str, str]):
        self._context = context
        self._report = report
        self._bot_names = bot_names

    async def page(self, request: Request) -> Response:
        """With ``?cas=`` the letter is in the page; else the letters are listed, and a script asks
        for the one that the fragment of a link of before names."""
        now = self._context.content.now
        language = self._language(request)
        letter = _asked_for(now, request, language)
        texts = now.wording.texts(language, "compose")
        closed = ""
        if letter is not None and not letter["active"]:
            closed, letter = texts["closed"].replace("{name}", letter["name"]), None
        browser = request.headers.get("user-agent", "")
        limit = MAILTO_LIMITS[platform(browser)]
        return self._context.page(
            request,
            "compose.html",
            language=language,
            words=texts,
            letter=letter,
            whole=letter is None or len(letter["mailto"]) <= limit,
            closed=closed,
            offered=offered(now, language),
            services=SERVICES,
            most=ASKED,
            names=_language_names(now),
            inside=inside_an_app(browser),
            backs=self._backs(),
            page={
                "language": language,
                "languages": now.campaign.languages,
                "direction": direction(language),
                "labels": {**labels(now, language), **texts},
                "names": _language_names(now),
                "letter": letter,
                "backs": self._backs(),
                "limits": {"mailto": limit, **WEB_LIMITS},
                "platform": platform(browser),
                "inside": inside_an_app(browser),
                "commands": {},
            },
        )

    def _language(self, request: Request) -> str:
        """``?lang=``, else the language of the path, else as on every page."""
        languages = self._context.content.campaign.languages
        spoken = {path: language for language, path in PAGES.items()}.get(request.url.path, "")
        if request.query_params.get("lang") in languages or spoken not in languages:
            return self._context.language(request)
        return spoken

    def _backs(self) -> dict[str, str]:
        telegram = self._bot_names.get("telegram", "")
        backs = {"web": "./"}
        return {"telegram": f"https://t.me/{telegram}", **backs} if telegram else backs

    async def letter(self, request: Request) -> Response:
        """A letter without any name, as data."""
        wait = self._context.wait(request, READING, "letter")
        if wait:
            return _later(TOO_MANY, 429, math.ceil(wait))
        asked = request.query_params
        try:
            found = shown(
                self._context.content.now,
                *(asked.get(name, "") for name in NAMED),
                reader=asked.get("reader", ""),
            )
        except NoSuchLetter:
            return PlainTextResponse("There is no such letter.", 404)
        return _json(found)

    async def file(self, request: Request) -> Response:
        """A letter without any name, as an e-mail file: for a page without scripts."""
        wait = self._context.rates.wait(READING, "letter", self._context.who(request))
        if wait:
            return _later(TOO_MANY, 429, math.ceil(wait))
        asked = request.query_params
        now = self._context.content.now
        try:
            letter = written(now, *(asked.get(name, "") for name in NAMED))
        except NoSuchLetter:
            return PlainTextResponse("There is no such letter.", 404)
        if not now.campaign.cases[letter.case].is_active:
            return PlainTextResponse("There is no such letter.", 404)
        made = eml(letter, file=now.wording.texts(letter.language, "compose")["eml_file"])
        return Response(
            made.content,
            media_type=made.media_type,
            headers={"Content-Disposition": f'attachment; filename="{made.name}"'},
        )

    async def sent(self, request: Request) -> Response:
        """The supporter says that the letter is on its way."""
        wait = self._context.wait(request, REPORTING, "sent")
        if wait:
            return _later(TOO_MANY, 429, math.ceil(wait))
        try:
            posted = orjson.loads(await body(request, BODY))
            token = posted["token"]
        except (TooLarge, ValueError, KeyError, TypeError):
            return PlainTextResponse("This is nothing that the page says.", 400)
        if not isinstance(token, str) or not TOKEN.fullmatch(token):
            return PlainTextResponse("This is nothing that the page says.", 400)
        try:
            channel = await self._report(token)
        except Exception as problem:
            log.error("letter_sent_not_recorded", kind=type(problem).__name__)
            return _later("This could not be recorded. Please try again.", 503, AGAIN_AFTER)
        if not channel:
            return PlainTextResponse("The link is not good any more.", 410)
        return _json({"channel": channel})


def _asked_for(now: InUse, request: Request, language: str) -> dict[str, Any] | None:
    """The letter that the page's address names, in French or in English words."""
    asked = request.query_params
    wanted = {name: asked.get(french) or asked.get(name) or "" for name, french in NAMED.items()}
    if not wanted["case"]:
        return None
    wanted = {**wanted, "language": wanted["language"] or language}
    try:
        return shown(
            now,
            wanted["case"],
            wanted["action"],
            wanted["language"],
            wanted["number"] or "0",
            reader=language,
        )
    except NoSuchLetter:
        return None


def _language_names(now: InUse) -> dict[str, str]:
    return {
        language: now.wording.text(words("language.name"), language, "plain")
        for language in now.campaign.languages
    }


def _later(text: str, status: int, seconds: int) -> Response:
    return PlainTextResponse(text, status, headers={"Retry-After": str(seconds)})


def _json(data: object) -> Response:
    return Response(orjson.dumps(data), media_type="application/json")
