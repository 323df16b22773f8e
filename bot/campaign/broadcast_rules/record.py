"""A broadcast with its figures, and what staff find on their desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.campaign.broadcast_rules.broadcast import Broadcast
from bot.campaign.capabilities import Capabilities
from bot.campaign.messages import Words
from bot.campaign.second_factor import SecondFactor
from bot.campaign.staff import Member


@dataclass(frozen=True, slots=True)
class BroadcastRecord:
    """A broadcast as it is kept.

    ``recipients`` are fixed up to ``fixed_upto``; ``fixed`` says that these are all. ``left``: took
    no more of these news before it reached them. ``progress`` names the messages that show staff
    how far it is, by member; ``report`` holds figures that outlive the deliveries. ``followed``:
    the report of two days later is made. ``changed_at``: the last change of anything but figures.
    ``vouched``: it is known to have been written by the bot itself, where that was looked for.
    """

    broadcast: Broadcast
    recipients: int = 0
    fixed_upto: bytes = b""
    fixed: bool = False
    sent: int = 0
    blocked: int = 0
    failed: int = 0
    unknown: int = 0
    left: int = 0
    progress: Mapping[str, str] = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)
    followed: bool = False
    changed_at: datetime | None = None
    vouched: bool = False

    @property
    def settled(self) -> int:
        """How many recipients nothing more is to be done about."""
        return self.sent + self.blocked + self.failed + self.unknown + self.left

    @property
    def expected(self) -> int:
        """How many it goes to: as counted, until all are fixed."""
        if self.fixed:
            return self.recipients
        return max(self.recipients, self.broadcast.counted or 0)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a member of the staff may need to see.

    ``broadcasts``: all broadcasts that are not ended, then the newest of those that are.
    ``approvals``: how many must approve. ``groups``: test groups by name. ``names``: members by
    their marks, as they are shown. ``next_number``: what the next broadcast will be called.
    ``sources``: codes by which supporters came, most first.
    ``set_values``: what staff have set or proposed (see ``campaign.urgent``). ``channels``: what
    those can do to which broadcasts go. ``factor``: how they stand with their second factor.
    ``without_factor``: members who have none yet, by their marks.
    """

    member: Member
    broadcasts: tuple[BroadcastRecord, ...] = ()
    approvals: int = 1
    groups: tuple[str, ...] = ()
    paid_rate: float = 0.0
    next_number: int = 1
    names: Mapping[str, Words] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    set_values: Mapping[str, str] = field(default_factory=dict)
    channels: tuple[Capabilities, ...] = ()
    factor: SecondFactor = field(default_factory=SecondFactor)
    without_factor: tuple[str, ...] = ()

    def record(self, number: int) -> BroadcastRecord | None:
        """The broadcast of that number."""
        return next((one for one in self.broadcasts if one.broadcast.id == number), None)
