"""Signatures of browsers by their lots: all that came from one network on one day.

The number of a lot is sealed in each row, so only whoever has the keys can put one together; from
which network it came nobody can.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date

import structlog
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.desk_commands.settings import DecideLots, Verdict
from bot.campaign.events import NO_LOT
from bot.campaign.held import Lot
from bot.campaign.signatures import BACK, IN_THE_NUMBER, OUT, SignatureState, Signer
from bot.keys import Keys, SealBroken
from bot.store import counters
from bot.store.petitions import held
from bot.store.petitions.held import Decision
from bot.store.petitions.signatures import lot_of
from bot.store.petitions.tables import signatures

log = structlog.get_logger()

PAGE = 1_000
"""Rows unsealed at a time, between which others are served."""
BECOMES = {Verdict.TAKE_OUT: OUT, Verdict.PUT_BACK: BACK}


Day = tuple[str, date]
"""A petition and a day."""


async def days(connection: AsyncConnection, *, limit: int) -> dict[Day, int]:
    """The newest days on which browsers signed, and how many did."""
    rows = await connection.execute(
        select(signatures.c.petition, signatures.c.day, func.count())
        .where(signatures.c.signer == Signer.BROWSER.value)
        .group_by(signatures.c.petition, signatures.c.day)
        .order_by(signatures.c.day.desc(), signatures.c.petition)
        .limit(limit)
    )
    return {(petition, day): number for petition, day, number in rows}


async def of_day(
    connection: AsyncConnection, keys: Keys, petition: str, day: date
) -> tuple[Lot, ...]:
    """The lots of that day, the largest first."""
    found: dict[str, Counter[SignatureState]] = {}
    async for _, state, _, lot in _rows(connection, keys, petition, day):
        found.setdefault(lot, Counter())[state] += 1
    lots = (
        Lot(
            name,
            sum(states[state] for state in IN_THE_NUMBER),
            states[SignatureState.PENDING],
            sum(states[state] for state in BACK),
        )
        for name, states in found.items()
    )
    return tuple(sorted(lots, key=lambda lot: (-lot.size, lot.name)))


async def decide(
    connection: AsyncConnection, keys: Keys, decision: DecideLots, by: str, today: date
) -> int:
    """Carry a decision out and put it on record; how many signatures it changed. ``by``: a role."""
    becomes, wanted = BECOMES[decision.verdict], frozenset(decision.lots)
    moved: Counter[str] = Counter()
    changed: list[dict[str, object]] = []
    async for pseudonym, state, country, lot in _rows(
        connection, keys, decision.petition, decision.day
    ):
        if lot not in wanted or state not in becomes:
            continue
        after = becomes[state]
        changed.append({"whose": pseudonym, "becomes": after.value})
        more = (after in IN_THE_NUMBER) - (state in IN_THE_NUMBER)
        for name in counters.of_signature(decision.petition, Signer.BROWSER, country):
            moved[name] += more
    if not changed:
        return 0
    await connection.execute(
        update(signatures)
        .where(
            signatures.c.petition == decision.petition,
            signatures.c.pseudonym == bindparam("whose"),
        )
        .values(state=bindparam("becomes")),
        changed,
    )
    await counters.change(connection, moved)
    await held.record(
        connection,
        Decision(
            number=0,
            petition=decision.petition,
            signer=Signer.BROWSER,
            day=decision.day,
            lots=decision.lots,
            verdict=decision.verdict,
            reason=decision.reason,
            by=by,
            signatures=len(changed),
            decided_on=today,
        ),
    )
    return len(changed)


async def _rows(
    connection: AsyncConnection, keys: Keys, petition: str, day: date
) -> AsyncIterator[tuple[bytes, SignatureState, str, str]]:
    """Pseudonym, state, country and lot of the browsers' signatures of that day."""
    columns = (signatures.c.pseudonym, signatures.c.state, signatures.c.country)
    after = b""
    while True:
        page = (
            await connection.execute(
                select(*columns, signatures.c.lot_sealed)
                .where(
                    signatures.c.petition == petition,
                    signatures.c.day == day,
                    signatures.c.signer == Signer.BROWSER.value,
                    signatures.c.state != SignatureState.SPENT.value,
                    signatures.c.pseudonym > after,
                )
                .order_by(signatures.c.pseudonym)
                .limit(PAGE)
            )
        ).all()
        for pseudonym, state, country, sealed in page:
            try:
                lot = lot_of(keys, sealed, petition, pseudonym)
            except SealBroken:
                log.error("seal_broken", column="signatures.lot")  # of no lot, and of none other's
                lot = NO_LOT
            yield pseudonym, SignatureState(state), country or "", lot
        if len(page) < PAGE:
            return
        after = page[-1].pseudonym
        await asyncio.sleep(0)
