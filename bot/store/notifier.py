"""What one process tells the others that work on the same database, and itself.

News are told after the commit of what they are about. They may be lost, or come late: whoever hears
them looks in the database, and looks there now and then anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from bot.campaign.channel import Outgoing
from bot.campaign.signatures import Signer


@dataclass(frozen=True, slots=True)
class News:
    """Something that was committed."""


@dataclass(frozen=True, slots=True)
class MessagesWait(News):
    """Messages are in the outbox. Another process hears of them with none in hand."""

    messages: Sequence[Outgoing] = ()


@dataclass(frozen=True, slots=True)
class StaffActed(News):
    """Broadcasts were changed or ordered, or what staff lay over the content."""


@dataclass(frozen=True, slots=True)
class NewSigners(News):
    """So many signers of that kind who were never seen before have signed."""

    petition: str
    signer: Signer
    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class SignaturesHeld(News):
    """Signatures of that petition, of signers of that kind, begin to be held."""

    petition: str
    signer: Signer


Kind = TypeVar("Kind", bound=News)


class Notifier(Protocol):
    """Of one process."""

    def hear(self, kind: type[Kind], hearer: Callable[[Kind], object]) -> None:
        """From now on the hearer is called with news of that kind; it must not wait nor raise."""

    def tell(self, news: News) -> None:
        """Whoever hears it in this process has been called when this returns; others hear it as
        soon as they can."""
