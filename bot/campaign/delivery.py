"""Handing a message to a channel, and what came of it: a result, never an exception."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from bot.campaign.limits import Limits
from bot.campaign.messages import Rendered


class Lane(StrEnum):
    """Whose turn it is: a conversation never waits for a broadcast."""

    CONVERSATION = "conversation"
    BROADCAST = "broadcast"


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform took it; ``ref`` names the message there (for later edits)."""

    ref: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform said no.

    ``gone``: the supporter blocked the bot or no longer exists, which ends every subscription.
    ``retry_after``: seconds to wait before anything more is sent in this lane (429); None
    otherwise. ``permanent``: the same message would be refused again. Neither permanent nor
    ``retry_after``: nothing arrived (the connection never opened, a 5xx), try again.
    ``reason`` is for the log: no address, no text, no token.
    """

    reason: str
    permanent: bool = False
    gone: bool = False
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer came: the platform may have delivered it or not."""

    reason: str


Result = Sent | Refused | Unknown


@dataclass(frozen=True, slots=True)
class Made:
    """A document or picture, ready to send."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A recorded message on its way: ``id`` is its row in the outbox."""

    id: int
    channel: str
    address: str = field(repr=False)
    message: Rendered = field(repr=False)
    lane: Lane = Lane.CONVERSATION


class Channel(Protocol):
    """What a messaging platform offers. Channels parse and send, nothing else."""

    name: str
    limits: Limits

    async def send(
        self, address: str, message: Rendered, made: tuple[Made, ...], lane: Lane
    ) -> Result:
        """Send or, where ``message.replaces`` says so, change a message. Never raises for what
        the platform or the network does."""

    async def busy(self, address: str) -> None:
        """Show that something is being prepared (a chat action); failures do not matter."""
