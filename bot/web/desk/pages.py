"""All pages of the staff in one table, each with the right that it takes."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute, Route

from bot.campaign.staff import Right
from bot.web.desk import broadcasts, inbox, log, members, signatures, signing, today, writing
from bot.web.desk.room import DeskPage, DeskRoom, guarded

WRITE = (Right.WRITE,)
DECIDE = (Right.DECIDE,)
RULE = (Right.RULE,)
WRITE_OR_DECIDE = (Right.WRITE, Right.DECIDE)
NOBODY: tuple[Right, ...] = ()
LOOK = (Right.LOOK,)

PAGES = (
    DeskPage("GET", "/staff", LOOK, today.today),
    DeskPage("GET", "/staff/figures.csv", LOOK, today.as_file),
    DeskPage("GET", "/staff/broadcasts", LOOK, broadcasts.every),
    DeskPage("POST", "/staff/broadcasts", WRITE, writing.begin),
    DeskPage("GET", "/staff/broadcasts/{number}", LOOK, broadcasts.one),
    DeskPage("GET", "/staff/broadcasts/{number}/progress", LOOK, broadcasts.progress),
    DeskPage("POST", "/staff/broadcasts/{number}/text", WRITE, writing.write),
    DeskPage("POST", "/staff/broadcasts/{number}/lead", WRITE, writing.lead),
    DeskPage("POST", "/staff/broadcasts/{number}/aim", WRITE, writing.aim),
    DeskPage("POST", "/staff/broadcasts/{number}/switch", WRITE, writing.switch),
    DeskPage("POST", "/staff/broadcasts/{number}/do/{what}", WRITE_OR_DECIDE, writing.do),
    DeskPage("GET", "/staff/inbox", WRITE_OR_DECIDE, inbox.every),
    DeskPage("POST", "/staff/inbox/answer", WRITE_OR_DECIDE, inbox.answer),
    DeskPage("POST", "/staff/inbox/close", WRITE_OR_DECIDE, inbox.close),
    DeskPage("GET", "/staff/signatures", WRITE_OR_DECIDE, signatures.every),
    DeskPage("GET", "/staff/signatures/lots", WRITE_OR_DECIDE, signatures.lots_of_day),
    DeskPage("POST", "/staff/signatures/held", WRITE_OR_DECIDE, signatures.decide_held),
    DeskPage("POST", "/staff/signatures/lots", WRITE_OR_DECIDE, signatures.decide_lots),
    DeskPage("POST", "/staff/signatures/proposal", DECIDE, signatures.answer),
    DeskPage("GET", "/staff/log", WRITE_OR_DECIDE, log.entries),
    DeskPage("GET", "/staff/log.csv", WRITE_OR_DECIDE, log.as_file),
    DeskPage("GET", "/staff/members", LOOK, members.every),
    DeskPage("POST", "/staff/members/invite", RULE, members.invite),
    DeskPage("GET", "/staff/sign-in", NOBODY, signing.ask),
    DeskPage("GET", "/staff/link/{token}", NOBODY, signing.link),
    DeskPage("POST", "/staff/link/{token}", NOBODY, signing.enter),
    DeskPage("POST", "/staff/sign-out", LOOK, signing.leave),
    DeskPage("POST", "/staff/sessions/end", LOOK, signing.end),
)


def routes(room: DeskRoom) -> Sequence[BaseRoute]:
    """The pages, each behind its right."""
    return [Route(page.path, guarded(room, page), methods=[page.method]) for page in PAGES]
