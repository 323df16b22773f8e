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
class SendAnswers:
    """Answers wait in a thread: no command of anybody's, but what is to be done after one."""

    name: ClassVar[str] = "answers"
    thread: str


@dataclass(frozen=True, slots=True)
class NoteLetter:
    """Somebody has written, and the team is to be told."""

    name: ClassVar[str] = "letter"
    urgent: bool
