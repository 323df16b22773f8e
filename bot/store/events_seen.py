"""The ids of events that were recorded, so that a repeat changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.events import Event
from bot.store.tables import events_seen


async def find(connection: AsyncConnection, channel: str, ids: Collection[str]) -> frozenset[str]:
    """Those of these ids that were recorded already."""
    if not ids:
        return frozenset()
    rows = await connection.execute(
        select(events_seen.c.id).where(events_seen.c.channel == channel, events_seen.c.id.in_(ids))
    )
    return frozenset(row[0] for row in rows)


async def unseen(connection: AsyncConnection, events: Iterable[Event]) -> list[Event]:
    """Those that were not recorded before, each once."""
    by_channel: dict[str, dict[str, Event]] = {}
    for event in events:
        by_channel.setdefault(event.channel, {}).setdefault(event.id, event)
    fresh: list[Event] = []
    for channel, waiting in by_channel.items():
        seen = await find(connection, channel, list(waiting))
        fresh += [event for number, event in waiting.items() if number not in seen]
    return fresh


async def add(connection: AsyncConnection, seen: Collection[tuple[str, str]], at: datetime) -> None:
    """Record ids (with their channel) that were not there."""
    if seen:
        await connection.execute(
            insert(events_seen),
            [{"channel": channel, "id": number, "at": at} for channel, number in seen],
        )
