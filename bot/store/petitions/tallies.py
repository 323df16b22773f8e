"""What happened to signatures, day by day: a second book, against which the rows are checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.signatures import Signer
from bot.store.petitions.tables import tallies
from bot.store.upsert import upsert


class Change(StrEnum):
    """What is counted. ``ADJUSTED`` mends the book where it and the rows were at odds."""

    SIGNED = "signed"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"
    ADJUSTED = "adjusted"


SIGNS: Mapping[Change, int] = {
    Change.SIGNED: 1,
    Change.WITHDRAWN: -1,
    Change.ERASED: -1,
    Change.ADJUSTED: 1,
}

Tally = tuple[str, Signer, date, Change]
"""Petition, kind of signer, day, kind of change."""


async def count(connection: AsyncConnection, happened: Mapping[Tally, int]) -> None:
    """Add these numbers."""
    rows = [
        {
            "petition": petition,
            "signer": signer.value,
            "day": day,
            "kind": kind.value,
            "count": number,
        }
        for (petition, signer, day, kind), number in happened.items()
        if number
    ]
    if rows:
        await connection.execute(upsert(tallies, "count", connection.dialect.name), rows)


async def totals(connection: AsyncConnection) -> dict[tuple[str, Signer], dict[Change, int]]:
    """All that happened, by petition and kind of signer."""
    whose = (tallies.c.petition, tallies.c.signer)
    rows = await connection.execute(
        select(*whose, tallies.c.kind, func.sum(tallies.c.count)).group_by(*whose, tallies.c.kind)
    )
    found: dict[tuple[str, Signer], dict[Change, int]] = {}
    for petition, signer, kind, number in rows:
        found.setdefault((petition, Signer(signer)), {})[Change(kind)] = int(number)
    return found


def balance(happened: Mapping[Change, int]) -> int:
    """How many signatures there must be after all that."""
    return sum(SIGNS[kind] * number for kind, number in happened.items())
