"""What staff ask for in the chat that changes nothing: previews, tests, reports.

Written with the press of the button, in one transaction, and answered by messages of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.broadcasts.tables import orders

TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Order:
    """Something wanted; ``value``: by whom, and for whom."""

    id: int
    broadcast: int
    act: str
    value: str


async def add(
    connection: AsyncConnection, broadcast: int, act: str, value: str, at: datetime
) -> None:
    """Leave an order."""
    await connection.execute(
        insert(orders).values(broadcast=broadcast, act=act, value=value, at=at)
    )


async def waiting(connection: AsyncConnection) -> list[Order]:
    """Orders that nobody has taken, the oldest first."""
    rows = await connection.execute(
        select(orders.c.id, orders.c.broadcast, orders.c.act, orders.c.value)
        .where(orders.c.answer.is_(None))
        .order_by(orders.c.id)
    )
    return [Order(*row) for row in rows]


async def settle(connection: AsyncConnection, taken: Sequence[int]) -> None:
    """These are being answered."""
    await connection.execute(update(orders).where(orders.c.id.in_(taken)).values(answer=TAKEN))


async def drop(connection: AsyncConnection, before: datetime) -> None:
    """Delete orders older than that time."""
    if await connection.scalar(select(func.count()).select_from(orders)):
        await connection.execute(delete(orders).where(orders.c.at < before))
