"""What every command of the staff is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.campaign.effects import Effect


@dataclass(frozen=True, slots=True)
class StaffCommand(Effect):
    """Anything one of the staff wants done, or the bot by itself. ``name``: in the log."""

    name: ClassVar[str]
