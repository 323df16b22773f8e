"""Who may do what with a broadcast, in which state, and the refusal where it is not allowed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from bot.campaign.broadcast_rules.broadcast import Broadcast, State
from bot.campaign.capabilities import Capabilities
from bot.campaign.content import Campaign
from bot.campaign.desk_commands.broadcasts import BroadcastCommand
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
    """What the organisation has set: how many must approve, and the content of this moment; and
    what the channels can do to which broadcasts go."""

    approvals: int
    campaign: Campaign
    channels: tuple[Capabilities, ...]


Command = TypeVar("Command", bound=BroadcastCommand)


@dataclass(frozen=True, slots=True)
class Doing(Generic[Command]):
    """One command: about what, by whom, when."""

    broadcast: Broadcast
    command: Command
    member: Member
    rules: Rules
    now: datetime


@dataclass(frozen=True, slots=True)
class Rule:
    """``do`` gives the broadcast after the command: for who has that right, in one of these states.

    ``or_right``: another one that does as well. ``by_itself``: only the bot does it.
    """

    right: Right
    states: frozenset[State]
    do: Callable[[Doing[Any]], Broadcast]
    by_itself: bool = False
    or_right: Right | None = None

    def allows(self, member: Member) -> bool:
        """Whether that member's role has the right."""
        return member.may(self.right) or (self.or_right is not None and member.may(self.or_right))


def written_by(broadcast: Broadcast, member: Member) -> tuple[str, ...]:
    """All who have a part in it once this member has changed something.

    What others have approved counts as read: from there on it begins anew. An approval by one of
    its own writers (they were asked for no other, then) does not.
    """
    read = broadcast.is_approved and not set(broadcast.approved_by) & set(broadcast.hands)
    before = () if read else broadcast.hands
    return (*(mark for mark in before if mark != member.mark), member.mark)


def changed(broadcast: Broadcast, **changes: object) -> Broadcast:
    """The broadcast with these changes; what an approval is bound to may be among them."""
    return Broadcast.model_validate({**dict(broadcast), **changes})
