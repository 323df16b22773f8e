"""Taking back what was sent, where the platform still allows it."""

from __future__ import annotations

import asyncio
from datetime import datetime

import structlog

from bot.broadcasts.pace import BroadcastPace
from bot.campaign.capabilities import changeable_since
from bot.campaign.channel import Amending, Channel, Refused, Sent
from bot.keys import Keys
from bot.store.broadcasts import deliveries, figures
from bot.store.broadcasts.deliveries import Fate
from bot.store.database import Database
from bot.store.people.supporters import open_address

log = structlog.get_logger()

LOT = 100


async def retract(
    store: Database,
    keys: Keys,
    channels: dict[str, Channel],
    pace: BroadcastPace,
    number: int,
    now: datetime,
) -> tuple[int, int]:
    """Delete a broadcast's messages, as far as the platform still allows it; how many recipients
    have theirs no longer, and how many still have it, by the rows.

    A second time only those are looked at that the first time did not reach.
    """
    deleting = [one.capabilities for one in channels.values() if one.capabilities.deletes]
    since = changeable_since(deleting, now)
    stop = asyncio.Event()
    after = b""
    while True:
        async with store.reading() as connection:
            lot = await deliveries.sent(connection, number, after=after, since=since, limit=LOT)
        done: list[bytes] = []
        for pseudonym, ref, channel_name, sealed, _ in lot:
            channel = channels.get(channel_name)
            address = open_address(keys, pseudonym, sealed)
            if address is None or not isinstance(channel, Amending):
                continue
            if await _deleted(channel, address, ref, pace, stop):
                done.append(pseudonym)
        async with store.writing() as connection:
            await deliveries.retracted(connection, number, done)
        if len(lot) < LOT:
            break
        after = lot[-1][0]
    async with store.reading() as connection:
        counted = await figures.recount(connection, number)
    deleted, kept = counted.get(Fate.RETRACTED, 0), counted.get(Fate.SENT, 0)
    log.info("broadcast_retracted", broadcast=number, deleted=deleted, kept=kept)
    return deleted, kept


async def _deleted(
    channel: Amending, address: str, ref: str, pace: BroadcastPace, stop: asyncio.Event
) -> bool:
    for _ in range(5):
        await pace.turn(stop)
        match await channel.delete(address, ref):
            case Sent():
                return True
            case Refused(retry_after=float() | int() as pause):
                pace.flooded(pause)
            case Refused(permanent=False):
                pace.troubled()
            case _:
                return False
    return False
