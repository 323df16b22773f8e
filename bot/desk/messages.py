"""Messages to members of the staff, in the language that each of them reads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.campaign.channel import Channel, Deliver, Lane, Made, Refused, Result
from bot.campaign.messages import Markup, Message, Rendered
from bot.campaign.staff import Place
from bot.clock import Clock, utc_now
from bot.desk.members import Staff
from bot.keys import Keys
from bot.store import outbox
from bot.store.database import Database
from bot.store.outbox import Posting
from bot.store.people import supporters


class Speaks(Protocol):
    """Makes a message ready to send."""

    def __call__(self, message: Message, language: str, markup: Markup) -> Rendered:
        """The message in that language and markup."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a member is reached, and the language that they read there."""

    place: Place
    pseudonym: bytes
    language: str


class StaffMessages:
    """Writes to staff, each at the first of their addresses from which they wrote to the bot. Those
    who never did cannot be reached, and are left out."""

    def __init__(
        self,
        store: Database,
        keys: Keys,
        staff: Staff,
        channels: Mapping[str, Channel],
        speak: Speaks,
        deliver: Deliver,
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
        self._channels = channels
        self._speak = speak
        self._deliver = deliver

    async def say(self, marks: Iterable[str], message: Message) -> int:
        """Have it sent, each once; it survives a crash. How many of them can be reached."""
        posts = [
            Posting(one.pseudonym, one.place.channel, one.place.address, self._said(message, one))
            for one in await self._found(marks)
        ]
        async with self._store.writing() as connection:
            outgoing = await outbox.add(connection, self._keys, posts, self._clock())
        self._deliver(outgoing)
        return len(posts)

    async def show(self, mark: str, message: Message, replaces: str) -> Result | None:
        """Send or change a message at once; it may be lost, since the next one follows soon."""
        found = await self._found([mark])
        if not found:
            return None
        rendered = self._said(message, found[0])
        shown = Rendered(
            rendered.text, rendered.language, buttons=rendered.buttons, replaces=replaces
        )
        return await self.send(found[0].place, shown)

    async def hand(self, mark: str, message: Message, file: Made) -> Result | None:
        """Send a picture with a text below it."""
        found = await self._found([mark])
        if not found:
            return None
        return await self.send(found[0].place, self._said(message, found[0]), file)

    async def send(self, place: Place, message: Rendered, file: Made | None = None) -> Result:
        """Send to an address at once, within the rate of conversations."""
        channel = self._channels.get(place.channel)
        if channel is None:
            return Refused("the channel is off", permanent=True)
        await asyncio.sleep(self._beside(place.channel, place.address))
        return await channel.send(
            place.address, message, (file,) if file else (), Lane.CONVERSATION
        )

    def markup(self, place: Place) -> Markup:
        """What texts are written in on the channel of that address."""
        channel = self._channels.get(place.channel)
        return channel.capabilities.markup if channel else "plain"

    async def where(self, mark: str) -> Place | None:
        """Where a member is reached; the first of their addresses where they never wrote."""
        found = await self._found([mark])
        return found[0].place if found else next(iter(self._staff.places(mark)), None)

    async def language(self, mark: str) -> str:
        """The language that a member reads; "" where they never wrote."""
        found = await self._found([mark])
        return found[0].language if found else ""

    def _said(self, message: Message, to: Reached) -> Rendered:
        return self._speak(message, to.language, self.markup(to.place))

    async def _found(self, marks: Iterable[str]) -> list[Reached]:
        """Each member who can be reached."""
        places = {
            mark: {
                self._keys.pseudonym(place.channel, place.address): place
                for place in self._staff.places(mark)
                if place.channel in self._channels
            }
            for mark in dict.fromkeys(marks)
        }
        wanted = [pseudonym for theirs in places.values() for pseudonym in theirs]
        async with self._store.reading() as connection:
            known = await supporters.find(connection, self._keys, wanted)
        reached = (
            [
                Reached(place, pseudonym, known[pseudonym].supporter.language)
                for pseudonym, place in theirs.items()
                if pseudonym in known and known[pseudonym].ended_at is None
            ]
            for theirs in places.values()
        )
        return [theirs[0] for theirs in reached if theirs]
