"""How many supporters came by which poster, link or friend, day by day; not who."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.adding import adding
from bot.store.tables import arrivals


async def count(connection: AsyncConnection, came: Mapping[tuple[str, date], int]) -> None:
    """Add so many arrivals to each source and day."""
    if came:
        await connection.execute(
            adding(arrivals, "count", connection.dialect.name),
            [
                {"source": source, "day": day, "count": number}
                for (source, day), number in came.items()
            ],
        )
