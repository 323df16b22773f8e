"""Who may do what with a broadcast, in which state, and the refusal where it is not allowed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.campaign.broadcasting.broadcast import Broadcast, State
from bot.campaign.content import Campaign
from bot.campaign.staff import Member, Right


class NotAllowed(Exception):
    """It cannot be done; ``reason`` is the last part of a key in messages/…/staff.yaml."""

    def __init__(self, reason: str):
        """``reason``: "right", "state", "own", "changed", "uncounted", "nothing", "value",
        "full", "fixed", "faults", "past", "same", "stale", "blank"."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Rules:
    """What the organisation has set: how many must approve, and the content of this moment."""

    approvals: int
    campaign: Campaign


@dataclass(frozen=True, slots=True)
class Doing:
    """One act: on what, with which value, by whom, when."""

    broadcast: Broadcast
    value: str
    member: Member
    rules: Rules
    now: datetime


@dataclass(frozen=True, slots=True)
class Rule:
    """``do`` gives the broadcast after the act: for who has that right, in one of these states.

    ``by_itself``: only the bot does it.
    """

    right: Right
    states: frozenset[State]
    do: Callable[[Doing], Broadcast]
    by_itself: bool = False


def changed(broadcast: Broadcast, **changes: object) -> Broadcast:
    """The broadcast with these changes; what an approval is bound to may be among them."""
    return Broadcast.model_validate({**dict(broadcast), **changes})
