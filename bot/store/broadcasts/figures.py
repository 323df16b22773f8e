"""Figures of a broadcast, counted from its deliveries."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.signatures import IN_THE_NUMBER
from bot.store.broadcasts.deliveries import Fate
from bot.store.broadcasts.tables import deliveries
from bot.store.people.tables import subscriptions, supporters
from bot.store.petitions.tables import signatures

FOLLOWED = timedelta(days=2)
"""So long after it has reached somebody what they do is told of."""


async def recount(connection: AsyncConnection, number: int) -> dict[Fate, int]:
    """How many messages have come to what, counted from the rows."""
    rows = await connection.execute(
        select(deliveries.c.state, func.count())
        .where(deliveries.c.broadcast == number)
        .group_by(deliveries.c.state)
    )
    return {Fate(state): count for state, count in rows}


async def over_time(
    connection: AsyncConnection, number: int, seconds: int
) -> list[tuple[int, int]]:
    """How many were sent in each stretch of so many seconds, by the stretch's beginning."""
    stretch = deliveries.c.at - deliveries.c.at % seconds
    rows = await connection.execute(
        select(stretch, func.count())
        .where(deliveries.c.broadcast == number, _REACHED)
        .group_by(stretch)
        .order_by(stretch)
    )
    return [(begin, count) for begin, count in rows]


async def by_language(connection: AsyncConnection, number: int) -> list[tuple[str, int]]:
    """How many were sent in each language of recipients, most first."""
    rows = await connection.execute(
        select(supporters.c.language, func.count())
        .join(deliveries, deliveries.c.pseudonym == supporters.c.pseudonym)
        .where(deliveries.c.broadcast == number, _REACHED)
        .group_by(supporters.c.language)
        .order_by(func.count().desc())
    )
    return [(language, count) for language, count in rows]


async def no_longer_take(connection: AsyncConnection, number: int, topic: str) -> tuple[int, int]:
    """Of those who got it: how many have blocked the bot since, how many have left the topic."""
    row = (
        await connection.execute(
            select(
                func.count(supporters.c.ended_at),
                func.count().filter(
                    supporters.c.ended_at.is_(None) & subscriptions.c.topic.is_(None)
                ),
            )
            .select_from(deliveries)
            .join(supporters, supporters.c.pseudonym == deliveries.c.pseudonym)
            .outerjoin(
                subscriptions,
                (subscriptions.c.pseudonym == deliveries.c.pseudonym)
                & (subscriptions.c.topic == topic),
            )
            .where(deliveries.c.broadcast == number, _REACHED)
        )
    ).one()
    return int(row[0]), int(row[1])


async def signed(
    connection: AsyncConnection, pseudonyms: Collection[bytes], first: date, last: date
) -> int:
    """How many counted signatures under these pseudonyms are from these days."""
    found = await connection.scalar(
        select(func.count())
        .select_from(signatures)
        .where(
            signatures.c.pseudonym.in_(pseudonyms),
            signatures.c.state.in_([state.value for state in IN_THE_NUMBER]),
            signatures.c.day.between(first, last),
        )
    )
    return found or 0


_REACHED = deliveries.c.state.in_((Fate.SENT, Fate.RETRACTED))
