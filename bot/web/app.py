"""The web part as one application: every room behind the guard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import resources

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from bot.campaign.channel import Make, Take
from bot.campaign.colours import theme
from bot.campaign.identity import Colours
from bot.channels.service import Door
from bot.channels.web_chat.channel import WebChat
from bot.content_files.watching import Content
from bot.desk.access import DeskAccess
from bot.keys import Keys
from bot.settings import Settings
from bot.web import cards, chat, compose, health_pages, preview, privacy_page, seen, staff_code
from bot.web.chat import UNTRACED
from bot.web.context import WebContext, address
from bot.web.desk import pages as staff_pages
from bot.web.desk.room import DeskRoom
from bot.web.doors import Doors
from bot.web.guard import Guard, Hosts
from bot.web.letter_sent import Report, nothing_is_known
from bot.web.only_here import is_private
from bot.web.rates import Allowed

FRAMED = ("/",)
"""Pages that an organisation may show inside its own (BOT_EMBED_HOSTS)."""
FORMS = "/staff"
"""Begins the paths of pages whose forms are sent by the browser itself, to pages of ours."""
ROOTS = ("", UNTRACED)
# Asked for again each time, and answered with 304 while nothing changed.
REVALIDATED = {"Cache-Control": "no-cache"}
SVG = "image/svg+xml"


def build(
    *,
    settings: Settings,
    content: Content,
    channel: WebChat,
    take: Take,
    make: Make,
    report: Report = nothing_is_known,
    bot_names: Mapping[str, str] | None = None,
    allowed: Allowed | None = None,
    desk: DeskAccess | None = None,
    doors: Sequence[Door] = (),
    vitals: health_pages.Vitals | None = None,
    keys: Keys | None = None,
) -> ASGIApp:
    """The application, for ``serving.serve``.

    ``take`` records events (``Engine.take``); ``make`` makes documents on demand, as for the
    sender; ``report`` records that a letter was sent from the compose page, ``bot_names`` are the
    bot's public names by channel; ``desk`` is the staff's; platforms post
    to the ``doors``; ``vitals`` tell whether the bot is well; whoever has the ``keys`` is told how
    their request arrived. The preview is there only where nobody but this machine is meant to
    reach it.
    """
    context = WebContext(settings, content, channel, take, make, allowed or Allowed())
    names = bot_names if bot_names is not None else {}
    found: list[BaseRoute] = [
        *chat.routes(context),
        *compose.routes(context, report, names),
        *privacy_page.routes(context),
        *cards.routes(context, UNTRACED),
    ]
    if desk is not None:
        enrolment = staff_code.Enrolment(desk.store, desk.keys, desk.staff, desk.clock)
        found += staff_code.routes(context, enrolment)
        found += staff_pages.routes(
            DeskRoom(context, replace(desk, at_machine=is_private(settings)), names)
        )
    if vitals is not None:
        found += health_pages.routes(vitals, settings.metrics_token)
    if keys is not None:
        found += seen.routes(keys)
    if is_private(settings):
        found += preview.routes(context)
    found += _dress(context)
    app = Starlette(routes=found, exception_handlers={HTTPException: _sorry})
    hosts = Hosts.of(settings.host, settings.public_url)

    def wait(asked: Scope) -> float:
        return context.rates.wait_of(address(asked), context.allowed.pages, "page")

    def is_flood(asked: Scope) -> bool:
        return context.rates.wait_of(address(asked), context.allowed.refusals, "refused") > 0

    guard = Guard(
        app, hosts, wait, is_flood, embed=settings.embed_hosts, framed=FRAMED, forms=FORMS
    )
    return Doors(guard, doors)


def _dress(context: WebContext) -> list[BaseRoute]:
    """Style sheets, scripts, and what follows from the organisation's colours and marks."""

    async def colours(request: Request) -> Response:
        shown = context.content.campaign.organisation.colours
        return Response(_theme_css(shown), media_type="text/css", headers=_kept(request))

    async def icon(request: Request) -> Response:
        organisation = context.content.campaign.organisation
        if organisation.favicon is not None:
            return _mark(context, organisation.favicon, request)
        shown = organisation.colours
        drawn = ICON.format(surface=shown.surface, text=shown.text)
        return Response(drawn, media_type=SVG, headers=_kept(request))

    async def logo(request: Request) -> Response:
        name = context.content.campaign.organisation.logo
        if name is None:
            return PlainTextResponse("No logo.", 404)
        return _mark(context, name, request)

    unkept = _Unkept(directory=str(resources.files("bot.web") / "static"))
    files = _Files(directory=str(resources.files("bot.web") / "static"))
    return [
        *(
            Route(f"/{root}{name}", drawn)
            for root in ROOTS
            for name, drawn in (("theme.css", colours), ("icon", icon), ("logo", logo))
        ),
        Mount("/static", files, middleware=[Middleware(GZipMiddleware)]),
        Mount(f"/{UNTRACED}static", unkept, middleware=[Middleware(GZipMiddleware)]),
    ]


def _kept(request: Request) -> dict[str, str]:
    return {} if request.url.path.startswith(f"/{UNTRACED}") else REVALIDATED


class _Files(StaticFiles):
    """Our own files; browsers ask whether they changed."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers.update(REVALIDATED)
        return response


class _Unkept(StaticFiles):
    """The same files for who leaves no trace: Guard's "no-store" stands."""


def _mark(context: WebContext, name: str, request: Request) -> Response:
    """A drawing of the content."""
    kind = SVG if name.endswith(".svg") else "image/png"
    content = context.content.campaign.files[name]
    return Response(content, media_type=kind, headers=_kept(request))


def _theme_css(shown: Colours) -> str:
    light, dark = (
        "".join(f"--{name}:{colour};" for name, colour in colours.items())
        for colours in theme(shown.surface, shown.text, shown.accent or shown.surface).values()
    )
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"


# A candle's flame, drawn here: no organisation's mark.
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="7" fill="{surface}"/>'
    '<path d="M16 5c4 5 6 8 6 12a6 6 0 0 1-12 0c0-4 2-7 6-12z" fill="{text}"/>'
    '<rect x="11" y="25" width="10" height="2.6" rx="1.3" fill="{text}"/></svg>'
)


async def _sorry(request: Request, problem: Exception) -> Response:
    status = problem.status_code if isinstance(problem, HTTPException) else 500
    text = "There is no such page. The conversation is at /." if status == 404 else "Not here."
    return PlainTextResponse(text, status)
