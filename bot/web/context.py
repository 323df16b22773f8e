"""What every room of the web part is given, and how it makes a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import Scope

from bot.campaign.channel import Make, Take
from bot.channels.web_chat import listeners
from bot.channels.web_chat.channel import WebChat
from bot.content_files.watching import Content
from bot.settings import Settings
from bot.web.connections import room
from bot.web.labels import labels
from bot.web.rates import Allowed, AtOnce, Rate, Rates, network

# Written from right to left: https://www.w3.org/International/questions/qa-scripts
RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


class TooLarge(Exception):
    """The body of a request is larger than it may be."""


@dataclass(frozen=True, slots=True)
class WebContext:
    """``take`` records events (``Engine.take``); ``make`` makes documents on demand."""

    settings: Settings
    content: Content
    channel: WebChat
    take: Take
    make: Make
    allowed: Allowed = field(default_factory=Allowed)
    rates: Rates = field(init=False)
    streams: AtOnce = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rates", Rates(self.allowed))
        # Open pages leave connections for those who come, and one network leaves pages for others.
        most = min(listeners.ALL, room() * 5 // 6)
        self.channel.listeners.most = most
        object.__setattr__(self, "streams", AtOnce(self.allowed.open_of_address or most // 8))

    def language(self, request: Request) -> str:
        """The language to show: ``?lang=`` where it says one, else the browser's first of ours."""
        campaign = self.content.campaign
        asked = request.query_params.get("lang", "")
        if asked in campaign.languages:
            return asked
        return preferred(request.headers.get("accept-language", ""), campaign.languages)

    def page(
        self, request: Request, template: str, *, language: str = "", **values: Any
    ) -> HTMLResponse:
        """A page in the visitor's language. Templates see ``say`` (labels by name under ``web.``),
        ``lang``, ``dir``, ``languages``, ``org``, ``leave`` (the quick exit), and the values."""
        now = self.content.now
        spoken = language or self.language(request)
        text = (
            _templates()
            .get_template(template)
            .render(
                say=labels(now, spoken),
                lang=spoken,
                dir=direction(spoken),
                languages={one: labels(now, one)["language"] for one in now.campaign.languages},
                org=now.campaign.organisation,
                leave=now.wording.texts(spoken, "leave"),
                **values,
            )
        )
        return HTMLResponse(text)

    def who(self, request: Request) -> str:
        """The network address that asks, as far as it is told."""
        return network(address(request.scope))

    def wait(self, request: Request, rate: Rate, what: str, amount: float = 1) -> float:
        """0 where the address that asks may do it now, else the seconds until it may."""
        return self.rates.wait_of(address(request.scope), rate, what, amount)


def address(scope: Scope) -> str:
    """The address that asks; "" where none is told."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def direction(language: str) -> str:
    """The value of HTML's ``dir`` for a language."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def preferred(accepted: str, languages: Sequence[str]) -> str:
    """The language of ours that a browser's Accept-Language puts first, else our first."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")[:20]):
        code, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        wanted.append((-weight, place, code.split("-")[0].lower()))
    return next((code for _, _, code in sorted(wanted) if code in languages), languages[0])


async def body(request: Request, most: int) -> bytes:
    """The body of a request. Raises TooLarge as soon as it is known to be."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > most:
        raise TooLarge
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise TooLarge
        parts.append(part)
    return b"".join(parts)


def paragraphs(text: str) -> Markup:
    """A text with blank lines between its paragraphs, as HTML."""
    parts = str(escape(text)).split("\n\n")
    return Markup("".join(f"<p>{part}</p>" for part in parts))  # noqa: S704 - escaped above


@lru_cache(maxsize=1)
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("bot.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["paragraphs"] = paragraphs
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": True}
    return made
