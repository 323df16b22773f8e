"""How many supporters came by which poster, link or friend, day by day; not who."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.sharing import BY_A_FRIEND, FRIEND
from bot.store.people.tables import arrivals
from bot.store.upsert import upsert


async def count(connection: AsyncConnection, came: Mapping[tuple[str, date], int]) -> None:
    """Add so many arrivals to each source and day."""
    if came:
        await connection.execute(
            upsert(arrivals, "count", connection.dialect.name),
            [
                {"source": source, "day": day, "count": number}
                for (source, day), number in came.items()
            ],
        )


_BEHIND_FRIENDS = FRIEND[:-1] + chr(ord(FRIEND[-1]) + 1)


async def sources(connection: AsyncConnection, limit: int) -> list[str]:
    """The codes by which most supporters came, as their rows have them; friends are one."""
    # By ranges of the key: the codes of friends, of which there may be very many, are not read.
    ordinary = (arrivals.c.source > "") & or_(
        arrivals.c.source < FRIEND, arrivals.c.source >= _BEHIND_FRIENDS
    )
    rows = await connection.execute(
        select(arrivals.c.source)
        .where(ordinary)
        .group_by(arrivals.c.source)
        .order_by(func.sum(arrivals.c.count).desc(), arrivals.c.source)
        .limit(limit)
    )
    found = [str(name) for name in rows.scalars()]
    by_friends = await connection.scalar(
        select(arrivals.c.source).where(arrivals.c.source.startswith(FRIEND)).limit(1)
    )
    if by_friends is not None and BY_A_FRIEND not in found:
        found = [*found[: limit - 1], BY_A_FRIEND]
    return found
