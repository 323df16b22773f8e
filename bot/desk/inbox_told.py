"""Answers to supporters on their way, and the word to the team that somebody has written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.campaign.channel import Channel, Deliver
from bot.campaign.content import CampaignNow
from bot.campaign.messages import Rendered
from bot.campaign.scenes import write_to_us
from bot.clock import Clock
from bot.desk.members import Staff
from bot.desk.messages import Speaks, StaffMessages
from bot.keys import Keys
from bot.store import outbox
from bot.store.database import Database
from bot.store.outbox import Posting
from bot.store.people import inbox, supporters
from bot.store.people.inbox import KeptThread
from bot.store.people.supporters import Reached
from bot.store.people.tables import supporters as supporters_table

AGAIN, URGENT_AGAIN = timedelta(minutes=15), timedelta(minutes=1)
"""So soon after an announcement there is no other one: whoever writes on and on is no alarm."""


class InboxTold:
    """Does what was asked for in a thread, once it is committed."""

    def __init__(
        self,
        store: Database,
        keys: Keys,
        staff: Staff,
        messages: StaffMessages,
        channels: Mapping[str, Channel],
        speak: Speaks,
        deliver: Deliver,
        campaign: CampaignNow,
        web: str,
        clock: Clock,
    ):
        """``web``: the public address of the pages; "" where there is none."""
        self._store = store
        self._keys = keys
        self._staff = staff
        self._messages = messages
        self._channels = channels
        self._speak = speak
        self._deliver = deliver
        self._campaign = campaign
        self._web = web
        self._clock = clock
        self._announced: dict[bool, datetime] = {}

    async def announce(self, *, urgent: bool) -> None:
        """To all who write or approve; not each of many that come close upon each other."""
        now, pause = self._clock(), URGENT_AGAIN if urgent else AGAIN
        before = self._announced.get(urgent)
        if before is not None and timedelta() <= now - before < pause:
            return
        self._announced[urgent] = now
        marks = [
            mark
            for mark in self._staff.marks
            if (member := self._staff.by_mark(mark)) and member.may_propose
        ]
        url = f"{self._web}/staff/inbox" if self._web else ""
        await self._messages.say(marks, write_to_us.announced(urgent=urgent, url=url))

    async def send(self, name: str) -> None:
        """What waits in that thread goes out by the ordinary way, together with the note that it
        did."""
        async with self._store.writing() as connection:
            found = await inbox.named(connection, self._keys, name)
            waiting = [line for line in found.kept.lines if not line.sent] if found else []
            if found is None or not waiting:
                return
            whose = bytes.fromhex(found.kept.whose)
            is_theirs = supporters_table.c.pseudonym == whose
            known = await supporters.reach(connection, self._keys, is_theirs, limit=1)
            postings = [
                Posting(whose, one.channel, one.address, self._said(one, line.text))
                for one in known
                for line in waiting
                if one.channel in self._channels and one.address
            ]
            outgoing = await outbox.add(connection, self._keys, postings, self._clock())
            lines = tuple(replace(line, sent=True) for line in found.kept.lines)
            sent = KeptThread(found.pseudonym, replace(found.kept, lines=lines))
            await inbox.put(connection, self._keys, sent, self._clock())
        self._deliver(outgoing)

    def _said(self, to: Reached, text: str) -> Rendered:
        message = write_to_us.answer(text, self._campaign().organisation.name)
        return self._speak(message, to.language, self._channels[to.channel].capabilities.markup)
