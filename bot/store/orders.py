"""Orders of another process to the running bot, which alone works with the data directory.

``leave`` is the narrow way in for a process that does not hold the directory: one short
transaction on a connection of its own. The bot finds the order within a second.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import orders

BUSY = 5.0


@dataclass(frozen=True, slots=True)
class Order:
    """An act wanted from outside."""

    id: int
    broadcast: int
    act: str
    value: str


def leave(file: Path, broadcast: int, act: str, value: str) -> int:
    """Leave an order in the database of a running bot; its number."""
    with closing(sqlite3.connect(file, timeout=BUSY)) as connection, connection:
        cursor = connection.execute(
            "INSERT INTO orders (broadcast, act, value, at) VALUES (?, ?, ?, ?)",
            (broadcast, act, value, round(time.time() * 1000)),
        )
        return int(cursor.lastrowid or 0)


def answer(file: Path, order: int) -> str | None:
    """What the bot said to an order; None as long as it has not."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=BUSY)) as connection:
        row = connection.execute("SELECT answer FROM orders WHERE id = ?", (order,)).fetchone()
    return None if row is None else row[0]


async def waiting(connection: AsyncConnection) -> list[Order]:
    """Orders that nobody has answered, the oldest first."""
    rows = await connection.execute(
        select(orders.c.id, orders.c.broadcast, orders.c.act, orders.c.value)
        .where(orders.c.answer.is_(None))
        .order_by(orders.c.id)
    )
    return [Order(*row) for row in rows]


async def settle(connection: AsyncConnection, order: int, said: str) -> None:
    """Answer an order."""
    await connection.execute(update(orders).where(orders.c.id == order).values(answer=said))


async def drop(connection: AsyncConnection, before: datetime) -> None:
    """Delete orders older than that time, answered or not: nobody waits for them any more."""
    if await connection.scalar(select(func.count()).select_from(orders)):
        await connection.execute(delete(orders).where(orders.c.at < before))
