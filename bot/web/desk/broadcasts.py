"""Broadcasts as the staff's pages show them: all of them with what became of them, and one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from bot.broadcasts import rendering
from bot.campaign.broadcast_rules.acts import allowed, may
from bot.campaign.broadcast_rules.broadcast import MOST_LEADS, Broadcast, State
from bot.campaign.broadcast_rules.checking import faults
from bot.campaign.broadcast_rules.course import released
from bot.campaign.broadcast_rules.drafting import correction
from bot.campaign.broadcast_rules.record import BroadcastRecord
from bot.campaign.broadcast_rules.timing import quiet_until
from bot.campaign.crowd import people, rounded
from bot.campaign.desk_commands.broadcasts import (
    Aim,
    Approve,
    BroadcastCommand,
    Cancel,
    Correct,
    Discard,
    Pause,
    Release,
    Resume,
    Retract,
    Return,
    Schedule,
    SetText,
    Submit,
)
from bot.campaign.messages import words
from bot.campaign.scenes import staff_screens
from bot.campaign.staff import Member
from bot.desk import acts
from bot.store.broadcasts import records
from bot.store.people import arrivals
from bot.web.desk.room import HEADERS, Visit

ENDED_SHOWN = 25
SOURCES_SHOWN = 12
OFFERED: Sequence[type[BroadcastCommand]] = (
    *(Submit, Approve, Schedule, Return, Pause, Resume, Cancel, Discard, Retract),
)
GUARDED: Sequence[type[BroadcastCommand]] = (*OFFERED, Release)
"""What may ask for a code."""
MOVING = (State.REVIEW, State.APPROVED, State.SENDING)
"""States in which the bot itself may change something while the page is open."""


@dataclass(frozen=True, slots=True)
class Row:
    """A broadcast in the list, all in words."""

    number: int
    title: str
    state: str
    when: str
    recipients: str
    sent: str
    lost: str
    after: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as recipients see it; ``room``: how long it may be, by channel."""

    language: str
    text: Markup
    buttons: Sequence[str]
    length: Sequence[tuple[str, int, int]]


async def every(visit: Visit) -> Response:
    """Those under way, the drafts, then the newest of those that have ended."""
    async with visit.access.store.reading() as connection:
        found = await records.on_desk(connection, ended=ENDED_SHOWN)
    return visit.page("broadcasts.html", rows=[_row(visit, one) for one in found])


def _row(visit: Visit, record: BroadcastRecord) -> Row:
    broadcast, more = record.broadcast, record.report
    went = bool(record.recipients)
    lost = int(more.get("gone", record.blocked)) + int(more.get("unsubscribed", 0))
    acted = more.get("acted") or {}
    after = sum(int(acted.get(name, 0)) for name in ("declared", "signed"))
    return Row(
        broadcast.id,
        staff_screens.title(broadcast),
        state_of(visit, broadcast),
        moment(visit, broadcast.started_at or broadcast.at),
        visit.spoken(people(record.expected)) if went else "",
        visit.spoken(people(record.sent)) if went else "",
        visit.spoken(people(lost)) if went else "",
        visit.spoken(people(after)) if more.get("acted") else "",
    )


def state_of(visit: Visit, broadcast: Broadcast) -> str:
    """How far it is, in a word."""
    return visit.spoken(words(f"staff.state.{broadcast.state}"))


def moment(visit: Visit, at: datetime | None) -> str:
    """By the campaign's clock; "" for none."""
    return visit.text("moment", at=staff_screens.when(at, visit.campaign)) if at else ""


async def record_of(visit: Visit, connection: AsyncConnection) -> BroadcastRecord:
    """The broadcast that the address names. Raises HTTPException (404)."""
    number = str(visit.request.path_params["number"])
    found = None
    if number.isdecimal() and len(number) < 12:
        found = await records.find(connection, int(number), visit.access.keys)
    if found is None:
        raise HTTPException(404)
    return found


