"""The way of a broadcast to its end: reviewed, approved, sent, stopped, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.campaign.broadcasting.allowing import Doing, NotAllowed, Rule, changed
from bot.campaign.broadcasting.broadcast import OPEN, RUNNING, STOPPED, Broadcast, State
from bot.campaign.staff import Member, Right

_RELEASABLE = frozenset({State.PAUSED, State.DONE})


def _submit(doing: Doing) -> Broadcast:
    if not doing.broadcast.texts:
        raise NotAllowed("nothing")
    return changed(doing.broadcast, state=State.REVIEW, reason="")


def _return(doing: Doing) -> Broadcast:
    return changed(
        doing.broadcast, state=State.DRAFT, approved_by=(), approved_hash="", reason="returned"
    )


def _counted(doing: Doing) -> Broadcast:
    number, _, fingerprint = doing.value.partition(":")
    return changed(doing.broadcast, counted=int(number), counted_hash=fingerprint)


def _approve(doing: Doing) -> Broadcast:
    broadcast, member = doing.broadcast, doing.member
    # A button carries the beginning of the fingerprint: what was on the screen is what is approved.
    if len(doing.value) < 12 or not broadcast.fingerprint.startswith(doing.value):
        raise NotAllowed("changed")
    if not broadcast.is_counted:
        raise NotAllowed("uncounted")
    if doing.rules.approvals and member.mark == broadcast.author:
        raise NotAllowed("own")
    return changed(
        broadcast,
        state=State.APPROVED,
        approved_by=(member.mark,),
        approved_hash=broadcast.fingerprint,
    )


def _schedule(doing: Doing) -> Broadcast:
    if not doing.value:
        return changed(doing.broadcast, at=None)
    at = datetime.fromisoformat(doing.value)
    if at.tzinfo is None or at <= doing.now:
        raise ValueError("at")
    return changed(doing.broadcast, at=at)


def _start(doing: Doing) -> Broadcast:
    if not doing.broadcast.is_approved:
        raise NotAllowed("changed")
    return changed(doing.broadcast, state=State.SENDING, started_at=doing.now, reason="")


def _pause(doing: Doing) -> Broadcast:
    return changed(doing.broadcast, state=State.PAUSED, reason=doing.value or "asked")


def _resume(doing: Doing) -> Broadcast:
    broadcast = doing.broadcast
    if not broadcast.is_approved:
        raise NotAllowed("changed")
    # Whoever resumes has looked at what stopped it: a canary does not stop it a second time.
    canary = broadcast.reason != "canary" and broadcast.canary
    resumed = changed(
        broadcast,
        state=State.SENDING,
        reason="",
        canary=canary,
        started_at=broadcast.started_at or doing.now,
    )
    return changed(resumed, approved_hash=resumed.fingerprint, counted_hash=resumed.fingerprint)


def _cancel(doing: Doing) -> Broadcast:
    return changed(doing.broadcast, state=State.CANCELLED, ended_at=doing.now)


def _finish(doing: Doing) -> Broadcast:
    return changed(doing.broadcast, state=State.DONE, ended_at=doing.now)


def _retract(doing: Doing) -> Broadcast:
    if doing.broadcast.retract:
        raise NotAllowed("state")
    return changed(doing.broadcast, retract="asked")


def _retracted(doing: Doing) -> Broadcast:
    return changed(doing.broadcast, retract="done")


def released(broadcast: Broadcast, member: Member) -> Broadcast:
    """Going on with held messages, of which nobody knows whether they arrived. Raises NotAllowed.

    What was approved stays approved: only the wish to hold them is given up.
    """
    if not member.may(Right.DECIDE):
        raise NotAllowed("right")
    if broadcast.state not in _RELEASABLE:
        raise NotAllowed("state")
    going_on = changed(broadcast, state=State.SENDING, hold_unknown=False, reason="", ended_at=None)
    return changed(going_on, approved_hash=going_on.fingerprint)


_SENDING = frozenset({State.SENDING})

RULES: Mapping[str, Rule] = {
    "submit": Rule(Right.WRITE, frozenset({State.DRAFT}), _submit),
    "counted": Rule(Right.LOOK, OPEN, _counted),
    "approve": Rule(Right.DECIDE, frozenset({State.REVIEW}), _approve),
    "return": Rule(Right.DECIDE, frozenset({State.REVIEW, State.APPROVED}), _return),
    "schedule": Rule(Right.DECIDE, OPEN, _schedule),
    "start": Rule(Right.DECIDE, frozenset({State.APPROVED}), _start),
    "pause": Rule(Right.DECIDE, frozenset({State.APPROVED}) | _SENDING, _pause),
    "resume": Rule(Right.DECIDE, frozenset({State.PAUSED}), _resume),
    "cancel": Rule(Right.DECIDE, OPEN | RUNNING, _cancel),
    "finish": Rule(Right.DECIDE, _SENDING, _finish),
    "retract": Rule(Right.DECIDE, STOPPED, _retract),
    "retracted": Rule(Right.DECIDE, STOPPED, _retracted),
}
"""By the name of the act."""
