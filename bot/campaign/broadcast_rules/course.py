"""The way of a broadcast to its end: reviewed, approved, sent, stopped, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.campaign.broadcast_rules.allowing import Doing, NotAllowed, Rule, changed, written_by
from bot.campaign.broadcast_rules.broadcast import OPEN, RUNNING, STOPPED, Broadcast, State
from bot.campaign.broadcast_rules.checking import faults
from bot.campaign.desk_commands.broadcasts import (
    Approve,
    BroadcastCommand,
    Cancel,
    Discard,
    Finish,
    NoteAsked,
    NoteCount,
    NoteRetracted,
    Pause,
    Resume,
    Retract,
    Return,
    Schedule,
    Start,
    Submit,
)
from bot.campaign.staff import BOT, Member, Right


def _submit(doing: Doing[Submit]) -> Broadcast:
    if not doing.broadcast.texts:
        raise NotAllowed("nothing")
    _faultless(doing)
    # Counted anew, and asked for anew, also where nothing was changed since the last time.
    return changed(
        doing.broadcast,
        state=State.REVIEW,
        reason="",
        asked=False,
        counted=None,
        counted_hash="",
    )


def _faultless(doing: Doing[Any]) -> None:
    """Screens may be old: what is written now is looked at."""
    found = faults(doing.broadcast, doing.rules.campaign, doing.rules.channels)
    if any(fault.stops for fault in found):
        raise NotAllowed("faults")


def _asked(doing: Doing[NoteAsked]) -> Broadcast:
    return changed(doing.broadcast, asked=True)


def _return(doing: Doing[Return]) -> Broadcast:
    return changed(
        doing.broadcast, state=State.DRAFT, approved_by=(), approved_hash="", reason="returned"
    )


def _counted(doing: Doing[NoteCount]) -> Broadcast:
    command = doing.command
    return changed(doing.broadcast, counted=command.recipients, counted_hash=command.fingerprint)


def _approve(doing: Doing[Approve]) -> Broadcast:
    broadcast, member = doing.broadcast, doing.member
    # A button carries a mark of all that was on the screen: that is what is approved.
    if doing.command.mark != broadcast.approval_mark:
        raise NotAllowed("changed")
    if not broadcast.is_counted:
        raise NotAllowed("uncounted")
    if broadcast.at is not None and broadcast.at <= doing.now:
        raise NotAllowed("past")
    _faultless(doing)
    if doing.rules.approvals and member.mark in broadcast.hands:
        raise NotAllowed("own")
    return changed(
        broadcast,
        state=State.APPROVED,
        approved_by=(member.mark,),
        approved_hash=broadcast.fingerprint,
    )


def _schedule(doing: Doing[Schedule]) -> Broadcast:
    broadcast, at = doing.broadcast, doing.command.at
    if broadcast.started_at is not None:
        raise NotAllowed("state")
    if at is not None and (at.tzinfo is None or at <= doing.now):
        raise ValueError("at")
    if at == broadcast.at:
        return broadcast  # pressed twice
    later = changed(broadcast, at=at, writers=written_by(broadcast, doing.member))
    if broadcast.state in (State.APPROVED, State.PAUSED):
        # The hour was approved as well: nobody changes it alone, or without the code that an
        # approval asks for.
        return changed(
            later, state=State.REVIEW, approved_by=(), approved_hash="", asked=False, reason=""
        )
    return changed(later, asked=False)


def _start(doing: Doing[Start]) -> Broadcast:
    if not doing.broadcast.is_approved:
        raise NotAllowed("changed")
    return changed(doing.broadcast, state=State.SENDING, started_at=doing.now, reason="")


def _pause(doing: Doing[Pause]) -> Broadcast:
    by_itself = doing.member.mark == BOT
    return changed(
        doing.broadcast, state=State.PAUSED, reason=doing.command.reason if by_itself else "asked"
    )


def _resume(doing: Doing[Resume]) -> Broadcast:
    broadcast = doing.broadcast
    if not broadcast.is_approved:
        raise NotAllowed("changed")
    if broadcast.started_at is None:
        # Nothing was sent: it waits for its hour again, or goes out where that has passed.
        ahead = broadcast.at if broadcast.at and broadcast.at > doing.now else None
        return changed(broadcast, state=State.APPROVED, reason="", at=ahead)
    # Whoever resumes has looked at what stopped it: a canary does not stop it a second time.
    canary = broadcast.reason != "canary" and broadcast.canary
    resumed = changed(
        broadcast,
        state=State.SENDING,
        reason="",
        canary=canary,
    )
    return changed(resumed, approved_hash=resumed.fingerprint, counted_hash=resumed.fingerprint)


def _cancel(doing: Doing[Any]) -> Broadcast:
    return changed(doing.broadcast, state=State.CANCELLED, ended_at=doing.now, reason="")


def _discard(doing: Doing[Discard]) -> Broadcast:
    """Authors throw away what they have not sent."""
    if doing.member.mark != doing.broadcast.author:
        raise NotAllowed("right")
    return _cancel(doing)


def _finish(doing: Doing[Finish]) -> Broadcast:
    return changed(doing.broadcast, state=State.DONE, ended_at=doing.now)


def _retract(doing: Doing[Retract]) -> Broadcast:
    if doing.broadcast.retract == "asked":
        raise NotAllowed("state")
    # What is being taken back cannot be sent at the same time.
    ended = _cancel(doing) if doing.broadcast.state is State.PAUSED else doing.broadcast
    return changed(ended, retract="asked", retracted_by=doing.member.mark)


def _retracted(doing: Doing[NoteRetracted]) -> Broadcast:
    return changed(doing.broadcast, retract="done")


def released(broadcast: Broadcast, member: Member) -> Broadcast:
    """Going on with held messages, of which nobody knows whether they arrived. Raises NotAllowed.

    What was approved stays approved: only the wish to hold them is given up.
    """
    if not member.may(Right.DECIDE):
        raise NotAllowed("right")
    if broadcast.state is not State.DONE or broadcast.retract:
        raise NotAllowed("state")
    going_on = changed(broadcast, state=State.SENDING, hold_unknown=False, reason="", ended_at=None)
    return changed(going_on, approved_hash=going_on.fingerprint, counted_hash=going_on.fingerprint)


def corrected(broadcast: Broadcast, by: Broadcast) -> Broadcast:
    """With the words of its correction, which was approved: for whoever has yet to get it, and for
    the next correction to begin with."""
    whole = changed(broadcast, texts=by.texts, written_in=by.written_in, leads=by.leads)
    if not broadcast.is_approved:
        return whole
    return changed(whole, approved_hash=whole.fingerprint, counted_hash=whole.fingerprint)


def superseded(broadcast: Broadcast, now: datetime) -> Broadcast:
    """A correction that a newer one has overtaken."""
    return changed(broadcast, state=State.CANCELLED, ended_at=now, reason="newer")


def expelled(broadcast: Broadcast, now: datetime) -> Broadcast:
    """One that staff never made so: called off, with nobody's approval."""
    return changed(
        broadcast,
        state=State.CANCELLED,
        ended_at=now,
        reason="forged",
        approved_by=(),
        approved_hash="",
        retract="",
    )


