"""Numbers that are never given twice, handed out within the transaction that uses them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import sequences
from bot.store.upsert import insert_or_set, upsert


async def take(connection: AsyncConnection, name: str, how_many: int) -> int:
    """The first of so many new numbers in a row; the very first is 1."""
    statement = _taking(connection.dialect.name)
    result = await connection.execute(statement, {"name": name, "last": how_many})
    return int(result.scalar_one()) - how_many + 1


async def last(connection: AsyncConnection, name: str) -> int:
    """The newest number that was given; 0 for none."""
    found = await connection.scalar(select(sequences.c.last).where(sequences.c.name == name))
    return found or 0


async def put(connection: AsyncConnection, name: str, number: int) -> None:
    """Keep a number that is no sequence, but stands for one."""
    statement = insert_or_set(sequences, ("last",), connection.dialect.name)
    await connection.execute(statement, {"name": name, "last": number})


@lru_cache
def _taking(dialect: str) -> Any:
    return upsert(sequences, "last", dialect).returning(sequences.c.last)
