"""The web part as one application: every room behind the guard."""

from __future__ import annotations

from collections.abc import Mapping
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
from bot.channels.web_chat.channel import WebChat
from bot.content_files.watching import Content
from bot.settings import Settings
from bot.web import chat, compose, health_pages, preview, privacy_page, staff_code
from bot.web.colours import theme
from bot.web.context import WebContext, address
from bot.web.guard import Guard, Hosts
from bot.web.letter_sent import Report, nothing_is_known
from bot.web.only_here import is_private
from bot.web.rates import Allowed

FRAMED = ("/",)
"""Pages that an organisation may show inside its own (BOT_EMBED_HOSTS)."""
# Asked for again each time, and answered with 304 while nothing changed.
REVALIDATED = {"Cache-Control": "no-cache"}


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
    enrolling: staff_code.Enrolling | None = None,
    vitals: health_pages.Vitals | None = None,
) -> ASGIApp:
    """The application, for ``serving.serve``.

    ``take`` records events (``Engine.take``); ``make`` makes documents on demand, as for the
    sender; ``report`` records that a letter was sent from the compose page, ``bot_names`` are the
    bot's public names by channel; ``enrolling`` sets up second factors of staff,
    ``vitals`` tell whether the bot is well. The preview is
    there only where nobody but this machine is meant to reach it.
    """
    context = WebContext(settings, content, channel, take, make, allowed or Allowed())
    found: list[BaseRoute] = [
        *chat.routes(context),
        *compose.routes(context, report, bot_names if bot_names is not None else {}),
        *privacy_page.routes(context),
    ]
    if enrolling is not None:
        found += staff_code.routes(context, enrolling)
    if vitals is not None:
        found += health_pages.routes(vitals, settings.metrics_token)
    if is_private(settings):
        found += preview.routes(context)
    found += _dress(context)
    app = Starlette(routes=found, exception_handlers={HTTPException: _sorry})
    hosts = Hosts.of(settings.host, settings.public_url)

    def wait(asked: Scope) -> float:
        return context.rates.wait_of(address(asked), context.allowed.pages, "page")

    def is_flood(asked: Scope) -> bool:
        return context.rates.wait_of(address(asked), context.allowed.refusals, "refused") > 0

    return Guard(app, hosts, wait, is_flood, embed=settings.embed_hosts, framed=FRAMED)


def _dress(context: WebContext) -> list[BaseRoute]:
    """Style sheets, scripts, and what follows from the organisation's colour."""

    async def colours(request: Request) -> Response:
        return Response(_theme_css(_accent(context)), media_type="text/css", headers=REVALIDATED)

    async def icon(request: Request) -> Response:
        drawn = ICON.format(accent=_accent(context))
        return Response(drawn, media_type="image/svg+xml", headers=REVALIDATED)

    files = _Files(directory=str(resources.files("bot.web") / "static"))
    return [
        Route("/theme.css", colours),
        Route("/icon.svg", icon),
        Mount("/static", files, middleware=[Middleware(GZipMiddleware)]),
    ]


class _Files(StaticFiles):
    """Our own files; browsers ask whether they changed."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers.update(REVALIDATED)
        return response


def _accent(context: WebContext) -> str:
    return context.content.campaign.organisation.accent


def _theme_css(accent: str) -> str:
    light, dark = (
        "".join(f"--{name}:{colour};" for name, colour in colours.items())
        for colours in theme(accent).values()
    )
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"


# A candle's flame, drawn here: no organisation's mark.
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="7" fill="{accent}"/>'
    '<path d="M16 5c4 5 6 8 6 12a6 6 0 0 1-12 0c0-4 2-7 6-12z" fill="#fff"/>'
    '<rect x="11" y="25" width="10" height="2.6" rx="1.3" fill="#fff"/></svg>'
)


async def _sorry(request: Request, problem: Exception) -> Response:
    status = problem.status_code if isinstance(problem, HTTPException) else 500
    text = "There is no such page. The conversation is at /." if status == 404 else "Not here."
    return PlainTextResponse(text, status)
