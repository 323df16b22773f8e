"""What staff and the bot do with a broadcast: who may, in which state, and what becomes of it.

draft → in review → approved → sending ⇄ paused → done | cancelled. A change of what an approval is
bound to takes the broadcast back to a draft.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.campaign.broadcasting.broadcast import (
    MOST_LEADS,
    OPEN,
    RUNNING,
    Attached,
    Broadcast,
    Lead,
    State,
)
from bot.campaign.content import Campaign
from bot.campaign.effects import Effect
from bot.campaign.staff import BOT, SHELL, Member, Right, Role

ORDERS = ("preview", "test", "count", "report")
"""What staff ask for that changes nothing: answered by messages of their own."""
SWITCHES = ("hold_unknown", "paid", "canary", "quiet")


class NotAllowed(Exception):
    """It cannot be done; ``reason`` is the last part of a key in messages/…/staff.yaml."""

    def __init__(self, reason: str):
        """``reason``: "right", "state", "own", "changed", "uncounted", "nothing", "value",
        "full", "fixed"."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class StaffAct(Effect):
    """One of the staff wants ``name`` done with a broadcast (0: with none in particular).

    ``value`` is what the act needs, as text.
    """

    broadcast: int
    name: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the organisation has set: how many must approve, and the content of this moment."""

    approvals: int
    campaign: Campaign


@dataclass(frozen=True, slots=True)
class _Doing:
    broadcast: Broadcast
    value: str
    member: Member
    rules: Rules
    now: datetime


@dataclass(frozen=True, slots=True)
class _Rule:
    right: Right
    states: frozenset[State]
    do: Callable[[_Doing], Broadcast]


def perform(
    broadcast: Broadcast, name: str, value: str, member: Member, rules: Rules, now: datetime
) -> Broadcast:
    """The broadcast after the act. Raises NotAllowed."""
    rule = _RULES.get(name)
    if rule is None:
        raise NotAllowed("value")
    if not member.may(rule.right):
        raise NotAllowed("right")
    if broadcast.state not in rule.states:
        raise NotAllowed("state")
    try:
        return rule.do(_Doing(broadcast, value, member, rules, now))
    except ValueError as problem:
        raise NotAllowed("value") from problem


def may(broadcast: Broadcast, name: str, member: Member) -> bool:
    """Whether to offer the act at all."""
    rule = _RULES[name]
    return member.may(rule.right) and broadcast.state in rule.states


def allowed(
    rule: Callable[[Broadcast, Member], object], broadcast: Broadcast, member: Member
) -> bool:
    """Whether ``correction`` or ``released`` would not refuse."""
    try:
        rule(broadcast, member)
    except NotAllowed:
        return False
    return True


def member_of_shell() -> Member:
    """Whoever runs commands on the machine has its keys, and so an owner's rights."""
    return Member(SHELL, Role.OWNER)


def the_bot() -> Member:
    """The bot, for what it does by itself."""
    return Member(BOT, Role.OWNER)


def _rewritten(broadcast: Broadcast, **changes: object) -> Broadcast:
    """Changed in what an approval is bound to: a draft again."""
    whole = {**dict(broadcast), **changes}
    whole |= {"state": State.DRAFT, "approved_by": (), "approved_hash": "", "reason": ""}
    return Broadcast.model_validate(whole)


def _changed(broadcast: Broadcast, **changes: object) -> Broadcast:
    return Broadcast.model_validate({**dict(broadcast), **changes})


def _text(doing: _Doing) -> Broadcast:
    language, _, text = doing.value.partition("\n")
    if language not in doing.rules.campaign.languages:
        raise ValueError("language")
    texts = {**doing.broadcast.texts, language: text}
    return _rewritten(doing.broadcast, texts={code: kept for code, kept in texts.items() if kept})


def _title(doing: _Doing) -> Broadcast:
    return _changed(doing.broadcast, title=doing.value[:60])


def _attach(doing: _Doing) -> Broadcast:
    _not_fixed(doing.broadcast)
    attached = Attached.model_validate_json(doing.value) if doing.value else None
    return _rewritten(doing.broadcast, attached=attached)


def _not_fixed(broadcast: Broadcast) -> None:
    """A correction goes to whoever had the first version, with the file that they have."""
    if broadcast.corrects:
        raise NotAllowed("fixed")


def _lead(doing: _Doing) -> Broadcast:
    lead, leads = Lead.model_validate_json(doing.value), doing.broadcast.leads
    if lead in leads:
        return doing.broadcast  # pressed twice
    if len(leads) >= MOST_LEADS:
        raise NotAllowed("full")
    return _rewritten(doing.broadcast, leads=(*leads, lead))


def _unlead(doing: _Doing) -> Broadcast:
    leads = doing.broadcast.leads
    kept = tuple(lead for lead in leads if lead.mark != doing.value)
    return doing.broadcast if kept == leads else _rewritten(doing.broadcast, leads=kept)


def _aim(doing: _Doing) -> Broadcast:
    _not_fixed(doing.broadcast)
    name, _, value = doing.value.partition("=")
    aimed = doing.broadcast.audience.aimed(name, value, doing.rules.campaign)
    return _rewritten(doing.broadcast, audience=aimed)


def _switch(doing: _Doing) -> Broadcast:
    name, _, value = doing.value.partition("=")
    if name not in SWITCHES or value not in ("on", "off"):
        raise ValueError("switch")
    return _rewritten(doing.broadcast, **{name: value == "on"})


def _submit(doing: _Doing) -> Broadcast:
    if not doing.broadcast.texts:
        raise NotAllowed("nothing")
    return _changed(doing.broadcast, state=State.REVIEW)


