"""Erasing supporters: every table that holds rows of theirs, in one place.

Signatures are not among them: nothing here could tell whose they are. They are taken out by their
supporter (``effects.Forget``) or destroyed with their petition's key.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keys import Keys
from bot.store import counters, dead_letters, outbox, sequences, tables
from bot.store.broadcasts import deliveries
from bot.store.people import acts as acts_store
from bot.store.people import inbox, page_tokens, reminders, share_codes, supporters, web_turns
from bot.store.people.tables import subscriptions
from bot.store.people.tables import supporters as supporters_table

NOT_CLEARED = "erasures"
"""Counts erasures until what they left behind is cleared away, and then stands there no more: a
bot that was killed in between goes on where it was."""

Erasure = Callable[[AsyncConnection, Collection[bytes]], Awaitable[None]]
ErasureAside = Callable[[AsyncConnection, Keys, Collection[bytes]], Awaitable[None]]

BESIDE: tuple[Erasure, ...] = (outbox.erase, dead_letters.erase, web_turns.erase)
"""For tables whose rows do not go with the supporter's own row by themselves; deliveries beside."""
ASIDE: tuple[ErasureAside, ...] = (
    acts_store.erase,
    reminders.erase,
    share_codes.erase,
    page_tokens.erase,
    inbox.erase,
)
"""The same, where rows stand under pseudonyms of their own."""


async def beside(
    connection: AsyncConnection, keys: Keys, pseudonyms: Collection[bytes], now: datetime
) -> None:
    """Delete what is held on these people besides their own rows."""
    if pseudonyms:
        await deliveries.erase(connection, pseudonyms, now)
        for erase in BESIDE:
            await erase(connection, pseudonyms)
        for erase_aside in ASIDE:
            await erase_aside(connection, keys, pseudonyms)
        await left_something(connection)


async def erase(
    connection: AsyncConnection, keys: Keys, pseudonyms: Collection[bytes], now: datetime
) -> None:
    """Delete these supporters, all of whom are known, and all rows of theirs."""
    if not pseudonyms:
        return
    fewer: dict[str, int] = {}
    for topic, number in await connection.execute(
        select(subscriptions.c.topic, func.count())
        .where(subscriptions.c.pseudonym.in_(pseudonyms))
        .group_by(subscriptions.c.topic)
    ):
        fewer[counters.of_subscriptions(topic)] = -number
    for act, number in (await acts_store.counted(connection, keys, pseudonyms)).items():
        fewer[counters.of_acts(*act)] = -number
    await beside(connection, keys, pseudonyms, now)
    await supporters.erase(connection, pseudonyms)
    await counters.change(connection, fewer)


async def left_something(connection: AsyncConnection) -> None:
    """Something of people was erased, which still stands in the log and in the file."""
    await sequences.take(connection, NOT_CLEARED, 1)


async def not_cleared(connection: AsyncConnection) -> int:
    """How many erasures have left something in the database's log and file; 0 for none."""
    return await sequences.last(connection, NOT_CLEARED)


async def cleared(connection: AsyncConnection, erasures: int) -> None:
    """Nothing is left of so many erasures; where another one has come since, it still is."""
    kept = tables.sequences
    await connection.execute(
        delete(kept).where(kept.c.name == NOT_CLEARED, kept.c.last == erasures)
    )


async def farewell_waits(connection: AsyncConnection) -> bool:
    """Whether a message to somebody of whom nothing else is kept has yet to go out."""
    waiting = tables.outbox
    known = select(supporters_table.c.pseudonym).where(
        supporters_table.c.pseudonym == waiting.c.pseudonym
    )
    found = await connection.scalar(select(waiting.c.id).where(~known.exists()).limit(1))
    return found is not None
