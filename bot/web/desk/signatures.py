"""Signatures: what is counted, what waits for staff, whole lots taken out and put back by two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.campaign import held as wanted
from bot.campaign import urgent
from bot.campaign.broadcast_rules.allowing import NotAllowed
from bot.campaign.crowd import FEWEST, people
from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.desk_commands.settings import (
    ConfirmProposal,
    DecideHeld,
    DecideLots,
    ProposeHeld,
    ProposeLots,
    RefuseProposal,
    Verdict,
)
from bot.campaign.held import FITTING, Lot
from bot.campaign.messages import words
from bot.campaign.signatures import Signer
from bot.campaign.staff import Right
from bot.campaign.urgent import Proposal
from bot.store import counters, staff_settings
from bot.store.petitions import held, lots
from bot.web.desk.room import Visit

DAYS_SHOWN = 60
DECISIONS_SHOWN = 30
LOTS_SHOWN = 200
Kind = TypeVar("Kind", Verdict, Signer)
HELD_VERDICTS = (Verdict.ACCEPT, Verdict.REJECT)


@dataclass(frozen=True, slots=True)
class Proposed:
    """What somebody wants done, in words; whether this member may approve it."""

    about: str
    fingerprint: str
    what: str
    by: str
    may_confirm: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """Signatures of a petition that were held on a day, from signers of one kind."""

    petition: str
    day: date
    signer: Signer
    number: str
    proposed: Proposed | None


async def every(visit: Visit) -> Response:
    """Exactly what is counted, what waits, the days with lots, and what was decided."""
    access, campaign = visit.access, visit.campaign
    async with access.store.reading() as connection:
        kept = await staff_settings.values(connection, access.keys)
        names = [counters.of_signatures(p, s) for p in campaign.petitions for s in Signer]
        counted = counters.by_signer(await counters.values(connection, names), campaign.petitions)
        waiting = await held.waiting(connection)
        days = await lots.days(connection, limit=DAYS_SHOWN)
        decided = [one for p in campaign.petitions for one in await held.decided(connection, p)]
    proposals = _proposals(visit, kept)
    return visit.page(
        "signatures.html",
        counted=[
            (_title(visit, petition), [(signer, numbers.get(signer, 0)) for signer in Signer])
            for petition, numbers in counted.items()
        ],
        waiting=[
            Waiting(
                petition,
                day,
                signer,
                visit.spoken(people(number)),
                proposals.get(wanted.name(petition, day, signer)),
            )
            for (petition, day, signer), number in sorted(
                waiting.items(), key=lambda one: one[0][1], reverse=True
            )
            if petition in campaign.petitions
        ],
        days=[
            (petition, day, visit.spoken(people(number)), wanted.name_of_lots(petition, day))
            for (petition, day), number in days.items()
            if petition in campaign.petitions
        ],
        proposals=proposals,
        decided=[
            (one, visit.spoken(people(one.signatures)))
            for one in sorted(decided, key=lambda one: -one.number)[:DECISIONS_SHOWN]
        ],
        petition_title=lambda petition: _title(visit, petition),
        reasons={
            verdict.value: [(one, _reason(visit, one)) for one in FITTING[verdict]]
            for verdict in FITTING
        },
        reason_of=lambda one: _reason(visit, one),
        held_verdicts=HELD_VERDICTS,
        approvals=urgent.approvals(kept),
        asks_held=_asks(visit, kept, DecideHeld),
        asks_confirm=visit.needs_code(ConfirmProposal),
        asks_reopen=visit.needs_code(DecideHeld),
    )


async def lots_of_day(visit: Visit) -> Response:
    """The lots of a petition and day, the largest first."""
    try:
        petition, day = _petition_and_day(visit, visit.request.query_params)
    except NotAllowed:
        raise HTTPException(404) from None
    access = visit.access
    async with access.store.reading() as connection:
        kept = await staff_settings.values(connection, access.keys)
        found = await lots.of_day(connection, access.keys, petition, day)
    return visit.page(
        "lots.html",
        petition=petition,
        title=_title(visit, petition),
        day=day,
        lots=[(lot, _numbers(visit, lot)) for lot in found[:LOTS_SHOWN]],
        more=max(0, len(found) - LOTS_SHOWN),
        large=len(wanted.large(found, FEWEST)),
        fewest=FEWEST,
        proposed=_proposals(visit, kept).get(wanted.name_of_lots(petition, day)),
        reasons={
            verdict.value: [(one, _reason(visit, one)) for one in FITTING[verdict]]
            for verdict in wanted.OF_LOTS
        },
        approvals=urgent.approvals(kept),
        asks=_asks(visit, kept, DecideLots),
        asks_confirm=visit.needs_code(ConfirmProposal),
    )


async def decide_held(visit: Visit) -> Response:
    """What waits is accepted or rejected: proposed where another one must approve it; or taken
    back."""
    petition, day = _petition_and_day(visit, visit.form)
    verdict, signer = _one_of(Verdict, visit.posted("verdict")), _one_of(Signer, visit.posted("of"))
    reason = visit.posted("reason") or "unknown"
    if verdict in wanted.OF_LOTS:
        raise NotAllowed("value")
    which = petition, day, signer, verdict, reason
    alone = verdict is Verdict.REOPEN or not await _approvals(visit)
    command: StaffCommand = DecideHeld(*which) if alone else ProposeHeld(*which)
    await visit.prove_and_do(command)
    return visit.to("staff/signatures")


async def decide_lots(visit: Visit) -> Response:
    """Lots are taken out or put back: proposed where another one must approve it."""
    petition, day = _petition_and_day(visit, visit.form)
    verdict = _one_of(Verdict, visit.posted("verdict"))
    names = tuple(str(one) for one in visit.form.getlist("lot"))
    access = visit.access
    async with access.store.reading() as connection:
        there = await lots.of_day(connection, access.keys, petition, day)
    if visit.posted("large"):
        names = wanted.large(there, FEWEST)
    if not names or not set(names) <= {one.name for one in there}:
        raise NotAllowed("nothing")
    which = petition, day, verdict, visit.posted("reason"), names
    alone = not await _approvals(visit)
    await visit.prove_and_do(DecideLots(*which) if alone else ProposeLots(*which))
    return visit.to(f"staff/signatures/lots?petition={petition}&day={day}")


async def answer(visit: Visit) -> Response:
    """What somebody else has proposed is approved or refused."""
    about, mark = visit.posted("about"), visit.posted("mark")
    if not wanted.is_known(about, visit.campaign):
        raise NotAllowed("value")
    confirms = visit.posted("answer") == "yes"
    command = ConfirmProposal(about, mark) if confirms else RefuseProposal(about)
    await visit.prove_and_do(command)
    return visit.to("staff/signatures")


def _petition_and_day(visit: Visit, given: Mapping[str, object]) -> tuple[str, date]:
    """Raises NotAllowed."""
    petition = str(given.get("petition", ""))
    try:
        day = date.fromisoformat(str(given.get("day", "")))
    except ValueError:
        raise NotAllowed("value") from None
    if petition not in visit.campaign.petitions:
        raise NotAllowed("value")
    return petition, day


def _one_of(kind: type[Kind], value: str) -> Kind:
    try:
        return kind(value)
    except ValueError:
        raise NotAllowed("value") from None


async def _approvals(visit: Visit) -> int:
    async with visit.access.store.reading() as connection:
        return urgent.approvals(await staff_settings.values(connection, visit.access.keys))


def _asks(visit: Visit, kept: Mapping[str, str], command: type[StaffCommand]) -> bool:
    """Whether deciding asks for a code: proposing does not."""
    return not urgent.approvals(kept) and visit.needs_code(command)


def _proposals(visit: Visit, kept: Mapping[str, str]) -> dict[str, Proposed]:
    """What is proposed about signatures, by what it is about."""
    found = {}
    for name in kept:
        about = name.removeprefix("proposal.")
        proposal = urgent.proposal(kept, about) if about != name else None
        if proposal is not None and wanted.is_known(about, visit.campaign):
            found[about] = _proposed(visit, about, proposal, urgent.approvals(kept))
    return found


def _proposed(visit: Visit, about: str, proposal: Proposal, approvals: int) -> Proposed:
    verdict, reason, *listed = proposal.value.split(":")
    what = visit.text(
        f"signatures.wanted.{verdict}",
        reason=words(f"pending.reason.{reason}"),
        lots=len(listed[0].split(",")) if listed else 0,
    )
    own = approvals and visit.member.mark in proposal.authors
    may = visit.member.may(Right.DECIDE) and not own
    return Proposed(about, proposal.fingerprint, what, visit.name(proposal.author), may)


def _numbers(visit: Visit, lot: Lot) -> list[str]:
    numbers = (lot.counted, lot.waiting, lot.out)
    return [visit.spoken(people(number)) if number else "" for number in numbers]


def _title(visit: Visit, petition: str) -> str:
    return visit.spoken(words(f"petitions.{petition}.title"))


def _reason(visit: Visit, reason: str) -> str:
    return visit.spoken(words(f"pending.reason.{reason}"))
