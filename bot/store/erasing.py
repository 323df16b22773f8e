"""Erasing supporters: every table that holds rows of theirs, in one place.

Signatures are not among them: nothing here could tell whose they are. They are taken out by their
supporter (``effects.Forget``) or destroyed with their petition's key.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import counters, dead_letters, deliveries, outbox, supporters, web_turns
from bot.store.tables import acts, subscriptions

Erasure = Callable[[AsyncConnection, Collection[bytes]], Awaitable[None]]

BESIDE: tuple[Erasure, ...] = (
    deliveries.erase,
    outbox.erase,
    dead_letters.erase,
    web_turns.erase,
)
"""For tables whose rows do not go with the supporter's own row by themselves."""


async def beside(connection: AsyncConnection, pseudonyms: Collection[bytes]) -> None:
    """Delete what is held on these people besides their own rows."""
    if pseudonyms:
        for erase in BESIDE:
            await erase(connection, pseudonyms)


async def erase(connection: AsyncConnection, pseudonyms: Collection[bytes]) -> None:
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
    kind = (acts.c.case, acts.c.action, acts.c.evidence)
    for case, action, evidence, number in await connection.execute(
        select(*kind, func.count()).where(acts.c.pseudonym.in_(pseudonyms)).group_by(*kind)
    ):
        fewer[counters.of_acts(case, action, evidence)] = -number
    await beside(connection, pseudonyms)
    await supporters.erase(connection, pseudonyms)
    await counters.change(connection, fewer)
