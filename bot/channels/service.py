"""A channel at work: what the running bot gives it, and what it asks of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from bot.campaign.channel import Channel, Result, Take
from bot.content_files import Content
from bot.keys import Keys
from bot.meters import Meters
from bot.store.database import Database


class ChannelTrouble(Exception):
    """A channel cannot work with these settings. The text says what to do, and shows no secret."""


class NotTaken(Exception):
    """What a platform posted could not be recorded: it has to come again, in some seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


class Door(Protocol):
    """Where a platform posts what happened, in the web part.

    ``path`` stands behind the public address; of a body no more than ``most`` bytes are read.
    """

    path: str
    most: int

    def admits(self, headers: Mapping[str, str]) -> bool:
        """Whether it is the platform that posts; asked before the body is read. The names of
        headers are in small letters."""

    async def take(self, body: bytes) -> None:
        """Returns once all that it caused is committed. Raises NotTaken."""


@runtime_checkable
class Greeting(Protocol):
    """A door that answers when its platform asks whether it is expected there."""

    def greet(self, asked: Mapping[str, str]) -> str | None:
        """What is answered to these parameters; None to whoever is not expected."""


@runtime_checkable
class Vouching(Protocol):
    """A door whose platform signs what it posts."""

    def vouches(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the platform has signed these very bytes; asked before they are read."""


@dataclass(frozen=True, slots=True)
class Host:
    """What a channel works with. ``take`` returns once all that the events caused is committed.

    ``bot_names`` is told the bot's public name on the channel, ``inline`` the channel where the bot
    can be called from any chat. ``meters`` hear how a platform that is asked for updates answers.
    ``settled`` takes what a platform tells later of a message, by the
    mark that it was sent with (``Outgoing.mark``).
    """

    content: Content
    store: Database
    keys: Keys
    take: Take
    bot_names: dict[str, str]
    inline: set[str]
    meters: Meters = field(default_factory=Meters)
    settled: Callable[[str, Result], None] = lambda mark, result: None


class Service(Protocol):
    """A channel that is switched on; its package's ``service.build(settings)`` makes it."""

    @property
    def channel(self) -> Channel:
        """What messages are handed to."""

    @property
    def door(self) -> Door | None:
        """Where its platform posts to; None where it is asked instead."""

    def open(self) -> AbstractAsyncContextManager[object]:
        """Ready to send for as long as it lasts; uses no network yet."""

    async def run(self, host: Host, stop: asyncio.Event) -> None:
        """Hand over what comes in until ``stop`` is set. Raises ChannelTrouble."""

    def content_changed(self) -> None:
        """Show on the platform what has changed in the content."""
