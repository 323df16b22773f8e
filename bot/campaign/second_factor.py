"""The second factor of staff: what it is asked for, and how a member stands with it.

Whoever has taken over the chat account of an owner must not reach everybody by it, nor take
anything from people. Stopping something (pause, cancel, refuse) is never held up by it.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from enum import StrEnum

from bot.campaign.desk_commands.broadcasts import Approve, Release, Resume, Retract
from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.desk_commands.requests import SendTest
from bot.campaign.desk_commands.settings import (
    ConfirmProposal,
    DecideHeld,
    DecideLots,
    InviteMember,
    SetApprovals,
)

ASKING: frozenset[type[StaffCommand]] = frozenset(
    {
        Approve,
        Resume,
        Release,
        Retract,
        ConfirmProposal,
        DecideHeld,
        DecideLots,
        SetApprovals,
        InviteMember,
    }
)
"""What reaches everybody, takes something from people, or says who may."""


def asks(command: object) -> bool:
    """Whether a code is asked for before it is done; a test to others speaks in the organisation's
    name, too."""
    return type(command) in ASKING or (isinstance(command, SendTest) and bool(command.group))


class Standing(StrEnum):
    """How a member stands with their second factor at this moment."""

    FREE = "free"
    """It is asked of nobody (a trial)."""
    MISSING = "missing"
    """They have none yet."""
    DUE = "due"
    """They have to give a code."""
    LOCKED = "locked"
    """Too many wrong codes: none is taken for a while."""
    GIVEN = "given"
    """They gave one within the last hours."""


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """``codes``: what their device shows now, a moment ago and in a moment, as far as unused."""

    standing: Standing = Standing.FREE
    codes: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def opens(self) -> bool:
        """Whether nothing more is asked of them."""
        return self.standing in (Standing.FREE, Standing.GIVEN)

    def accepts(self, typed: str) -> bool:
        """Whether that is such a code; spaces do not matter."""
        digits = "".join(typed.split())
        matches = [hmac.compare_digest(digits.encode(), code.encode()) for code in self.codes]
        return self.standing is Standing.DUE and any(matches)
