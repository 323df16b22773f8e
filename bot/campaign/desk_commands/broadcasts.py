"""Commands that make or change a broadcast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from bot.campaign.broadcast_rules.broadcast import Attached, Broadcast, Lead
from bot.campaign.desk_commands.command import StaffCommand

LONGEST_TITLE, LONGEST_WORD = 60, 1000
"""Characters that staff may type, in the chat and at their pages."""


@dataclass(frozen=True, slots=True)
class BroadcastCommand(StaffCommand):
    """Something that changes a broadcast, by its number."""

    number: int


@dataclass(frozen=True, slots=True)
class Begin(StaffCommand):
    """Make a new draft of this; its number, author and state are given to it."""

    name: ClassVar[str] = "new"
    draft: Broadcast


@dataclass(frozen=True, slots=True)
class SetText(BroadcastCommand):
    """The words in one language, in light markup; "" takes them away."""

    name: ClassVar[str] = "text"
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class SetTitle(BroadcastCommand):
    """How staff call it; recipients never see it."""

    name: ClassVar[str] = "title"
    title: str


@dataclass(frozen=True, slots=True)
class Attach(BroadcastCommand):
    """A picture or document; None takes it away."""

    name: ClassVar[str] = "attach"
    file: Attached | None


@dataclass(frozen=True, slots=True)
class AddLead(BroadcastCommand):
    """A button more below it."""

    name: ClassVar[str] = "lead"
    lead: Lead


@dataclass(frozen=True, slots=True)
class DropLead(BroadcastCommand):
    """A button less: the one of that mark (``Lead.mark``)."""

    name: ClassVar[str] = "unlead"
    mark: str


@dataclass(frozen=True, slots=True)
class Aim(BroadcastCommand):
    """One condition of its audience; "" takes it away (see ``Audience.aimed``)."""

    name: ClassVar[str] = "aim"
    condition: str
    value: str


@dataclass(frozen=True, slots=True)
class Switch(BroadcastCommand):
    """How it goes out: one of ``drafting.SWITCHES``, on or off."""

    name: ClassVar[str] = "switch"
    option: str
    on: bool


@dataclass(frozen=True, slots=True)
class Submit(BroadcastCommand):
    """Have it reviewed."""

    name: ClassVar[str] = "submit"


@dataclass(frozen=True, slots=True)
class NoteCount(BroadcastCommand):
    """So many recipients it has, as it was written then. Only the bot counts."""

    name: ClassVar[str] = "counted"
    recipients: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class NoteAsked(BroadcastCommand):
    """Those who may approve have been asked to. Only the bot notes it."""

    name: ClassVar[str] = "asked"


@dataclass(frozen=True, slots=True)
class Approve(BroadcastCommand):
    """Let it go out exactly as it was on the screen that bore this mark."""

    name: ClassVar[str] = "approve"
    mark: str


@dataclass(frozen=True, slots=True)
class Return(BroadcastCommand):
    """Give it back to its author, with a word to them."""

    name: ClassVar[str] = "return"
    word: str = ""


@dataclass(frozen=True, slots=True)
class Schedule(BroadcastCommand):
    """When it is to go out; None: as soon as it is approved."""

    name: ClassVar[str] = "schedule"
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Start(BroadcastCommand):
    """Begin to send it. Only the bot does."""

    name: ClassVar[str] = "start"


@dataclass(frozen=True, slots=True)
class Pause(BroadcastCommand):
    """Stop sending. Only the bot has a ``reason`` of its own (``staff.reason.…`` in the texts)."""

    name: ClassVar[str] = "pause"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Resume(BroadcastCommand):
    """Go on where it was paused."""

    name: ClassVar[str] = "resume"


@dataclass(frozen=True, slots=True)
class Cancel(BroadcastCommand):
    """End it for good."""

    name: ClassVar[str] = "cancel"


@dataclass(frozen=True, slots=True)
class Discard(BroadcastCommand):
    """Throw one's own draft away."""

    name: ClassVar[str] = "discard"


@dataclass(frozen=True, slots=True)
class Finish(BroadcastCommand):
    """All of it was sent. Only the bot knows."""

    name: ClassVar[str] = "finish"


@dataclass(frozen=True, slots=True)
class Correct(BroadcastCommand):
    """Begin a draft whose words take the place of those that were sent."""

    name: ClassVar[str] = "correct"


@dataclass(frozen=True, slots=True)
class Release(BroadcastCommand):
    """Send after all what was held, since nobody knows whether it arrived."""

    name: ClassVar[str] = "release"


@dataclass(frozen=True, slots=True)
class Retract(BroadcastCommand):
    """Delete its messages from everybody's chat."""

    name: ClassVar[str] = "retract"


@dataclass(frozen=True, slots=True)
class NoteRetracted(BroadcastCommand):
    """They are deleted, as far as that was possible. Only the bot knows."""

    name: ClassVar[str] = "retracted"
