"""Counters and rows must always say the same: proven by a recount, repaired, and told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.signatures import SignatureState, Signer
from bot.clock import utc_now
from bot.store import alarms, counters
from bot.store.database import Database
from bot.store.petitions import tallies
from bot.store.petitions.tables import frozen_totals, signatures

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Recount:
    """``drifted``: counters as (kept, counted) where these differ. ``book``: petitions and kinds of
    signers as (what the second book says, rows) where these differ. ``checked``: how many counters
    there are."""

    checked: int
    drifted: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    book: Mapping[tuple[str, Signer], tuple[int, int]] = field(default_factory=dict)

    @property
    def is_right(self) -> bool:
        """Whether everything agrees."""
        return not self.drifted and not self.book


DRIFT = "drift"
"""The alarm that owners get when it was so."""


async def recount(
    store: Database, today: date, *, now: datetime | None = None, repair: bool = True
) -> Recount:
    """Compare every counter with the rows; where they differ, it is an alarm, and the rows win.

    Unless rows are lost in a damaged page, of which SQLite reads what is left without a word: then
    nothing is repaired. ``now``: when it was found, for owners. Raises ``DatabaseDamaged``.
    """
    async with store.reading() as connection:
        found = await _compared(connection)
    if found.is_right:
        return found
    await store.prove_sound()
    # A reader sees no single moment: what differs is proven while nobody can write.
    async with store.writing() as connection:
        found = await _compared(connection)
        if not found.is_right and repair:
            await counters.repair(connection, await counters.recount(connection))
            await alarms.begin(connection, DRIFT, now or utc_now())
            await tallies.count(
                connection,
                {
                    (*whose, today, tallies.Change.ADJUSTED): rows - said
                    for whose, (said, rows) in found.book.items()
                },
            )
    if not found.is_right:
        log.error(
            "counters_drifted",
            counters=sorted(found.drifted),
            book=[":".join(whose) for whose in sorted(found.book)],
            repaired=repair,
        )
    return found


async def _compared(connection: AsyncConnection) -> Recount:
    kept = await counters.all_values(connection)
    right = await counters.recount(connection)
    drifted = {
        name: (kept.get(name, 0), right.get(name, 0))
        for name in kept.keys() | right.keys()
        if kept.get(name, 0) != right.get(name, 0)
    }
    return Recount(len(kept.keys() | right.keys()), drifted, await _book(connection))


async def _book(connection: AsyncConnection) -> dict[tuple[str, Signer], tuple[int, int]]:
    """Petitions whose rows are not what the second book says. Destroyed ones have no rows."""
    frozen = set((await connection.execute(select(frozen_totals.c.petition))).scalars())
    columns = (signatures.c.petition, signatures.c.signer)
    rows: dict[tuple[str, Signer], int] = {}
    for petition, signer, number in await connection.execute(
        select(*columns, func.count())
        .where(signatures.c.state != SignatureState.SPENT.value)
        .group_by(*columns)
    ):
        rows[petition, Signer(signer)] = number
    told = {
        whose: tallies.balance(happened)
        for whose, happened in (await tallies.totals(connection)).items()
    }
    return {
        whose: (told.get(whose, 0), rows.get(whose, 0))
        for whose in told.keys() | rows.keys()
        if whose[0] not in frozen and told.get(whose, 0) != rows.get(whose, 0)
    }
