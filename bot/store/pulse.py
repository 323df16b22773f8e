"""The bot's own row: whether something can be written, and when that was last so."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import pulse
from bot.store.upsert import insert_or_set

_BOT = "bot"


async def beat(connection: AsyncConnection, at: datetime) -> None:
    """Write it."""
    statement = insert_or_set(pulse, ("at",), connection.dialect.name)
    await connection.execute(statement, {"name": _BOT, "at": at})


async def last(connection: AsyncConnection) -> datetime | None:
    """When it was last written; None before the first time."""
    at: datetime | None = await connection.scalar(select(pulse.c.at).where(pulse.c.name == _BOT))
    return at
