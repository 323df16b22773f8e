"""Messages that answer nobody: recorded in the transaction that they belong to, sent after it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.channel import Deliver, Lane, Outgoing
from bot.campaign.content import CampaignNow
from bot.campaign.messages import Markup, Message, Render
from bot.campaign.staff import Appointed, Place
from bot.keys import Keys
from bot.store import outbox
from bot.store.outbox import Posting
from bot.store.people import supporters


@dataclass(frozen=True, slots=True)
class Unasked:
    """A message to somebody in their language ("" for the campaign's first)."""

    channel: str
    address: str = field(repr=False)
    language: str
    message: Message
    lane: Lane = Lane.CONVERSATION


@dataclass(frozen=True, slots=True, kw_only=True)
class UnaskedMessages:
    """How messages are rendered and sent; the same as the engine's (``EngineContext``)."""

    keys: Keys
    render: Render
    campaign: CampaignNow
    markup_of: Mapping[str, Markup]
    deliver: Deliver

    async def record(
        self, connection: AsyncConnection, messages: Sequence[Unasked], now: datetime
    ) -> list[Outgoing]:
        """Put them into the outbox. What comes back is for ``deliver``, after the commit."""
        campaign = self.campaign()
        postings = [
            Posting(
                self.keys.pseudonym(one.channel, one.address),
                one.channel,
                one.address,
                self.render(
                    one.message, campaign.language(one.language), self.markup_of[one.channel], ""
                ),
                one.lane,
            )
            for one in messages
            if one.channel in self.markup_of and one.address
        ]
        return await outbox.add(connection, self.keys, postings, now)


async def where(
    connection: AsyncConnection, keys: Keys, member: Appointed, closed: Collection[str] = ()
) -> tuple[Place, str]:
    """The first of a member's addresses from which they wrote to the bot, and the language that
    they read there; the first of all for whoever never did. Of channels that are ``closed`` only
    where there is no other one."""
    places = [one for one in member.places if one.channel not in closed] or member.places
    marks = {keys.pseudonym(one.channel, one.address): one for one in places}
    known = await supporters.find(connection, keys, list(marks))
    for mark, place in marks.items():
        if mark in known and known[mark].ended_at is None:
            return place, known[mark].supporter.language
    return places[0], ""
