"""An audience as a query: the subscribers of a topic to whom the conditions apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.broadcast_rules.audience import IN_A_SCENE, Audience
from bot.campaign.effects import Evidence
from bot.store.broadcasts import records
from bot.store.broadcasts.deliveries import Fate
from bot.store.broadcasts.tables import deliveries
from bot.store.people.tables import acts, subscriptions, supporters

Query = Select[Any]


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

    Whether they signed is not in it: signatures stand under pseudonyms of their own.
    """
    conditions = [
        supporters.c.ended_at.is_(None),
        supporters.c.channel.in_(channels),
        supporters.c.seen_at <= now - IN_A_SCENE,
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
    for wanted, evidence in (
        (audience.done, Evidence.DECLARED),
        (audience.pledged, Evidence.PLEDGED),
    ):
        if wanted:
            acted = _acted(evidence, audience.case)
            conditions.append(acted if wanted == "yes" else ~acted)
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


def _acted(evidence: Evidence, case: str) -> ColumnElement[bool]:
    found = select(acts.c.pseudonym).where(
        acts.c.pseudonym == supporters.c.pseudonym, acts.c.evidence == evidence.value
    )
    return (found.where(acts.c.case == case) if case else found).exists()


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


async def count(connection: AsyncConnection, query: Query) -> int:
    """How many they are."""
    return await connection.scalar(select(func.count()).select_from(query.subquery())) or 0


async def page(
    connection: AsyncConnection, query: Query, *, after: bytes, limit: int
) -> list[tuple[bytes, str, bytes]]:
    """The next of them behind that pseudonym."""
    rows = await connection.execute(
        query.where(supporters.c.pseudonym > after).order_by(supporters.c.pseudonym).limit(limit)
    )
    return [tuple(row) for row in rows]
