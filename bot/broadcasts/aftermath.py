"""What recipients do after a broadcast has reached them – after it, which is not because of it.

Acts and signatures are kept by their day alone. So what somebody had done already on the day is
counted when it reaches them, and taken off later: a sum, which tells of nobody.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.broadcast_rules.broadcast import Broadcast
from bot.campaign.broadcast_rules.record import BroadcastRecord
from bot.campaign.content import CampaignNow
from bot.keys import Keys
from bot.store.broadcasts import deliveries, figures, records
from bot.store.broadcasts.deliveries import Ended, Fate
from bot.store.broadcasts.figures import FOLLOWED
from bot.store.database import Database
from bot.store.people import acts
from bot.store.people.acts import Act
from bot.store.people.supporters import open_address
from bot.store.people.tables import supporters

SIGNED = "signed"
LOT = 250
BREATH = 0.005
"""Seconds between two lots, in which conversations are served."""

Where = tuple[bytes, str, bytes]
"""A pseudonym, a channel and a sealed address."""


class Aftermath:
    """Counts with the keys, since signatures stand under pseudonyms of their own."""

    def __init__(self, store: Database, keys: Keys, campaign: CampaignNow):
        """Days are those of the campaign's clock."""
        self._store = store
        self._keys = keys
        self._campaign = campaign

    async def note_before(
        self, broadcast: Broadcast, connection: AsyncConnection, ends: Sequence[Ended]
    ) -> None:
        """Count what those whom it has reached now had done earlier on this day."""
        by_day: dict[date, list[bytes]] = {}
        for one in ends:
            if one.fate is Fate.SENT:
                by_day.setdefault(self._day(one.at), []).append(one.pseudonym)
        before: Counter[str] = Counter()
        for day, reached in by_day.items():
            before += _by_evidence(await acts.counted(connection, self._keys, reached, (day, day)))
            found = await connection.execute(
                select(
                    supporters.c.pseudonym, supporters.c.channel, supporters.c.address_sealed
                ).where(supporters.c.pseudonym.in_(reached))
            )
            where: list[Where] = [tuple(row) for row in found]
            before[SIGNED] += await self._signed(connection, broadcast, where, day, day)
        if +before:
            await records.add_before(connection, broadcast.id, +before)

    async def count(self, record: BroadcastRecord) -> Counter[str]:
        """How many acts (by evidence) and signatures came after it, within two days of reaching
        each recipient."""
        found = await self._from_its_day(record.broadcast)
        # What was there before and has been taken back since makes it too small, never too large.
        return found - Counter(record.report.get("before", {}))

    async def _from_its_day(self, broadcast: Broadcast) -> Counter[str]:
        """Acts, by evidence, and signatures of those who got it, from the day on which it reached
        them to two days later. What was done earlier on the very day is among them."""
        number: Counter[str] = Counter()
        after = b""
        while True:
            async with self._store.reading() as connection:
                lot = await deliveries.sent(
                    connection,
                    broadcast.id,
                    after=after,
                    limit=LOT,
                    fates=(Fate.SENT, Fate.RETRACTED),
                )
                by_day: dict[date, list[Where]] = {}
                for whose, _, channel, sealed, at in lot:
                    by_day.setdefault(self._day(at), []).append((whose, channel, sealed))
                for day, where in by_day.items():
                    last = day + FOLLOWED
                    reached = [one[0] for one in where]
                    acted = await acts.counted(connection, self._keys, reached, (day, last))
                    number += _by_evidence(acted)
                    number[SIGNED] += await self._signed(connection, broadcast, where, day, last)
            if len(lot) < LOT:
                return number
            after = lot[-1][0]
            await asyncio.sleep(BREATH)

    async def _signed(
        self,
        connection: AsyncConnection,
        broadcast: Broadcast,
        where: Iterable[Where],
        first: date,
        last: date,
    ) -> int:
        petition = broadcast.audience.petition(self._campaign())
        if not self._keys.has_petition_key(petition):
            return 0
        marks = [
            self._keys.petition_pseudonym(petition, channel, address)
            for whose, channel, sealed in where
            if (address := open_address(self._keys, whose, sealed)) is not None
        ]
        return await figures.signed(connection, marks, first, last)

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._campaign().time_zone)

    def _day(self, at: int) -> date:
        return datetime.fromtimestamp(at, self._zone).date()


def _by_evidence(counted: Counter[Act]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (_, _, evidence), number in counted.items():
        found[evidence.value] += number
    return found
