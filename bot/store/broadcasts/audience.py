"""An audience as a query: the subscribers of a topic to whom the conditions apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.broadcast_rules.audience import Audience
from bot.store.broadcasts import records
from bot.store.broadcasts.deliveries import Fate
from bot.store.broadcasts.tables import deliveries
from bot.store.people.tables import subscriptions, supporters

Query = Select[Any]
LOT = 500


async def query(
    connection: AsyncConnection,
    audience: Audience,
    channels: Sequence[str],
    now: datetime,
    *,
    but: int = 0,
    written_since: Mapping[str, datetime] = MappingProxyType({}),
) -> Query:
    """Supporters (pseudonym, channel, sealed address) by pseudonym. ``but``: the broadcast itself.
    ``written_since``: on channels that take unasked messages for a while only, since when somebody
    must have written.

    Whether they signed or acted is not in it: that stands under pseudonyms of its own. Nor who is
    talking just now, which is not in the database.
    """
    conditions: list[ColumnElement[bool]] = [
        supporters.c.ended_at.is_(None),
        supporters.c.channel.in_(channels),
    ]
    conditions += [
        (supporters.c.channel != channel) | (supporters.c.seen_at > since)
        for channel, since in written_since.items()
    ]
    if audience.languages:
        conditions.append(supporters.c.language.in_(audience.languages))
    if audience.case:
        conditions.append(supporters.c.case == audience.case)
    if audience.source:
        # Written on one poster like this and on another like that, it is the same.
        conditions.append(func.lower(supporters.c.source) == audience.source.lower())
    if audience.active_days:
        conditions.append(supporters.c.seen_at >= now - timedelta(days=audience.active_days))
    if audience.rest_hours:
        since = now - timedelta(hours=audience.rest_hours)
        lately = [number for number in await records.recent(connection, since) if number != but]
        conditions += [~_had(number, since) for number in lately]
    return (
        select(supporters.c.pseudonym, supporters.c.channel, supporters.c.address_sealed)
        .join(
            subscriptions,
            and_(
                subscriptions.c.pseudonym == supporters.c.pseudonym,
                subscriptions.c.topic == audience.topic,
            ),
        )
        .where(*conditions)
    )


def _had(number: int, since: datetime) -> ColumnElement[bool]:
    return (
        select(deliveries.c.pseudonym)
        .where(
            deliveries.c.broadcast == number,
            deliveries.c.pseudonym == supporters.c.pseudonym,
            deliveries.c.state.in_((Fate.SENT, Fate.UNKNOWN, Fate.AGAIN, Fate.SENDING)),
            deliveries.c.at.is_(None) | (deliveries.c.at > int(since.timestamp())),
        )
        .exists()
    )


async def count(connection: AsyncConnection, query: Query, talking: Sequence[bytes]) -> int:
    """How many they are, but for those who are talking just now."""
    number = await _count(connection, query)
    for start in range(0, len(talking), LOT):
        some = supporters.c.pseudonym.in_(talking[start : start + LOT])
        number -= await _count(connection, query.where(some))
    return number


async def _count(connection: AsyncConnection, query: Query) -> int:
    return await connection.scalar(select(func.count()).select_from(query.subquery())) or 0


async def page(
    connection: AsyncConnection, query: Query, *, after: bytes, limit: int
) -> list[tuple[bytes, str, bytes]]:
    """The next of them behind that pseudonym."""
    rows = await connection.execute(
        query.where(supporters.c.pseudonym > after).order_by(supporters.c.pseudonym).limit(limit)
    )
    return [tuple(row) for row in rows]
