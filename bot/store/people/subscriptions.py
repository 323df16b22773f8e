"""Who takes updates on which topic, since when, and under which wording they agreed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.people.tables import subscriptions


@dataclass(frozen=True, slots=True)
class Consent:
    """The wording that was agreed to, and the day."""

    wording_version: str
    day: date


async def find(
    connection: AsyncConnection, pseudonyms: Collection[bytes]
) -> dict[bytes, frozenset[str]]:
    """The topics that these supporters take; who takes none is left out."""
    if not pseudonyms:
        return {}
    taken: dict[bytes, set[str]] = {}
    for pseudonym, topic in await connection.execute(_FIND, {"whose": list(pseudonyms)}):
        taken.setdefault(pseudonym, set()).add(topic)
    return {pseudonym: frozenset(topics) for pseudonym, topics in taken.items()}


_FIND = select(subscriptions.c.pseudonym, subscriptions.c.topic).where(
    subscriptions.c.pseudonym.in_(bindparam("whose", expanding=True))
)


async def add(connection: AsyncConnection, rows: Sequence[tuple[bytes, str, Consent]]) -> None:
    """Record subscriptions that were not there."""
    if rows:
        await connection.execute(
            insert(subscriptions),
            [
                {
                    "pseudonym": pseudonym,
                    "topic": topic,
                    "wording_version": consent.wording_version,
                    "day": consent.day,
                }
                for pseudonym, topic, consent in rows
            ],
        )


async def remove(connection: AsyncConnection, rows: Sequence[tuple[bytes, str]]) -> None:
    """Delete subscriptions."""
    if rows:
        await connection.execute(
            delete(subscriptions).where(
                subscriptions.c.pseudonym == bindparam("whose"),
                subscriptions.c.topic == bindparam("which"),
            ),
            [{"whose": pseudonym, "which": topic} for pseudonym, topic in rows],
        )