def _counted(doing: _Doing) -> Broadcast:
    number, _, fingerprint = doing.value.partition(":")
    return _changed(doing.broadcast, counted=int(number), counted_hash=fingerprint)


def _approve(doing: _Doing) -> Broadcast:
    broadcast, member = doing.broadcast, doing.member
    # A button carries the beginning of the fingerprint: what was on the screen is what is approved.
    if len(doing.value) < 12 or not broadcast.fingerprint.startswith(doing.value):
        raise NotAllowed("changed")
    if not broadcast.is_counted:
        raise NotAllowed("uncounted")
    if doing.rules.approvals and member.mark == broadcast.author:
        raise NotAllowed("own")
    return _changed(
        broadcast,
        state=State.APPROVED,
        approved_by=(member.mark,),
        approved_hash=broadcast.fingerprint,
    )


def _schedule(doing: _Doing) -> Broadcast:
    if not doing.value:
        return _changed(doing.broadcast, at=None)
    at = datetime.fromisoformat(doing.value)
    if at.tzinfo is None or at <= doing.now:
        raise ValueError("at")
    return _changed(doing.broadcast, at=at)


def _start(doing: _Doing) -> Broadcast:
    if not doing.broadcast.is_approved:
        raise NotAllowed("changed")
    return _changed(doing.broadcast, state=State.SENDING, started_at=doing.now, reason="")


def _pause(doing: _Doing) -> Broadcast:
    return _changed(doing.broadcast, state=State.PAUSED, reason=doing.value or "asked")


def _resume(doing: _Doing) -> Broadcast:
    broadcast = doing.broadcast
    if not broadcast.is_approved:
        raise NotAllowed("changed")
    # Whoever resumes has looked at what stopped it: a canary does not stop it a second time.
    canary = broadcast.reason != "canary" and broadcast.canary
    resumed = _changed(
        broadcast,
        state=State.SENDING,
        reason="",
        canary=canary,
        started_at=broadcast.started_at or doing.now,
    )
    return _changed(resumed, approved_hash=resumed.fingerprint, counted_hash=resumed.fingerprint)


def _cancel(doing: _Doing) -> Broadcast:
    return _changed(doing.broadcast, state=State.CANCELLED, ended_at=doing.now)


def _finish(doing: _Doing) -> Broadcast:
    return _changed(doing.broadcast, state=State.DONE, ended_at=doing.now)


def _retract(doing: _Doing) -> Broadcast:
    if doing.broadcast.retract:
        raise NotAllowed("state")
    return _changed(doing.broadcast, retract="asked")


def _retracted(doing: _Doing) -> Broadcast:
    return _changed(doing.broadcast, retract="done")


_STOPPED = frozenset({State.PAUSED, State.DONE, State.CANCELLED})
_RELEASABLE = frozenset({State.PAUSED, State.DONE})
_SENDING = frozenset({State.SENDING})

_RULES: Mapping[str, _Rule] = {
    "text": _Rule(Right.WRITE, OPEN, _text),
    "title": _Rule(Right.WRITE, OPEN, _title),
    "attach": _Rule(Right.WRITE, OPEN, _attach),
    "lead": _Rule(Right.WRITE, OPEN, _lead),
    "unlead": _Rule(Right.WRITE, OPEN, _unlead),
    "aim": _Rule(Right.WRITE, OPEN, _aim),
    "switch": _Rule(Right.WRITE, OPEN, _switch),
    "submit": _Rule(Right.WRITE, frozenset({State.DRAFT}), _submit),
    "counted": _Rule(Right.LOOK, OPEN, _counted),
    "approve": _Rule(Right.DECIDE, frozenset({State.REVIEW}), _approve),
    "schedule": _Rule(Right.DECIDE, OPEN, _schedule),
    "start": _Rule(Right.DECIDE, frozenset({State.APPROVED}), _start),
    "pause": _Rule(Right.DECIDE, frozenset({State.APPROVED}) | _SENDING, _pause),
    "resume": _Rule(Right.DECIDE, frozenset({State.PAUSED}), _resume),
    "cancel": _Rule(Right.DECIDE, OPEN | RUNNING, _cancel),
    "finish": _Rule(Right.DECIDE, _SENDING, _finish),
    "retract": _Rule(Right.DECIDE, _STOPPED, _retract),
    "retracted": _Rule(Right.DECIDE, _STOPPED, _retracted),
}


def begun(broadcast: Broadcast, member: Member) -> Broadcast:
    """A new draft of that member. Raises NotAllowed."""
    if not member.may(Right.WRITE):
        raise NotAllowed("right")
    return broadcast.model_copy(update={"author": member.mark, "state": State.DRAFT})


def correction(broadcast: Broadcast, member: Member) -> Broadcast:
    """A draft whose text takes the place of what this broadcast has sent. Raises NotAllowed."""
    if broadcast.state not in _STOPPED or broadcast.corrects:
        raise NotAllowed("state")
    kept = {"title", "texts", "attached", "leads", "audience"}
    fresh = {name: value for name, value in dict(broadcast).items() if name in kept}
    return begun(Broadcast(**fresh, corrects=broadcast.id, canary=False), member)


def released(broadcast: Broadcast, member: Member) -> Broadcast:
    """Going on with held messages, of which nobody knows whether they arrived. Raises NotAllowed.

    What was approved stays approved: only the wish to hold them is given up.
    """
    if not member.may(Right.DECIDE):
        raise NotAllowed("right")
    if broadcast.state not in _RELEASABLE:
        raise NotAllowed("state")
    going_on = _changed(
        broadcast, state=State.SENDING, hold_unknown=False, reason="", ended_at=None
    )
    return _changed(going_on, approved_hash=going_on.fingerprint)
