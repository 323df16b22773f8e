"""Numbers that are never given twice, handed out within the transaction that uses them."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import insert, sequences


async def take(connection: AsyncConnection, name: str, how_many: int) -> int:
    """The first of so many new numbers in a row; the very first is 1."""
    statement = insert(sequences, connection.dialect).values(name=name, last=how_many)
    result = await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["name"], set_={"last": sequences.c.last + statement.excluded.last}
        ).returning(sequences.c.last)
    )
    return int(result.scalar_one()) - how_many + 1
