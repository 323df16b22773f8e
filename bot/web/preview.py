"""The staff's preview: any case in any state, two languages beside each other, measured.

It walks through the conversation without recording anything: the page sends the whole way so far,
and gets the screens at its end. It reads the content files themselves, so what is not valid yet is
shown with its problems. Only for whoever sits at this machine: see ``bot.web.only_here``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import orjson
import structlog
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.campaign import conversation
from bot.campaign.capabilities import Capabilities
from bot.campaign.content import Campaign, CaseState
from bot.campaign.effects import Effect, Evidence, Record, Sign, TakeBack, Withdraw
from bot.campaign.events import Chose, Commanded, Event, Said, Started
from bot.campaign.light_html import without_markup
from bot.campaign.messages import Message
from bot.campaign.outcome import Outcome
from bot.campaign.supporter import Facts, Supporter
from bot.channels import registered
from bot.clock import utc_now
from bot.content_files import Loaded, load
from bot.content_files.watching import InUse, Stamps, stamps
from bot.web.context import TooLarge, WebContext, body, direction
from bot.web.labels import labels
from bot.web.only_here import refuse_from_elsewhere

log = structlog.get_logger(__name__)

BODY = 64_000
EVERYBODY = "preview"
"""Whose rate a walk counts against: the machine's, whoever asks."""
GAP = 2
"""The blank line between banner, text and block."""


class PreviewTurn(BaseModel):
    """What staff did in the preview."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["start", "say", "choose", "command"]
    text: str = Field("", max_length=4000)

    def event(self, language: str) -> Event:
        """As an event of nobody."""
        match self.kind:
            case "start":
                return Started(id="", channel="web", address="", payload=self.text)
            case "choose":
                return Chose(id="", channel="web", address="", on="1", data=self.text)
            case "command":
                return Commanded(id="", channel="web", address="", name=self.text)
            case "say":
                return Said(id="", channel="web", address="", language=language, text=self.text)


class Way(BaseModel):
    """The way so far, the languages to see it in, and the states that cases are put into."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    turns: list[PreviewTurn] = Field(min_length=1, max_length=200)
    languages: list[Annotated[str, StringConstraints(max_length=3)]] = Field(max_length=4)
    states: Mapping[Annotated[str, StringConstraints(max_length=20)], CaseState] = {}
    seen: str = ""
    """What ``version`` the page shows; the same content is not sent again."""


@dataclass(slots=True)
class Files:
    """The content as it stands in its files now, read anew when one of them was changed.

    It is shown at once; what is wrong with it follows when it has been checked.
    """

    context: WebContext
    seen: Stamps | None = None
    loaded: Loaded | None = None
    good: InUse | None = None
    checking: asyncio.Task[None] | None = None

    @property
    def _channels(self) -> tuple[Capabilities, ...]:
        return registered.checked(self.context.settings)

    async def read(self) -> tuple[InUse, Loaded | None]:
        """The newest content that can be shown, and what its check said (None: not yet)."""
        directory = self.context.settings.content
        now = await asyncio.to_thread(stamps, directory)
        if now != self.seen:
            self.seen, self.loaded = now, None
            read = await asyncio.to_thread(load, directory, self._channels, thorough=False)
            if read.campaign is not None and read.wording is not None:
                self.good = InUse(read.campaign, read.wording)
            if self.checking is not None:
                self.checking.cancel()
            self.checking = asyncio.create_task(self._check())
        return self.good or self.context.content.now, self.loaded

    async def _check(self) -> None:
        self.loaded = await asyncio.to_thread(load, self.context.settings.content, self._channels)


def routes(context: WebContext) -> list[Route]:
    """The routes of the preview."""
    files = Files(context)
    one_at_a_time = asyncio.Lock()

    async def page(request: Request) -> Response:
        refuse_from_elsewhere(request)
        campaign = context.content.campaign
        known = {
            "languages": list(campaign.written),
            "cases": {case_id: case.full_name for case_id, case in campaign.cases.items()},
            "states": [state.value for state in CaseState],
        }
        return context.page(request, "preview.html", known=known, page=_labels(context, request))

    async def walk(request: Request) -> Response:
        refuse_from_elsewhere(request)
        wait = context.rates.wait(context.allowed.walks, EVERYBODY)
        if wait:
            later = {"Retry-After": str(int(wait) + 1)}
            return PlainTextResponse("Too many at once: one moment.", 429, later)
        try:
            way = Way.model_validate_json(await body(request, BODY))
        except (ValidationError, TooLarge):
            return PlainTextResponse("This is no way through the conversation.", 400)
        async with one_at_a_time:
            content, loaded = await files.read()
            version = str(hash((id(content), id(loaded))))
            if way.seen == version:
                return Response(status_code=204)
            # A long way costs a second of work: conversations go on meanwhile.
            seen = await asyncio.to_thread(_seen, way, content)
        return Response(
            orjson.dumps({"version": version, **seen, **_problems(loaded)}),
            media_type="application/json",
        )

    return [Route("/preview", page), Route("/preview/walk", walk, methods=["POST"])]


