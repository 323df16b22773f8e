"""Commands that change nothing: they are kept, and answered by messages of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.campaign.desk_commands.command import StaffCommand


@dataclass(frozen=True, slots=True)
class Request(StaffCommand):
    """Something that a member wants to see of a broadcast."""

    number: int


@dataclass(frozen=True, slots=True)
class Preview(Request):
    """Show me what recipients will see."""

    name: ClassVar[str] = "preview"


@dataclass(frozen=True, slots=True)
class SendTest(Request):
    """Send it to me, or to a named group, as a trial."""

    name: ClassVar[str] = "test"
    group: str = ""


@dataclass(frozen=True, slots=True)
class Count(Request):
    """How many would it go to now?"""

    name: ClassVar[str] = "count"


@dataclass(frozen=True, slots=True)
class ShowFigures(StaffCommand):
    """How does the campaign go?"""

    name: ClassVar[str] = "figures"


@dataclass(frozen=True, slots=True)
class Report(Request):
    """What became of it?"""

    name: ClassVar[str] = "report"
