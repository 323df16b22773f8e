"""The compose page: a letter to read, change and open in one's own mail program.

The server writes the letter without any name. First name and town are put in by the page, in the
browser, and are sent nowhere; case, language, version and token come to the page in the fragment.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.campaign import letters
from bot.campaign.content import Case, LetterAction
from bot.campaign.letters import Letter
from bot.campaign.messages import words
from bot.campaign.scenes.letter import ASKED, PAGES
from bot.clock import utc_now
from bot.content_files.watching import InUse
from bot.documents.mail_links import MAILTO_LIMIT, WEB_LIMITS, mail_draft, mailto
from bot.web.context import TooLarge, WebContext, body, direction
from bot.web.labels import labels
from bot.web.letter_sent import Report
from bot.web.rates import Rate

log = structlog.get_logger(__name__)

TOKEN = re.compile(r"[a-z2-7]{20,40}")
BODY = 200
# By network address: a school or a café is one, and a class presses at once.
READING = Rate(3.0, 100)
REPORTING = Rate(1.0, 40)
AGAIN_AFTER = 5


def routes(
    context: WebContext, report: Report, bot_names: Mapping[str, str]
) -> Sequence[BaseRoute]:
    """The page, the letter as data, and where the page says that it was sent.

    ``bot_names``: the bot's public name by channel, for the way back into the chat.
    """
    room = _Room(context, report, bot_names)
    return [
        *(Route(path, room.page) for path in PAGES.values()),
        Route("/compose/letter", room.letter),
        Route("/compose/sent", room.sent, methods=["POST"]),
    ]


class NoSuchLetter(LookupError):
    """The content has no letter of that case, action or language."""


class _Room:
    def __init__(self, context: WebContext, report: Report, bot_names: Mapping[str, str]):
        self._context = context
        self._report = report
        self._bot_names = bot_names

    async def page(self, request: Request) -> Response:
        """With ``?cas=`` the letter is in the page; else a script asks for the one that the
        fragment names, and without it the letters are listed."""
        now = self._context.content.now
        language = self._language(request)
        asked = request.query_params
        shown: dict[str, Any] | None = None
        if asked.get("cas") or asked.get("case"):
            try:
                shown = _letter(
                    now,
                    asked.get("cas") or asked.get("case") or "",
                    asked.get("geste") or asked.get("action") or "",
                    asked.get("langue") or asked.get("language") or language,
                    asked.get("numero") or asked.get("number") or "0",
                )
            except NoSuchLetter:
                shown = None
        texts = now.wording.texts(language, "compose")
        closed = ""
        if shown is not None and not shown["active"]:
            closed, shown = texts["closed"].replace("{name}", shown["name"]), None
        return self._context.page(
            request,
            "compose.html",
            language=language,
            words=texts,
            letter=shown,
            closed=closed,
            offered=_offered(now, language),
            most=ASKED,
            backs=self._backs(),
            page={
                "language": language,
                "languages": now.campaign.languages,
                "direction": direction(language),
                "labels": {**labels(now, language), **texts},
                "names": _language_names(now),
                "letter": shown,
                "backs": self._backs(),
                "limits": {"mailto": MAILTO_LIMIT, **WEB_LIMITS},
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
        wait = self._context.rates.wait(READING, "letter", self._context.who(request))
        if wait:
            return _later("Too many at once: wait a little.", 429, math.ceil(wait))
        asked = request.query_params
        try:
            found = _letter(
                self._context.content.now,
                *(asked.get(name, "") for name in ("case", "action", "language", "number")),
            )
        except NoSuchLetter:
            return PlainTextResponse("There is no such letter.", 404)
        return _json(found)

    async def sent(self, request: Request) -> Response:
        """The supporter says that the letter is on its way."""
        wait = self._context.rates.wait(REPORTING, "sent", self._context.who(request))
        if wait:
            return _later("Too many at once: wait a little.", 429, math.ceil(wait))
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


def _letter(now: InUse, case_id: str, action_id: str, language: str, number: str) -> dict[str, Any]:
    """A letter as the page needs it; of a closed case only that. Raises NoSuchLetter."""
    campaign, wording = now
    case = campaign.cases.get(case_id)
    action = _action(case, action_id) if case else None
    if case is None or action is None or language not in campaign.languages:
        raise NoSuchLetter
    if not number.isdecimal() or len(number) > 9:
        raise NoSuchLetter
    if not case.is_active:
        return {"active": False, "name": case.full_name}
    of_all = letters.versions(campaign, case_id, action)
    seed = int(number) % of_all
    unconfirmed = campaign.unconfirmed(case_id, utc_now().date())
    draft_of = letters.draft(
        campaign, case_id, action, language, seed=seed, unconfirmed=unconfirmed
    )
    letter = wording.write(draft_of, campaign)
    draft = mail_draft(letter)
    return {
        "case": case_id,
        "action": action.id,
        "language": language,
        "direction": direction(language),
        "number": seed,
        "next": (seed + letters.STRIDE) % of_all,
        "active": True,
        "name": case.full_name,
        "chinese": case.chinese_name,
        "title": wording.text(words(f"{case_id}.action.{action.id}.title"), language, "plain"),
        "to": list(draft.to),
        "cc": list(draft.cc),
        "to_names": _names(letter, copies=False),
        "cc_names": _names(letter, copies=True),
        "subject": draft.subject,
        "body": draft.body,
        "mailto": mailto(draft),
    }


def _action(case: Case, action_id: str) -> LetterAction | None:
    """The letter of that id; without one the last listed, which goes to the highest."""
    found = [action for action in case.actions if isinstance(action, LetterAction)]
    fitting = [action for action in found if not action_id or action.id == action_id]
    return fitting[-1] if fitting else None


def _names(letter: Letter, *, copies: bool) -> list[str]:
    addressees = letter.copy_to if copies else letter.to
    return [addressee.name.replace("\n", ", ") for addressee in addressees]


def _offered(now: InUse, language: str) -> list[dict[str, str]]:
    """Every letter that can be written now."""
    return [
        {
            "case": case_id,
            "action": action.id,
            "name": case.full_name,
            "chinese": case.chinese_name,
            "title": now.wording.text(
                words(f"{case_id}.action.{action.id}.title"), language, "plain"
            ),
        }
        for case_id, case in now.campaign.cases.items()
        if case.is_active
        for action in case.actions
        if isinstance(action, LetterAction)
    ]


def _language_names(now: InUse) -> dict[str, str]:
    return {
        language: now.wording.text(words("language.name"), language, "plain")
        for language in now.campaign.languages
    }


def _later(text: str, status: int, seconds: int) -> Response:
    return PlainTextResponse(text, status, headers={"Retry-After": str(seconds)})


def _json(data: object) -> Response:
    return Response(orjson.dumps(data), media_type="application/json")
