"""For staff: signatures that were held, to be accepted or rejected, and reopened again.

One proposes it and another approves it, unless an owner has lifted the second pair of eyes; taking
a decision back counts nothing and needs nobody else.
"""

from __future__ import annotations

from datetime import date

from bot.campaign import held, urgent
from bot.campaign.broadcast_rules.allowing import NotAllowed
from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.desk_commands.settings import (
    ConfirmProposal,
    DecideHeld,
    ProposeHeld,
    RefuseProposal,
    Verdict,
)
from bot.campaign.held import FITTING
from bot.campaign.messages import Button, Choice, Message, Value, Words, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import Route
from bot.campaign.staff import Member, Right, Role
from bot.campaign.supporter import Need
from bot.campaign.turn import NotOffered, Turn, choice, to_menu

MAY_DECIDE = frozenset(role for role in Role if Member("", role).may_propose)
DAYS_SHOWN = 8


def _staff_only(turn: Turn) -> None:
    if turn.facts.staff not in MAY_DECIDE:
        raise NotOffered("a screen of the staff")


def show(turn: Turn, petition_id: str = "", day: str = "", verdict: str = "") -> Outcome:
    """What is held; or, for one day of a petition, the reasons to accept or reject it."""
    _staff_only(turn)
    if petition_id:
        return _ask_reason(turn, petition_id, _day(day), _verdict(verdict))
    held_days = sorted(turn.facts.held.items(), key=lambda item: item[0][1], reverse=True)
    rows: list[tuple[Button, ...]] = []
    for (petition, on), _ in held_days[:DAYS_SHOWN]:
        rows += _verdicts(turn, petition, on)
        rows.append(
            (
                Choice(words("pending.accept", day=on), f"pending:{petition}:{on}:accept"),
                Choice(words("pending.reject", day=on), f"pending:{petition}:{on}:reject"),
            )
        )
    lines = tuple(
        words(
            "pending.line",
            title=words(f"petitions.{petition}.title"),
            day=on,
            number=number,
            **_proposed(turn, petition, on),
        )
        for (petition, on), number in held_days[:DAYS_SHOWN]
        if petition in turn.campaign.petitions
    )
    return turn.answer(turn.screen(words("pending.screen", lines=lines), *rows, (to_menu(),)))


def _proposal(turn: Turn, petition_id: str, day: date) -> urgent.Proposal | None:
    desk = turn.facts.desk
    return urgent.proposal(desk.set_values, held.name(petition_id, day)) if desk else None


def _proposed(turn: Turn, petition_id: str, day: date) -> dict[str, Value]:
    """What somebody wants done with a day's signatures; empty words where nobody does."""
    desk, proposed = turn.facts.desk, _proposal(turn, petition_id, day)
    if desk is None or proposed is None:
        return {"wanted": "", "reason": "", "by": ""}
    wanted, _, reason = proposed.value.partition(":")
    by = desk.names.get(proposed.author, "–")
    return {"wanted": wanted, "reason": words(f"pending.reason.{reason}"), "by": by}


def _verdicts(turn: Turn, petition_id: str, day: date) -> list[tuple[Button, ...]]:
    """Approve or refuse what is proposed: for whoever may, and has not proposed it."""
    desk, proposed = turn.facts.desk, _proposal(turn, petition_id, day)
    if desk is None or proposed is None or not desk.member.may(Right.DECIDE):
        return []
    here = f"{petition_id}:{day}"
    refuse = Choice(words("pending.refuse", day=day), f"heldno:{here}")
    if desk.approvals and desk.member.mark in proposed.authors:
        return [(refuse,)]
    confirm = Choice(words("pending.confirm", day=day), f"heldok:{here}:{proposed.fingerprint}")
    return [(confirm, refuse)]


def confirm(turn: Turn, petition_id: str, day: str, fingerprint: str) -> Outcome:
    """Approve what somebody else has proposed: it is done."""
    _staff_only(turn)
    on = _day(day)
    about = held.name(petition_id, on)
    proposed = _proposal(turn, petition_id, on)
    command = ConfirmProposal(about, fingerprint)
    refused = _refused(turn, command)
    if refused is not None or proposed is None:
        return refused or show(turn)
    return _done(turn, held.decision(about, proposed.value), command)


