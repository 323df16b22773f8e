"""The end of a petition's signatures: their totals are frozen, their rows deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import delete, exists, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.petitions.tables import frozen_totals, handovers, signatures
from bot.store.upsert import insert_new

LOT = 1_000


@dataclass(frozen=True, slots=True)
class Frozen:
    """What remains of a petition: the day of the destruction, and totals."""

    petition: str
    day: date
    totals: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pack:
    """A hand-over pack that was made."""

    checksum: str
    made_on: date
    total: int


async def freeze(
    connection: AsyncConnection, petition: str, day: date, totals: Mapping[str, Any]
) -> None:
    """Keep these totals in place of the rows; done once."""
    await connection.execute(
        insert(frozen_totals).values(
            petition=petition, day=day, totals=orjson.dumps(totals).decode()
        )
    )


async def frozen(connection: AsyncConnection, petition: str) -> Frozen | None:
    """The frozen totals of a petition, None while its signatures are there."""
    row = (
        await connection.execute(select(frozen_totals).where(frozen_totals.c.petition == petition))
    ).first()
    return None if row is None else Frozen(row.petition, row.day, orjson.loads(row.totals))


async def drop_lot(connection: AsyncConnection, petition: str) -> int:
    """Delete a lot of the petition's rows; 0 when there are none left."""
    lot = (
        select(signatures.c.pseudonym)
        .where(signatures.c.petition == petition)
        .order_by(signatures.c.pseudonym)
        .limit(LOT)
    )
    found = await connection.execute(
        delete(signatures).where(signatures.c.petition == petition, signatures.c.pseudonym.in_(lot))
    )
    return found.rowcount


async def has_rows(connection: AsyncConnection, petition: str) -> bool:
    """Whether any row of the petition is there."""
    found = exists().where(signatures.c.petition == petition)
    return bool(await connection.scalar(select(found)))


async def packed(connection: AsyncConnection, petition: str, pack: Pack) -> None:
    """Note that a pack was made; making the same again changes nothing."""
    await connection.execute(
        insert_new(handovers, connection.dialect.name),
        {
            "petition": petition,
            "checksum": pack.checksum,
            "made_on": pack.made_on,
            "total": pack.total,
        },
    )


async def packs(connection: AsyncConnection, petition: str) -> list[Pack]:
    """The packs that were made, the newest last."""
    rows = await connection.execute(
        select(handovers.c.checksum, handovers.c.made_on, handovers.c.total)
        .where(handovers.c.petition == petition)
        .order_by(handovers.c.made_on, handovers.c.checksum)
    )
    return [Pack(*row) for row in rows]
