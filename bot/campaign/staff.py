"""Who works on the campaign, and what each of them may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a member of the staff is."""

    OWNER = "owner"
    EDITOR = "editor"
    SENDER = "sender"
    ANALYST = "analyst"


class Right(StrEnum):
    """What somebody may do."""

    WRITE = "write"
    DECIDE = "decide"
    """Approve, schedule, pause, resume, cancel, retract."""
    LOOK = "look"
    RULE = "rule"
    """Set how many approvals are needed."""


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.EDITOR: frozenset({Right.WRITE, Right.LOOK}),
    Role.SENDER: frozenset({Right.DECIDE, Right.LOOK}),
    Role.ANALYST: frozenset({Right.LOOK}),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is on a channel. ``known_as``: the same in one word, as staff write it."""

    channel: str
    address: str = field(repr=False)
    known_as: str = field(repr=False)

    @property
    def shown(self) -> str:
        """What others may see of it: a number; of an address that nobody must know the channel."""
        return self.known_as if self.known_as.isdecimal() else self.channel


@dataclass(frozen=True, slots=True)
class Appointed:
    """What somebody is on the staff, where they are, and how the others call them ("": by role and
    number). The first place names them in records."""

    role: Role
    places: tuple[Place, ...]
    name: str = ""


SHELL = "shell"
"""Whoever runs commands on the machine of the bot."""
BOT = "bot"
"""The bot itself: starts at the time that was set, stops by its rules, ends."""


@dataclass(frozen=True, slots=True)
class Member:
    """One of the staff. ``mark`` stands for them in records; it is no address."""

    mark: str
    role: Role

    def may(self, right: Right) -> bool:
        """Whether their role has that right."""
        return right in RIGHTS[self.role]

    @property
    def may_propose(self) -> bool:
        """Whether they write or approve: whoever does neither only looks."""
        return self.may(Right.WRITE) or self.may(Right.DECIDE)
