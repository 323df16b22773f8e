"""Pictures of the cases as files, and what others' programs show of a link to a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypedDict

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.campaign.content import Campaign
from bot.campaign.messages import PICTURE, Attachment, words
from bot.content_files.watching import InUse
from bot.documents.name_card import SIZES
from bot.web.context import WebContext

log = structlog.get_logger(__name__)

FILE = re.compile(r"(?P<case>[a-z][a-z0-9]{0,19})(?P<square>-square)?\.png")
# Asked for again after an hour; then 304 while nothing changed.
KEPT = "public, max-age=3600"


class Shared(TypedDict):
    """What a chat, a feed or a mail program shows of a link (https://ogp.me)."""

    title: str
    description: str
    image: str
    alt: str
    width: int
    height: int
    url: str


def routes(context: WebContext, unkept: str) -> list[Route]:
    """``/cards/CASE.png`` and ``/cards/CASE-square.png``, in the language of ``?lang=``; below
    ``unkept`` the same for whoever leaves no trace, which no browser keeps."""

    async def card(request: Request) -> Response:
        asked = FILE.fullmatch(request.path_params["file"])
        if asked is None or asked["case"] not in context.content.campaign.cases:
            return PlainTextResponse("There is no such card.", 404)
        shape = "square" if asked["square"] else "wide"
        wanted = Attachment(PICTURE, (("case", asked["case"]), ("shape", shape)))
        try:
            [made] = await context.make(wanted, context.language(request))
        except Exception as problem:
            log.error("document_not_made", document=PICTURE, kind=type(problem).__name__)
            return PlainTextResponse("The card could not be made.", 503)
        if request.url.path.startswith(f"/{unkept}"):
            return Response(made.content, media_type=made.media_type)
        headers = {"ETag": f'"{made.same}"', "Cache-Control": KEPT, "Vary": "Accept-Language"}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(made.content, media_type=made.media_type, headers=headers)

    return [Route("/cards/{file}", card), Route(f"/{unkept}cards/{{file}}", card)]


def as_told(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message as the page is told of it: whose picture it carries; of other documents, that there
    are some. What they are made of stays here."""
    kind, values = message["attachment"]
    if kind != PICTURE:
        return {**message, "attachment": kind}
    picture = {"case": values["case"], "alt": values["alt"]}
    return {**message, "attachment": None, "picture": picture}


def shared(now: InUse, language: str, base: str, start: str) -> Shared | None:
    """What is shown of a link to the page below ``base``; ``start`` is what the link opens.

    None where the content has no case.
    """
    campaign, wording = now
    named = re.split(r"[-_]", start, maxsplit=1)[0]
    case_id = named if named in campaign.cases else _first(campaign)
    if case_id is None:
        return None
    case = campaign.cases[case_id]
    values = {"name": case.full_name, "chinese": case.chinese_name}
    opens = f"?lang={language}" + (f"&start={case_id}" if named == case_id else "")
    seen = case.pictures[0].alt if case.pictures else {}
    width, height = SIZES["wide"]

    def says(key: str, **of: str) -> str:
        return wording.text(words(key, **of), language, "plain")

    return Shared(
        title=says("inline.title", **values) if named == case_id else says("web.title"),
        # What is told of somebody is told while it is true.
        description=says(f"{case_id}.share" if case.is_active else "web.description"),
        image=f"{base}/cards/{case_id}.png?lang={language}",
        alt=seen.get(language) or says("documents.name_card.alt", **values),
        width=width,
        height=height,
        url=f"{base}/{opens}",
    )


def _first(campaign: Campaign) -> str | None:
    active = [case_id for case_id, case in campaign.cases.items() if case.is_active]
    return next(iter([*active, *campaign.cases]), None)