def _labels(context: WebContext, request: Request) -> dict[str, Any]:
    """The chat page's own words: the screens are shown by its scripts."""
    language = context.language(request)
    return {
        "language": language,
        "languages": context.content.campaign.languages,
        "direction": "ltr",
        "labels": dict(labels(context.content.now, language)),
        "commands": context.content.wording.texts(language, "commands"),
    }


def _problems(loaded: Loaded | None) -> dict[str, Any]:
    return {
        "checked": loaded is not None,
        "problems": [
            {
                "file": problem.file,
                "line": problem.line,
                "column": problem.column,
                "text": problem.text,
                "remedy": problem.remedy,
                "severity": problem.severity,
            }
            for problem in (loaded.problems if loaded else ())
        ],
    }


def _seen(way: Way, content: InUse) -> dict[str, Any]:
    """The way's last screens in each language."""
    cases = {
        case_id: case.model_copy(update={"state": way.states[case_id]})
        if case_id in way.states
        else case
        for case_id, case in content.campaign.cases.items()
    }
    # Staff see what is not offered yet as well.
    every = content.campaign.trying(*content.campaign.written)
    campaign = every.model_copy(update={"cases": cases})
    languages = [one for one in way.languages if one in campaign.languages]
    return {
        "columns": [
            _column(way.turns, language, InUse(campaign, content.wording)) for language in languages
        ],
        "cases": {case_id: case.full_name for case_id, case in cases.items()},
        "languages": list(campaign.languages),
    }


def _column(turns: list[PreviewTurn], language: str, content: InUse) -> dict[str, Any]:
    try:
        spoken, messages = _walked(turns, language, content.campaign)
        screens = [_screen(message, spoken, content) for message in messages]
    except Exception as problem:
        # Content that is not valid may fail anywhere; its problems are shown beside.
        log.warning("preview_failed", kind=type(problem).__name__)
        failed = type(problem).__name__
        return {"language": language, "direction": "ltr", "failed": failed, "screens": []}
    return {
        "language": spoken,
        "direction": direction(spoken),
        "failed": "",
        "screens": screens,
    }


def _walked(
    turns: list[PreviewTurn], language: str, campaign: Campaign
) -> tuple[str, tuple[Message, ...]]:
    """Answer all turns as one supporter; what the last one brought."""
    supporter, facts = Supporter(language=language), Facts()
    outcome = Outcome(supporter)
    for turn in turns:
        now = utc_now()
        outcome = conversation.step(supporter, turn.event(language), facts, campaign, now)
        supporter = replace(outcome.supporter or supporter, known=True)
        facts = _after(facts, outcome.effects)
    return outcome.language or language, outcome.messages


def _after(facts: Facts, effects: tuple[Effect, ...]) -> Facts:
    """What is known once these effects were recorded."""
    signed, done = set(facts.signed), dict(facts.done)
    for effect in effects:
        match effect:
            case Sign(petition=petition):
                signed.add(petition)
            case Withdraw(petition=petition):
                signed.discard(petition)
            case Record(case=case, action=action, evidence=evidence):
                done[case, action] = evidence
            case TakeBack(case=case, action=action):
                done[case, action] = Evidence.WITHDRAWN
    return replace(facts, signed=frozenset(signed), done=done)


def _screen(message: Message, language: str, content: InUse) -> dict[str, Any]:
    rendered = content.wording.render(message, language, "web").as_json()
    attachment = rendered.pop("attachment", None)
    return {
        "message": {**rendered, "attachment": None},
        "document": attachment[0] if isinstance(attachment, list) else "",
        "lengths": [
            measure
            for able in registered.ALL
            for measure in _measured(message, language, content, able)
        ],
    }


def _measured(
    message: Message, language: str, content: InUse, able: Capabilities
) -> Iterator[dict[str, Any]]:
    """Each length of a screen that a channel limits, with that limit."""
    rendered = content.wording.render(message, language, able.markup)
    text = able.length(_visible(rendered.text, able))
    if rendered.block:
        text += GAP + able.length(rendered.block)
    most = able.text if message.attachment is None else able.caption
    yield _measure(able, "text", text, most)
    buttons = [button for row in rendered.buttons for button in row]
    for what, found, allowed in (
        ("label", max((able.length(one.label) for one in buttons), default=0), able.label),
        ("button data", max((len(one.data.encode()) for one in buttons), default=0), able.data),
        ("copied text", max((able.length(one.copy) for one in buttons), default=0), able.copy),
    ):
        if found * 2 > allowed:  # what is far from its limit needs no line
            yield _measure(able, what, found, allowed)


def _measure(able: Capabilities, what: str, found: int, most: int) -> dict[str, Any]:
    return {"channel": able.channel, "what": what, "length": found, "most": most}


def _visible(text: str, able: Capabilities) -> str:
    return text if able.markup == "plain" else without_markup(text)
