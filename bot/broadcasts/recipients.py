"""Who will get a broadcast: counted exactly, and fixed in lots that block nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog

from bot.campaign.broadcast_rules.audience import Audience
from bot.campaign.broadcast_rules.broadcast import Broadcast
from bot.campaign.broadcast_rules.record import BroadcastRecord
from bot.campaign.capabilities import Capabilities, changeable_since, reached_since
from bot.campaign.content import CampaignNow
from bot.clock import Clock, utc_now
from bot.keys import Keys
from bot.store.broadcasts import audience, deliveries, records
from bot.store.database import Database
from bot.store.people.supporters import ADDRESS
from bot.store.petitions import signatures

log = structlog.get_logger()

LOT = 250
BREATH = 0.005
"""Seconds between two lots, in which conversations are served."""

Chosen = tuple[list[bytes], list[str]]


class Recipients:
    """Finds recipients. ``channels``: those that can be written to unasked."""

    def __init__(
        self,
        store: Database,
        keys: Keys,
        campaign: CampaignNow,
        channels: Sequence[Capabilities],
        clock: Clock = utc_now,
    ):
        """Reads and writes this store; signers are found by these keys."""
        self._store = store
        self._keys = keys
        self._campaign = campaign
        self._channels = [one.channel for one in channels]
        self._able = tuple(channels)
        self._editing = [one for one in channels if one.edits]
        self._clock = clock

    def _reached(self) -> Mapping[str, datetime]:
        """Now, and not at the start: a window closes while a broadcast waits."""
        return reached_since(self._able, self._clock())

    async def count(self, broadcast: Broadcast) -> int:
        """How many would get it now."""
        now = self._clock()
        if not broadcast.corrects and not broadcast.audience.signed:
            async with self._store.reading() as connection:
                query = await audience.query(
                    connection,
                    broadcast.audience,
                    self._channels,
                    now,
                    but=broadcast.id,
                    written_since=self._reached(),
                )
                return await audience.count(connection, query)
        number, after = 0, b""
        while True:
            chosen, upto = await self._lot(broadcast, after, now)
            number += len(chosen[0])
            if upto is None:
                return number
            after = upto
            await asyncio.sleep(0)

    async def why_nobody(self, broadcast: Broadcast) -> str:
        """The first condition that leaves nobody over, by its name under ``staff.nobody``; "" where
        somebody is left."""
        whole = broadcast.audience
        asked = Audience(topic=whole.topic, rest_hours=0)
        rested = Audience(topic=whole.topic, rest_hours=whole.rest_hours)
        for why, audience_ in (("topic", asked), ("rest", rested), ("aim", whole)):
            if broadcast.corrects:
                break
            if not await self.count(broadcast.model_copy(update={"audience": audience_})):
                return why
        return "corrects" if broadcast.corrects else ""

    async def fix(
        self, record: BroadcastRecord, now: datetime, fixed: asyncio.Event, stop: asyncio.Event
    ) -> None:
        """Write the recipients down, from where it was left; sets ``fixed`` when all are there.

        ``now``: the moment for which the conditions count, that of the start.
        """
        broadcast, after = record.broadcast, record.fixed_upto
        if record.fixed:
            fixed.set()
        while not fixed.is_set() and not stop.is_set():
            try:
                chosen, upto = await self._lot(broadcast, after, now)
                async with self._store.writing() as connection:
                    await deliveries.add(connection, broadcast.id, *chosen)
                    await records.fixed(
                        connection,
                        broadcast.id,
                        len(chosen[0]),
                        upto or after,
                        all_of_them=upto is None,
                    )
            except Exception as problem:
                log.error("recipients_not_fixed", kind=type(problem).__name__)
                await asyncio.sleep(1.0)
                continue
            if upto is None:
                fixed.set()
            else:
                after = upto
                await asyncio.sleep(BREATH)

    async def _lot(
        self, broadcast: Broadcast, after: bytes, now: datetime
    ) -> tuple[Chosen, bytes | None]:
        """The next recipients behind that pseudonym, and up to where was looked (None: the end)."""
        async with self._store.reading() as connection:
            if broadcast.corrects:
                since = changeable_since(self._editing, self._clock())
                had = await deliveries.sent(
                    connection, broadcast.corrects, after=after, since=since, limit=LOT
                )
                upto = had[-1][0] if len(had) == LOT else None
                return ([row[0] for row in had], [row[1] for row in had]), upto
            query = await audience.query(
                connection,
                broadcast.audience,
                self._channels,
                now,
                but=broadcast.id,
                written_since=self._reached(),
            )
            page = await audience.page(connection, query, after=after, limit=LOT)
            upto = page[-1][0] if len(page) == LOT else None
            if not broadcast.audience.signed:
                return ([row[0] for row in page], []), upto
            petition = broadcast.audience.petition(self._campaign())
            marks = {
                self._keys.petition_pseudonym(
                    petition, channel, self._keys.unseal(sealed, ADDRESS).decode()
                ): pseudonym
                for pseudonym, channel, sealed in page
            }
            signed = await signatures.find(connection, list(marks))
        signers = {marks[mark] for (_, mark) in signed}
        wanted = broadcast.audience.signed == "yes"
        return ([row[0] for row in page if (row[0] in signers) == wanted], []), upto
