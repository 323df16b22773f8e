"""Messages to members of the staff, in the language that each of them reads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from bot.campaign.channel import Channel, Lane, Made, Outgoing, Refused, Result
from bot.campaign.messages import Message, Rendered
from bot.clock import Clock, utc_now
from bot.desk.members import CHANNEL, Staff
from bot.keys import Keys
from bot.store import outbox
from bot.store.outbox import Posting
from bot.store.people import supporters
from bot.store.sqlite.database import Store


class Speaks(Protocol):
    """Makes a message ready to send."""

    def __call__(self, message: Message, language: str) -> Rendered:
        """The message in that language."""


class Telling:
    """Writes to staff. Those who never wrote to the bot cannot be reached, and are left out."""

    def __init__(
        self,
        store: Store,
        keys: Keys,
        staff: Staff,
        channel: Channel | None,
        speak: Speaks,
        deliver: Callable[[Sequence[Outgoing]], None],
        beside: Callable[[str, str], float],
        clock: Clock = utc_now,
    ):
        """``deliver`` takes what was put into the outbox; ``beside`` says, for a channel and an
        address, how many seconds what goes at once has to wait."""
        self._beside = beside
        self._clock = clock
        self._store = store
        self._keys = keys
        self._staff = staff
        self._channel = channel
        self._speak = speak
        self._deliver = deliver

    async def say(self, marks: Iterable[str], message: Message) -> int:
        """Have it sent, each once; it survives a crash. How many of them can be reached."""
        posts = [
            Posting(pseudonym, CHANNEL, address, self._speak(message, language))
            for address, pseudonym, language in await self._found(marks)
        ]
        async with self._store.writing() as connection:
            outgoing = await outbox.add(connection, self._keys, posts, self._clock())
        self._deliver(outgoing)
        return len(posts)

    async def show(self, mark: str, message: Message, replaces: str) -> Result | None:
        """Send or change a message at once; it may be lost, since the next one follows soon."""
        found = await self._found([mark])
        if not found or self._channel is None:
            return None
        address, _, language = found[0]
        rendered = self._speak(message, language)
        shown = Rendered(rendered.text, language, buttons=rendered.buttons, replaces=replaces)
        return await self.send(address, shown)

    async def hand(self, mark: str, message: Message, file: Made) -> Result | None:
        """Send a picture with a text below it."""
        found = await self._found([mark])
        if not found or self._channel is None:
            return None
        address, _, language = found[0]
        return await self.send(address, self._speak(message, language), file)

    async def send(self, address: str, message: Rendered, file: Made | None = None) -> Result:
        """Send to an address at once, within the rate of conversations."""
        if self._channel is None:
            return Refused("the channel is off", permanent=True)
        await asyncio.sleep(self._beside(CHANNEL, address))
        return await self._channel.send(
            address, message, (file,) if file else (), Lane.CONVERSATION
        )

    async def language(self, mark: str) -> str:
        """The language that a member reads; "" where they never wrote."""
        found = await self._found([mark])
        return found[0][2] if found else ""

    async def _found(self, marks: Iterable[str]) -> list[tuple[str, bytes, str]]:
        """Address, pseudonym and language of each member who can be reached."""
        addresses = {
            self._keys.pseudonym(CHANNEL, address): address
            for mark in dict.fromkeys(marks)
            if (address := self._staff.address(mark))
        }
        async with self._store.reading() as connection:
            known = await supporters.find(connection, self._keys, list(addresses))
        return [
            (addresses[pseudonym], pseudonym, found.supporter.language)
            for pseudonym, found in known.items()
            if found.ended_at is None
        ]
