"""What the chat says under /privacy, as a page: the same words, and how long things are kept."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.campaign.messages import Words
from bot.campaign.scenes import privacy
from bot.web.context import WebContext

CACHED = {"Cache-Control": "public, max-age=300"}


def routes(context: WebContext) -> Sequence[BaseRoute]:
    """The page; it asks for nothing and sets nothing."""

    async def page(request: Request) -> Response:
        campaign, wording = context.content.now
        kept = privacy.what(campaign, names_closed=bool(context.settings.handover_key))
        language = context.language(request)

        def told(text: Words) -> list[Markup]:
            html = wording.text(text, language, "web")
            # Made by the wording from a template of ours, with every value escaped.
            return [Markup(part.replace("\n", "<br>\n")) for part in html.split("\n\n")]  # noqa: S704

        response = context.page(
            request,
            "privacy.html",
            language=language,
            parts=[told(kept), told(privacy.clock(campaign))],
        )
        response.headers.update(CACHED)
        return response

    return [Route("/privacy", page)]
