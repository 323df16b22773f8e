"""What staff have set, by name: how many must approve, the urgent banner, the states of cases."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import staff_settings


async def values(connection: AsyncConnection) -> dict[str, str]:
    """All of it."""
    return {row.name: row.value for row in await connection.execute(select(staff_settings))}


async def put(connection: AsyncConnection, name: str, value: str) -> None:
    """Set one; "" takes it away."""
    if not value:
        await connection.execute(delete(staff_settings).where(staff_settings.c.name == name))
        return
    statement = sqlite.insert(staff_settings).values(name=name, value=value)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["name"], set_={"value": statement.excluded.value}
        )
    )
