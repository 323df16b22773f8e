"""The counters as the public sees them: copied at the first act of each full hour.

Whoever watches a live counter sees one more the moment somebody signs; between two hours many do,
or nobody can tell (figures are rounded besides, see ``campaign.crowd``).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.counters import values
from bot.store.tables import counters, published

HOUR = "hour"
"""The row that says of which hour the others are; no counter is called so."""


async def at_hour(connection: AsyncConnection, hour: int, names: Iterable[str]) -> dict[str, int]:
    """The published figures of these names, taken now where the hour is a new one.

    In a transaction that writes, before anything of it is counted.
    """
    wanted = list(names)
    kept = await values(connection, [HOUR, *wanted], of=published)
    if kept.pop(HOUR) != hour:
        await connection.execute(delete(published))
        await connection.execute(
            insert(published).from_select(
                ["name", "value"], select(counters.c.name, counters.c.value)
            )
        )
        await connection.execute(insert(published).values(name=HOUR, value=hour))
        kept = await values(connection, wanted, of=published)
    return kept


async def is_of(connection: AsyncConnection, hour: int) -> bool:
    """Whether the published figures are those of that hour."""
    return (await values(connection, [HOUR], of=published))[HOUR] == hour
