"""A channel at work: what the running bot gives it, and what it asks of it."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from bot.campaign.channel import Channel, Take
from bot.content_files import Content
from bot.keys import Keys
from bot.meters import Meters
from bot.store.database import Database


class ChannelTrouble(Exception):
    """A channel cannot work with these settings. The text says what to do, and shows no secret."""


@dataclass(frozen=True, slots=True)
class Host:
    """What a channel works with. ``take`` returns once all that the events caused is committed.

    ``bot_names`` is told the bot's public name on the channel, ``inline`` the channel where the bot
    can be called from any chat. ``meters`` hear how a platform that is asked for updates answers.
    """

    content: Content
    store: Database
    keys: Keys
    take: Take
    bot_names: dict[str, str]
    inline: set[str]
    meters: Meters = field(default_factory=Meters)


class Service(Protocol):
    """A channel that is switched on; its package's ``service.build(settings)`` makes it."""

    @property
    def channel(self) -> Channel:
        """What messages are handed to."""

    def open(self) -> AbstractAsyncContextManager[object]:
        """Ready to send for as long as it lasts; uses no network yet."""

    async def run(self, host: Host, stop: asyncio.Event) -> None:
        """Hand over what comes in until ``stop`` is set. Raises ChannelTrouble."""

    def content_changed(self) -> None:
        """Show on the platform what has changed in the content."""
