"""Who will get a broadcast: counted exactly, and fixed in lots that block nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.broadcast_rules.audience import IN_A_SCENE, Audience
from bot.campaign.broadcast_rules.broadcast import Broadcast
from bot.campaign.broadcast_rules.record import BroadcastRecord
from bot.campaign.capabilities import Capabilities, changeable_since, reached_since
from bot.campaign.content import CampaignNow
from bot.campaign.effects import Evidence
from bot.clock import Clock, utc_now
from bot.engine.talking import Talking
from bot.keys import Keys
from bot.store.broadcasts import audience, deliveries, records
from bot.store.database import Database
from bot.store.people import acts
from bot.store.people.supporters import open_address
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
        talking: Talking | None = None,
    ):
        """Reads and writes this store; signers are found by these keys. Who is ``talking`` when
        the recipients are fixed is left out."""
        self._store = store
        self._keys = keys
        self._campaign = campaign
        self._channels = [one.channel for one in channels]
        self._able = tuple(channels)
        self._editing = [one for one in channels if one.edits]
        self._clock = clock
        self._talking = talking or Talking(clock)

    def _reached(self) -> Mapping[str, datetime]:
        """Now, and not at the start: a window closes while a broadcast waits."""
        return reached_since(self._able, self._clock())

    async def count(self, broadcast: Broadcast) -> int:
        """How many would get it now."""
        now, aimed = self._clock(), broadcast.audience
        if not (broadcast.corrects or aimed.signed or aimed.done or aimed.pledged):
            async with self._store.reading() as connection:
                query = await audience.query(
                    connection,
                    aimed,
                    self._channels,
                    now,
                    but=broadcast.id,
                    written_since=self._reached(),
                )
                return await audience.count(
                    connection, query, self._talking.since(now - IN_A_SCENE)
                )
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
            scene = now - IN_A_SCENE
            page = [row for row in page if not self._talking.wrote_since(row[0], scene)]
            chosen = await self._acted(connection, broadcast.audience, [row[0] for row in page])
            if broadcast.audience.signed:
                chosen &= await self._signed(connection, broadcast.audience, page)
        return ([row[0] for row in page if row[0] in chosen], []), upto

    async def _acted(
        self, connection: AsyncConnection, aimed: Audience, page: list[bytes]
    ) -> set[bytes]:
        """Those of the page of whom it holds what the audience wants done and pledged."""
        chosen = set(page)
        asked = ((aimed.done, Evidence.DECLARED), (aimed.pledged, Evidence.PLEDGED))
        if not any(wanted for wanted, _ in asked):
            return chosen
        done = await acts.find(connection, self._keys, page)
        for wanted, evidence in asked:
            if wanted:
                acted = {
                    whose
                    for whose, theirs in done.items()
                    if any(e == evidence and aimed.case in ("", case) for case, _, e in theirs)
                }
                chosen &= acted if wanted == "yes" else chosen - acted
        return chosen

    async def _signed(
        self, connection: AsyncConnection, aimed: Audience, page: list[tuple[bytes, str, bytes]]
    ) -> set[bytes]:
        """Those of the page who signed, or did not, as the audience wants."""
        petition = aimed.petition(self._campaign())
        marks = {
            self._keys.petition_pseudonym(petition, channel, address): pseudonym
            for pseudonym, channel, sealed in page
            if (address := open_address(self._keys, pseudonym, sealed)) is not None
        }
        signed = await signatures.find(connection, list(marks))
        signers = {marks[mark] for (_, mark) in signed}
        return signers if aimed.signed == "yes" else {row[0] for row in page} - signers
