"""What staff have set, by name: how many must approve, the urgent banner, the states of cases."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import staff_settings
from bot.store.upsert import insert_or_set


async def values(connection: AsyncConnection) -> dict[str, str]:
    """All of it."""
    return {row.name: row.value for row in await connection.execute(select(staff_settings))}


async def put(connection: AsyncConnection, name: str, value: str) -> None:
    """Set one; "" takes it away."""
    if not value:
        await connection.execute(delete(staff_settings).where(staff_settings.c.name == name))
        return
    statement = insert_or_set(staff_settings, "value", connection.dialect.name)
    await connection.execute(statement, {"name": name, "value": value})