def refuse(turn: Turn, petition_id: str, day: str) -> Outcome:
    """Drop what is proposed: the signatures go on waiting."""
    _staff_only(turn)
    command = RefuseProposal(held.name(petition_id, _day(day)))
    return _refused(turn, command) or _told(turn, words("pending.refused"), command)


def _refused(turn: Turn, command: StaffCommand) -> Outcome | None:
    """Why it cannot be done; None where it can."""
    desk = turn.facts.desk
    if desk is None:
        raise NotOffered("a proposal")
    try:
        urgent.act(desk.set_values, command, desk.member, desk.approvals, turn.campaign)
    except NotAllowed as refusal:
        reason = {"changed": "stale", "nothing": "stale"}.get(refusal.reason, refusal.reason)
        return _told(turn, words(f"staff.note.no_{reason}", until=""))
    return None


def _told(turn: Turn, said: Words, *commands: StaffCommand) -> Outcome:
    screen = turn.screen(said, (choice("back", "pending"), to_menu()))
    return turn.answer(screen, effects=commands)


def _ask_reason(turn: Turn, petition_id: str, day: date, verdict: Verdict) -> Outcome:
    if verdict is Verdict.REOPEN:
        return decide(turn, petition_id, day.isoformat(), verdict.value, "unknown")
    rows = [
        (
            Choice(
                words(f"pending.reason.{reason}"),
                f"decide:{petition_id}:{day}:{verdict.value}:{reason}",
            ),
        )
        for reason in FITTING[verdict]
    ]
    text = words(
        f"pending.why_{verdict.value}",
        number=turn.facts.held.get((petition_id, day), 0),
        day=day,
    )
    return turn.answer(turn.screen(text, *rows, (choice("back", "pending"), to_menu())))


def decide(turn: Turn, petition_id: str, day: str, verdict: str, reason: str) -> Outcome:
    """Proposed (where another one must approve it) or done for all that was held on that day;
    "reopen" takes it back."""
    _staff_only(turn)
    decided = DecideHeld(petition_id, _day(day), _verdict(verdict), reason)
    if petition_id not in turn.campaign.petitions or not held.fits(decided.verdict, reason):
        raise NotOffered("a decision")
    desk = turn.facts.desk
    if desk is not None and desk.approvals and decided.verdict is not Verdict.REOPEN:
        command = ProposeHeld(petition_id, decided.day, decided.verdict, reason)
        return _refused(turn, command) or _told(turn, words("pending.proposed"), command)
    return _done(turn, decided, decided)


def _done(turn: Turn, decided: DecideHeld, command: StaffCommand) -> Outcome:
    reopen = f"pending:{decided.petition}:{decided.day}:{Verdict.REOPEN.value}"
    again: tuple[Button, ...] = (
        () if decided.verdict is Verdict.REOPEN else (Choice(words("pending.reopen"), reopen),)
    )
    return turn.answer(
        turn.screen(
            words(f"pending.done_{decided.verdict.value}", day=decided.day),
            again,
            (choice("back", "pending"), to_menu()),
        ),
        effects=[command],
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotOffered("a day") from None


def _verdict(text: str) -> Verdict:
    try:
        return Verdict(text)
    except ValueError:
        raise NotOffered("a verdict") from None


def alarm(petition_id: str, signatures: int, minutes: int) -> Message:
    """Told to staff when signatures begin to be held."""
    return Message(
        words(
            "pending.alarm",
            title=words(f"petitions.{petition_id}.title"),
            signatures=signatures,
            minutes=minutes,
        ),
        buttons=((Choice(words("pending.open"), "pending"),), (to_menu(),)),
    )


ROUTES = (
    Route("pending", show, command=show, needs=(Need.HELD,), staff=True),
    Route("decide", decide, staff=True),
    Route("heldok", confirm, staff=True),
    Route("heldno", refuse, staff=True),
)
