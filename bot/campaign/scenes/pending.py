"""For staff: signatures that were held, to be accepted or rejected, and reopened again.

One proposes it and another approves it, unless an owner has lifted the second pair of eyes; taking
a decision back counts nothing and needs nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.campaign import crowd, held, urgent
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
from bot.campaign.signatures import Signer
from bot.campaign.staff import Member, Right, Role
from bot.campaign.supporter import Need
from bot.campaign.turn import NotOffered, Turn, choice, to_menu

MAY_DECIDE = frozenset(role for role in Role if Member("", role).may_propose)
SHOWN = 8


def staff_only(turn: Turn) -> None:
    """Raises NotOffered for everybody but those who may decide."""
    if turn.facts.staff not in MAY_DECIDE:
        raise NotOffered("a screen of the staff")


def show(
    turn: Turn, petition_id: str = "", day: str = "", verdict: str = "", signer: str = "earlier"
) -> Outcome:
    """What is held; or, for one day of a petition, the reasons to accept or reject it."""
    staff_only(turn)
    if petition_id:
        which = Held(petition_id, day_of(day), _signer(signer))
        return _ask_reason(turn, which, _verdict(verdict))
    waiting = [
        Held(*which)
        for which in sorted(turn.facts.held, key=lambda one: one[1:], reverse=True)
        if which[0] in turn.campaign.petitions
    ][:SHOWN]
    rows: list[tuple[Button, ...]] = []
    for one in waiting:
        rows += _verdicts(turn, one)
        rows.append(
            tuple(
                Choice(
                    words(f"pending.{verdict.value}", day=one.day, signer=one.signer.value),
                    f"pending:{one.petition}:{one.day}:{verdict.value}:{one.signer.value}",
                )
                for verdict in (Verdict.ACCEPT, Verdict.REJECT)
            )
        )
    lines = tuple(
        words(
            "pending.line",
            title=words(f"petitions.{one.petition}.title"),
            day=one.day,
            signer=one.signer.value,
            number=crowd.people(turn.facts.held[one.petition, one.day, one.signer]),
            **told_of(turn, one.name),
        )
        for one in waiting
    )
    text = words("pending.screen", lines=lines, totals=_totals(turn))
    return turn.answer(turn.screen(text, *rows, (choice("lots", "lots"),), (to_menu(),)))


@dataclass(frozen=True, slots=True)
class Held:
    """Signatures of a petition that were held on a day, from signers of one kind."""

    petition: str
    day: date
    signer: Signer

    @property
    def name(self) -> str:
        """What a proposal about them is called."""
        return held.name(self.petition, self.day, self.signer)


def _totals(turn: Turn) -> tuple[Words, ...]:
    """Exactly how many are counted now, of each petition and kind of signer."""
    return tuple(
        words(
            "pending.total",
            title=words(f"petitions.{petition_id}.title"),
            **{signer.value: numbers.get(signer, 0) for signer in Signer},
        )
        for petition_id, numbers in turn.facts.exact.items()
    )


def proposal(turn: Turn, name: str) -> urgent.Proposal | None:
    """What is proposed under that name."""
    desk = turn.facts.desk
    return urgent.proposal(desk.set_values, name) if desk else None


def told_of(turn: Turn, name: str) -> dict[str, Value]:
    """What somebody wants done; empty words where nobody does."""
    desk, proposed = turn.facts.desk, proposal(turn, name)
    if desk is None or proposed is None:
        return {"wanted": "", "reason": "", "by": ""}
    wanted, reason, *_ = proposed.value.split(":")
    by = desk.names.get(proposed.author, "–")
    return {"wanted": wanted, "reason": words(f"pending.reason.{reason}"), "by": by}


def _verdicts(turn: Turn, one: Held) -> list[tuple[Button, ...]]:
    here, shown = f"{one.petition}:{one.day}", {"day": one.day, "signer": one.signer.value}
    proposed = proposal(turn, one.name)
    mark = proposed.fingerprint if proposed else ""
    refuse = Choice(words("pending.refuse", **shown), f"heldno:{here}:{one.signer.value}")
    confirm = Choice(words("pending.confirm", **shown), f"heldok:{here}:{mark}:{one.signer.value}")
    return verdicts(turn, proposed, confirm, refuse)


def verdicts(
    turn: Turn, proposed: urgent.Proposal | None, confirm: Button, refuse: Button
) -> list[tuple[Button, ...]]:
    """Approve or refuse what is proposed: for whoever may, and has not proposed it."""
    desk = turn.facts.desk
    if desk is None or proposed is None or not desk.member.may(Right.DECIDE):
        return []
    if desk.approvals and desk.member.mark in proposed.authors:
        return [(refuse,)]
    return [(confirm, refuse)]


def confirm(
    turn: Turn, petition_id: str, day: str, fingerprint: str, signer: str = "earlier"
) -> Outcome:
    """Approve what somebody else has proposed: it is done."""
    staff_only(turn)
    about = Held(petition_id, day_of(day), _signer(signer)).name
    proposed = proposal(turn, about)
    command = ConfirmProposal(about, fingerprint)
    refused = why_not(turn, command)
    if refused is not None or proposed is None:
        return refused or show(turn)
    decided = held.decision(about, proposed.value)
    assert isinstance(decided, DecideHeld)  # noqa: S101 - of a name that is about what was held
    return _done(turn, decided, command)


def refuse(turn: Turn, petition_id: str, day: str, signer: str = "earlier") -> Outcome:
    """Drop what is proposed: the signatures go on waiting."""
    staff_only(turn)
    command = RefuseProposal(Held(petition_id, day_of(day), _signer(signer)).name)
    return why_not(turn, command) or _told(turn, words("pending.refused"), command)


def why_not(turn: Turn, command: StaffCommand) -> Outcome | None:
    """What to say where it cannot be done; None where it can."""
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


def _ask_reason(turn: Turn, one: Held, verdict: Verdict) -> Outcome:
    if verdict is Verdict.REOPEN:
        return _decide(turn, DecideHeld(one.petition, one.day, one.signer, verdict, "unknown"))
    rows = [
        (
            Choice(
                words(f"pending.reason.{reason}"),
                f"decide:{one.petition}:{one.day}:{verdict.value}:{reason}:{one.signer.value}",
            ),
        )
        for reason in FITTING[verdict]
    ]
    text = words(
        f"pending.why_{verdict.value}",
        number=crowd.people(turn.facts.held.get((one.petition, one.day, one.signer), 0)),
        day=one.day,
        signer=one.signer.value,
    )
    return turn.answer(turn.screen(text, *rows, (choice("back", "pending"), to_menu())))


def decide(
    turn: Turn, petition_id: str, day: str, verdict: str, reason: str, signer: str = "earlier"
) -> Outcome:
    """Proposed (where another one must approve it) or done for all that was held on that day and
    came from signers of that kind; "reopen" takes it back."""
    staff_only(turn)
    decided = DecideHeld(petition_id, day_of(day), _signer(signer), _verdict(verdict), reason)
    if petition_id not in turn.campaign.petitions or not held.fits(decided.verdict, reason):
        raise NotOffered("a decision")
    return _decide(turn, decided)


def _decide(turn: Turn, decided: DecideHeld) -> Outcome:
    desk = turn.facts.desk
    if desk is not None and desk.approvals and decided.verdict is not Verdict.REOPEN:
        which = decided.petition, decided.day, decided.signer
        command = ProposeHeld(*which, decided.verdict, decided.reason)
        return why_not(turn, command) or _told(turn, words("pending.proposed"), command)
    return _done(turn, decided, decided)


def _done(turn: Turn, decided: DecideHeld, command: StaffCommand) -> Outcome:
    which = f"{decided.petition}:{decided.day}:{Verdict.REOPEN.value}:{decided.signer.value}"
    again: tuple[Button, ...] = (
        ()
        if decided.verdict is Verdict.REOPEN
        else (Choice(words("pending.reopen"), f"pending:{which}"),)
    )
    return turn.answer(
        turn.screen(
            words(
                f"pending.done_{decided.verdict.value}",
                day=decided.day,
                signer=decided.signer.value,
            ),
            again,
            (choice("back", "pending"), to_menu()),
        ),
        effects=[command],
    )


def day_of(text: str) -> date:
    """Raises NotOffered."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotOffered("a day") from None


def _signer(text: str) -> Signer:
    try:
        return Signer(text)
    except ValueError:
        raise NotOffered("a kind of signers") from None


def _verdict(text: str) -> Verdict:
    try:
        found = Verdict(text)
    except ValueError:
        raise NotOffered("a verdict") from None
    if found in held.OF_LOTS:
        raise NotOffered("a verdict about lots")
    return found


def alarm(petition_id: str, signer: Signer, signatures: int, minutes: int) -> Message:
    """Told to staff when signatures begin to be held."""
    return Message(
        words(
            "pending.alarm",
            title=words(f"petitions.{petition_id}.title"),
            signer=signer.value,
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
