"""How many supporters came to each stage, day by day; see ``bot.campaign.stages``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.stages import Counted, Dimension, Stage
from bot.store.tables import stages
from bot.store.upsert import upsert

Numbers = Mapping[Counted, int]


async def count(connection: AsyncConnection, day: date, came: Numbers) -> None:
    """Add so many to that day."""
    if came:
        await connection.execute(
            upsert(stages, "count", connection.dialect.name),
            [
                {
                    "day": day,
                    "dimension": dimension.value,
                    "value": value,
                    "stage": stage.value,
                    "count": number,
                }
                for (dimension, value, stage), number in came.items()
            ],
        )


async def between(connection: AsyncConnection, first: date, last: date) -> dict[Counted, int]:
    """All that was counted from one day to another, these included."""
    c = stages.c
    rows = await connection.execute(
        select(c.dimension, c.value, c.stage, func.sum(c.count))
        .where(c.day.between(first, last))
        .group_by(c.dimension, c.value, c.stage)
    )
    return {
        (Dimension(dimension), value, Stage(stage)): int(number)
        for dimension, value, stage, number in rows
    }


async def by_day(
    connection: AsyncConnection, first: date, last: date
) -> dict[tuple[date, Stage], int]:
    """The same day by day, of everybody."""
    c = stages.c
    # One by one, so that the key leads to the few rows of each: a year has a hundred thousand.
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    rows = await connection.execute(
        select(c.day, c.stage, c.count).where(c.day.in_(days), c.dimension == Dimension.ALL.value)
    )
    return {(day, Stage(stage)): int(number) for day, stage, number in rows}


async def since(connection: AsyncConnection) -> date | None:
    """The first day that is counted; None before anything was."""
    found: date | None = await connection.scalar(select(func.min(stages.c.day)))
    return found
