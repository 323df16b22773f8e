"""Who belongs to the staff, who lacks a second factor, and where who is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from starlette.responses import Response

from bot.campaign.desk_commands.settings import InviteMember
from bot.campaign.messages import words
from bot.campaign.staff import SHELL, Right
from bot.desk import signing_in
from bot.store.desk_passes import KeptPass
from bot.web.desk.room import Visit


@dataclass(frozen=True, slots=True)
class Shown:
    """A member, in words; ``key``: their role's."""

    mark: str
    name: str
    role: str
    key: str
    lacks_factor: bool
    is_oneself: bool


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser in which somebody is signed in."""

    session: str
    name: str
    kind: str
    begun: str
    seen: str
    is_this: bool


async def every(visit: Visit) -> Response:
    """All members; one's own sessions, and for owners everybody's."""
    access = visit.access
    async with access.store.reading() as connection:
        lacking = await access.factors.missing(connection, access.staff.marks)
        sessions = await signing_in.sessions(connection, access.keys, access.clock())
    rules = visit.member.may(Right.RULE)
    mine = [one for one in sessions if rules or one.kept.mark == visit.member.mark]
    return visit.page(
        "members.html",
        members=_members(visit, lacking),
        sessions=[_session(visit, one) for one in mine],
        asks=visit.needs_code(InviteMember),
        asks_codes=access.asks_codes,
    )


def _members(visit: Visit, lacking: Sequence[str]) -> list[Shown]:
    staff = visit.access.staff
    found = []
    for mark in staff.marks:
        member = staff.by_mark(mark)
        if member is not None:
            role = visit.spoken(words(f"staff.short.{member.role}"))
            own = mark == visit.member.mark
            key = member.role.value
            found.append(Shown(mark, visit.name(mark), role, key, mark in lacking, own))
    return found


def _session(visit: Visit, one: KeptPass) -> Browser:
    zone, kept = ZoneInfo(visit.campaign.time_zone), one.kept
    begun, seen = (
        visit.text("moment", at=at.astimezone(zone).strftime("%Y-%m-%d %H:%M"))
        for at in (kept.begun, kept.seen or kept.begun)
    )
    name = visit.name(SHELL) if kept.mark == SHELL else visit.name(kept.mark)
    return Browser(one.name, name, kept.browser, begun, seen, one.hash == visit.session.hash)


async def invite(visit: Visit) -> Response:
    """A link for a member's second factor comes in the chat of whoever invites."""
    await visit.prove_and_do(InviteMember(visit.posted("mark")))
    return visit.to("staff/members")
