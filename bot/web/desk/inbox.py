"""What supporters wrote to the team: read, looked through, answered, closed."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from starlette.responses import Response

from bot.campaign.bare_words import bare
from bot.campaign.desk_commands.inbox import AnswerLetter, CloseLetter
from bot.store.people import inbox
from bot.store.people.inbox import KeptThread, Line
from bot.web.desk.room import Visit

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Said:
    """A line of a thread, in words."""

    is_theirs: bool
    text: str
    at: str
    waits: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A thread."""

    name: str
    lines: tuple[Said, ...]
    urgent: bool
    open: bool


async def every(visit: Visit) -> Response:
    """What is urgent, then what waits for an answer, then the rest; or what holds some words."""
    sought = visit.request.query_params.get("find", "").strip()[:100]
    async with visit.access.store.reading() as connection:
        found = await inbox.every(connection, visit.access.keys)
    holding = [one for one in found if _holds(one, sought)]
    return visit.page(
        "inbox.html",
        threads=[_shown(visit, one) for one in holding[:SHOWN]],
        find=sought,
        any=bool(found),
    )


def _holds(one: KeptThread, sought: str) -> bool:
    return not sought or any(bare(sought) in bare(line.text) for line in one.kept.lines)


def _shown(visit: Visit, one: KeptThread) -> Shown:
    lines = tuple(_said(visit, line) for line in one.kept.lines)
    return Shown(one.name, lines, one.kept.urgent, one.kept.open)


def _said(visit: Visit, line: Line) -> Said:
    at = line.at.astimezone(ZoneInfo(visit.campaign.time_zone)).strftime("%Y-%m-%d %H:%M")
    return Said(line.by == "you", line.text, visit.text("moment", at=at), not line.sent)


async def answer(visit: Visit) -> Response:
    """It goes to whoever wrote, by the ordinary way."""
    text = visit.posted("text").replace("\r\n", "\n")
    await visit.act(AnswerLetter(visit.posted("thread"), text))
    return visit.to("staff/inbox")


async def close(visit: Visit) -> Response:
    """Nothing is to be answered."""
    await visit.act(CloseLetter(visit.posted("thread")))
    return visit.to("staff/inbox")