async def one(visit: Visit) -> Response:
    """All about one, and what this member may do with it now."""
    access, campaign = visit.access, visit.campaign
    async with access.store.reading() as connection:
        record = await record_of(visit, connection)
        rules = await acts.rules_now(connection, access.keys, campaign, access.channels)
        sources = await arrivals.sources(connection, SOURCES_SHOWN)
    broadcast, member = record.broadcast, visit.member
    wrong = faults(broadcast, campaign, access.channels)
    goes = broadcast.at or access.clock()
    quiet = broadcast.keeps_quiet and quiet_until(goes, campaign.time_zone)
    return visit.page(
        "broadcast.html",
        record=record,
        broadcast=broadcast,
        title=staff_screens.title(broadcast),
        state=state_of(visit, broadcast),
        reason=_words(visit, "reason", broadcast.reason),
        authors=[visit.spoken(w) for w in staff_screens.writers(broadcast, access.staff.spoken)],
        approved=[visit.name(mark) for mark in broadcast.approved_by],
        audience=visit.spoken(staff_screens.audience(broadcast, campaign)),
        options=visit.spoken(staff_screens.options(broadcast)),
        at=moment(visit, broadcast.at),
        quiet=moment(visit, quiet or None),
        count=visit.spoken(people(broadcast.counted or 0)) if broadcast.is_counted else "",
        faults=[(visit.spoken(staff_screens.fault(one)), one.stops) for one in wrong],
        offered=offered(record, member, rules.approvals, stops=any(one.stops for one in wrong)),
        codes={one.name: visit.needs_code(one) for one in GUARDED},
        may_write=may(broadcast, SetText, member),
        may_aim=may(broadcast, Aim, member) and not broadcast.corrects,
        shown=[_shown(visit, broadcast, language) for language in broadcast.texts],
        leads=[(lead.mark, _label(visit, broadcast, n)) for n, lead in enumerate(broadcast.leads)],
        room_for_leads=len(broadcast.leads) < MOST_LEADS,
        sources=sources,
        report=_report(visit, record),
        progress=progress_of(visit, record),
        moving=broadcast.state in MOVING or broadcast.retract == "asked",
        topics=[(one, visit.spoken(words(f"updates.topic.{one}"))) for one in campaign.topics],
        campaign=campaign,
        action_title=lambda case, act: visit.spoken(words(f"{case}.action.{act}.title")),
        language_name=lambda code: visit.spoken(words("staff.language_name", language=code)),
        approvals=rules.approvals,
    )


def offered(
    record: BroadcastRecord, member: Member, approvals: int, *, stops: bool
) -> dict[str, bool]:
    """What this member may do with it, by the names of the commands."""
    broadcast = record.broadcast
    found = {command.name: may(broadcast, command, member) for command in OFFERED}
    if stops:
        found |= {Submit.name: False, Approve.name: False}
    if not broadcast.is_counted or (approvals and member.mark in broadcast.hands):
        found[Approve.name] = False
    if broadcast.author != member.mark:
        found[Discard.name] = False
    if broadcast.started_at is not None:
        found[Schedule.name] = False
    found[Correct.name] = allowed(correction, broadcast, member)
    found[Release.name] = bool(record.unknown) and allowed(released, broadcast, member)
    found[Return.name] = found[Return.name] and broadcast.author != member.mark
    return found


def _shown(visit: Visit, broadcast: Broadcast, language: str) -> Shown:
    rendered = rendering.rendered(broadcast, language, "web", visit.campaign, visit.wording)
    plain = broadcast.styled(language).text
    with_file = broadcast.attached is not None
    return Shown(
        language,
        Markup(rendered.text),  # noqa: S704 - a text of ours in our markup, all else escaped
        [button.label for row in rendered.buttons for button in row],
        [
            (one.channel, one.length(plain), one.room(with_file=with_file))
            for one in visit.access.channels
        ],
    )


def _label(visit: Visit, broadcast: Broadcast, place: int) -> str:
    lead = broadcast.leads[place]
    button = lead.button(visit.campaign, visit.language, broadcast.id)
    return visit.spoken(button.label) if button else lead.case


def _words(visit: Visit, under: str, what: str) -> str:
    return visit.spoken(words(f"staff.{under}.{what}")) if what else ""


def _report(visit: Visit, record: BroadcastRecord) -> Markup | None:
    """What became of it, once it was counted: as the chat tells it."""
    if "by_language" not in record.report:
        return None
    text = visit.spoken(staff_screens.report(record, visit.campaign).text, "web")
    return Markup(text)  # noqa: S704 - a text of the content, every value escaped there


def progress_of(visit: Visit, record: BroadcastRecord) -> dict[str, object]:
    """How far it is, as the page shows it and asks for again; nothing of few people."""
    whole = record.expected
    share = record.settled / whole if rounded(whole) else 0.0
    return {
        "state": record.broadcast.state.value,
        "counted": record.broadcast.is_counted,
        "percent": int(100 * share),
        "figures": visit.spoken(staff_screens.figures(record)) if record.recipients else "",
    }


async def progress(visit: Visit) -> Response:
    """The same, for the page that is open."""
    async with visit.access.store.reading() as connection:
        record = await record_of(visit, connection)
    return JSONResponse(progress_of(visit, record), headers=HEADERS)
