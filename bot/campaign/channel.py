"""Handing a message to a channel, and what came of it: a result, never an exception."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bot.campaign.capabilities import Capabilities
from bot.campaign.events import Event
from bot.campaign.messages import Attachment, Rendered


class Lane(StrEnum):
    """Whose turn it is: a conversation never waits for a broadcast."""

    CONVERSATION = "conversation"
    BROADCAST = "broadcast"
    PAID = "paid"
    """A broadcast faster than the platform's free rate, for which it takes money."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform took it; ``ref`` names the message there (for later edits), ``file`` the file
    that came with it (to send it again without its content)."""

    ref: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform said no.

    ``gone``: the supporter blocked the bot or no longer exists, which ends every subscription.
    ``retry_after``: seconds to wait before anything more is sent in this lane (429), or where it is
    ``alone`` to this person; None otherwise. ``permanent``: the same message would be refused
    again. Neither permanent nor ``retry_after``: nothing arrived (the connection never opened, a
    5xx), try again.
    ``reason`` is for the log: no address, no text, no token. ``said`` is the platform's own
    sentence, which can quote the message: for its author's eyes only.
    """

    reason: str
    permanent: bool = False
    gone: bool = False
    retry_after: float | None = None
    alone: bool = False
    said: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer came: the platform may have delivered it or not."""

    reason: str


Result = Sent | Refused | Unknown

Take = Callable[[Sequence[Event]], Awaitable[None]]
"""Record and answer events: see ``Engine.take``."""


@dataclass(frozen=True, slots=True)
class Made:
    """A document or picture, ready to send. ``ref``: what the platform calls it, where it has it
    already; the content may be empty then. ``same``: a mark that the same file has each time, where
    many get it; a channel can send it again by what its platform calls it. ``alt``: what is to be
    seen."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    ref: str = ""
    same: str = ""
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A recorded message on its way: ``id`` is its row in the outbox."""

    id: int
    channel: str
    address: str = field(repr=False)
    message: Rendered = field(repr=False)
    lane: Lane = Lane.CONVERSATION

    @property
    def mark(self) -> str:
        """What it is known by where a platform tells later what became of it. The number alone
        could be another message's, after a database was put back."""
        said = "\0".join((self.channel, self.address, self.message.text))
        return f"{self.id}-{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:16]}"


Make = Callable[[Attachment, str], Awaitable[tuple[Made, ...]]]
"""Make a message's documents, in that language."""
Deliver = Callable[[Sequence[Outgoing]], None]
"""Send these, which are on record; it does not wait nor raise."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """An event of the channel that keeps its conversations in this store, and the answers to it.

    ``forgotten``: by it everything was erased, so nothing of it may be kept. ``ends``: when what it
    tells of its supporter's answers is to be gone; None where it tells nothing of them.
    ``takes_back``: it changes an answer, so what told the former one is to be gone at once.
    ``hides``: what was typed is shown, but kept nowhere.
    """

    event: Event
    pseudonym: bytes
    answers: tuple[Rendered, ...]
    forgotten: bool
    ends: datetime | None = None
    takes_back: bool = False
    hides: bool = False


class Channel(Protocol):
    """What a messaging platform offers. Channels parse and send, nothing else."""

    name: str
    capabilities: Capabilities

    async def send(
        self, address: str, message: Rendered, made: tuple[Made, ...], lane: Lane
    ) -> Result:
        """Send or, where ``message.replaces`` says so, change a message. Never raises for what
        the platform or the network does."""

    async def busy(self, address: str) -> None:
        """Show that something is being prepared (a chat action); failures do not matter."""


@runtime_checkable
class Keeping(Protocol):
    """A channel that keeps its conversations itself, in the bot's own store.

    It is given the recorded message with its id, so that a repeat after a crash changes nothing,
    and makes documents when they are asked for.
    """

    async def keep(self, outgoing: Outgoing) -> Result:
        """Keep the message, once however often it is given. Never raises."""


@runtime_checkable
class Marking(Protocol):
    """A channel whose platform tells later what became of a message, by the mark that it carried.

    So one whose send is Unknown waits for that word before it is tried again.
    """

    async def send_marked(self, outgoing: Outgoing, made: tuple[Made, ...]) -> Result:
        """Like ``Channel.send``, with the message's mark. Never raises for what the platform or the
        network does."""


@runtime_checkable
class Probing(Protocol):
    """What a platform may offer besides: saying whether it answers, and nobody gets anything."""

    async def answers(self) -> bool:
        """Whether a send would be answered just now. Never raises."""


@runtime_checkable
class Amending(Protocol):
    """What a platform may offer besides: changing and deleting what was sent."""

    async def amend(self, address: str, ref: str, message: Rendered, *, caption: bool) -> Result:
        """Put this text and these buttons in place of the message's; ``caption``: it has a file.

        Never sends anew: what is not there any more is refused.
        """

    async def delete(self, address: str, ref: str) -> Result:
        """Delete a message; one that is gone already counts as deleted."""
