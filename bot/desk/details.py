"""What the log of the staff keeps of their commands."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from bot.campaign import held as wanted
from bot.campaign import urgent
from bot.campaign.desk_commands.broadcasts import Aim, Pause, Schedule, Switch
from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.desk_commands.settings import (
    ConfirmProposal,
    DecideHeld,
    DecideLots,
    ProposeBanner,
    ProposeHeld,
    ProposeLots,
    ProposeState,
    RefuseProposal,
    SetApprovals,
)


def _lots(command: ProposeLots | DecideLots) -> str:
    """So many lots, by the fingerprint of their list; it stands whole with the decision."""
    listed = ",".join(command.lots)
    return f"{len(command.lots)} lots {hashlib.sha256(listed.encode()).hexdigest()[:16]} {listed}"


DETAILS: Mapping[type[StaffCommand], Callable[[Any], str]] = {
    Aim: lambda command: f"{command.condition}={command.value}",
    Switch: lambda command: f"{command.option}={'on' if command.on else 'off'}",
    Schedule: lambda command: command.at.isoformat() if command.at else "",
    Pause: lambda command: command.reason,
    SetApprovals: lambda command: str(command.approvals),
    ProposeBanner: lambda command: f"{urgent.BANNER}={command.banner.value}",
    ProposeState: lambda command: f"{urgent.of_case(command.case)}={command.state}",
    ConfirmProposal: lambda command: f"{command.about}={command.fingerprint}",
    RefuseProposal: lambda command: f"{command.about}=",
    ProposeHeld: lambda command: (
        f"{wanted.name(command.petition, command.day, command.signer)}"
        f"={wanted.wanted(command.verdict, command.reason)}"
    ),
    DecideHeld: lambda command: (
        f"{command.petition} {command.day} {command.signer} {command.verdict} {command.reason}"
    ),
    ProposeLots: lambda command: (
        f"{wanted.name_of_lots(command.petition, command.day)}"
        f"={wanted.wanted(command.verdict, command.reason)} {_lots(command)}"
    ),
    DecideLots: lambda command: (
        f"{command.petition} {command.day} {command.verdict} {command.reason} {_lots(command)}"
    ),
}
"""What the log keeps of these; of the others, which broadcast came of them."""
