"""Commands about what supporters wrote to the team."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from bot.campaign.desk_commands.command import StaffCommand


@dataclass(frozen=True, slots=True)
class AnswerLetter(StaffCommand):
    """Say this to whoever wrote: by the thread's name. It leaves the thread closed."""

    name: ClassVar[str] = "answer"
    thread: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CloseLetter(StaffCommand):
    """Nothing is to be answered (any more)."""

    name: ClassVar[str] = "close"
    thread: str


@dataclass(frozen=True, slots=True)
class SendAnswers(StaffCommand):
    """Answers wait in a thread. Only the desk says so."""

    name: ClassVar[str] = "answers"
    thread: str


@dataclass(frozen=True, slots=True)
class NoteLetter(StaffCommand):
    """Somebody has written. Only the bot notes it."""

    name: ClassVar[str] = "letter"
    urgent: bool
