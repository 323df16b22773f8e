"""Who works on the campaign, and what each of them may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
class Appointed:
    """What somebody is on the staff, and how the others call them ("": by role and number)."""

    role: Role
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