_SENDING = frozenset({State.SENDING})

RULES: Mapping[type[BroadcastCommand], Rule] = {
    Submit: Rule(Right.WRITE, frozenset({State.DRAFT}), _submit),
    NoteCount: Rule(Right.LOOK, OPEN, _counted, by_itself=True),
    Approve: Rule(Right.DECIDE, frozenset({State.REVIEW}), _approve),
    NoteAsked: Rule(Right.LOOK, frozenset({State.REVIEW}), _asked, by_itself=True),
    Return: Rule(Right.DECIDE, frozenset({State.REVIEW, State.APPROVED}), _return),
    Schedule: Rule(Right.DECIDE, OPEN | {State.PAUSED}, _schedule, or_right=Right.WRITE),
    Start: Rule(Right.DECIDE, frozenset({State.APPROVED}), _start, by_itself=True),
    Pause: Rule(Right.DECIDE, frozenset({State.APPROVED}) | _SENDING, _pause),
    Resume: Rule(Right.DECIDE, frozenset({State.PAUSED}), _resume),
    Cancel: Rule(Right.DECIDE, OPEN | RUNNING, _cancel),
    Discard: Rule(Right.WRITE, frozenset({State.DRAFT, State.REVIEW}), _discard),
    Finish: Rule(Right.DECIDE, _SENDING, _finish, by_itself=True),
    Retract: Rule(Right.DECIDE, STOPPED, _retract),
    NoteRetracted: Rule(Right.DECIDE, STOPPED, _retracted, by_itself=True),
}
"""What becomes of each command, and who may give it."""
