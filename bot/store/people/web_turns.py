"""The conversations of the chat page, kept sealed so that a reload or another tab shows them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keys import Keys
from bot.store import sequences
from bot.store.people.tables import supporters, web_turns
from bot.store.schema import purpose

BODY = purpose(web_turns.c.sealed)

KEPT = timedelta(days=30)
"""Long enough to come back to a letter after a holiday; what counts (a signature, what was done)
is kept elsewhere and stays."""
MOST = 300
"""Turns of one visitor: a case walked through twice, with its letters, is about a hundred."""


NAMING = timedelta(hours=24)
"""What may hold a name or a town: what was typed, a letter. As long as answers for a letter."""


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A turn to be kept. ``turn`` is its id: a second one with the same id is not kept."""

    pseudonym: bytes
    turn: str
    body: dict[str, Any] = field(repr=False)

    @property
    def kept(self) -> timedelta:
        """How long: shorter where it may hold what somebody typed about themselves."""
        typed = self.body.get("own", {}).get("kind") == "say"
        message = self.body.get("message", {})
        return NAMING if typed or message.get("block") or message.get("attachment") else KEPT


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A turn as it is kept. Numbers rise with the time of writing."""

    pseudonym: bytes
    number: int
    body: dict[str, Any] = field(repr=False)
    at: datetime


async def add(
    connection: AsyncConnection, keys: Keys, turns: Sequence[NewTurn], at: datetime
) -> list[StoredTurn | None]:
    """Keep turns; for each the turn as kept, None where its id was there already."""
    known = await _known(connection, turns)
    fresh: dict[tuple[bytes, str], NewTurn] = {}
    for turn in turns:
        if (turn.pseudonym, turn.turn) not in known:
            fresh.setdefault((turn.pseudonym, turn.turn), turn)
    if not fresh:
        return [None] * len(turns)
    first = await sequences.take(connection, "web_turns", len(fresh))
    kept = {
        mark: StoredTurn(turn.pseudonym, number, turn.body, at)
        for number, (mark, turn) in enumerate(fresh.items(), start=first)
    }
    await connection.execute(
        insert(web_turns),
        [
            {
                "pseudonym": turn.pseudonym,
                "number": turn.number,
                "turn": mark[1],
                "sealed": keys.seal(orjson.dumps(turn.body), BODY),
                "at": at,
                "until": at + fresh[mark].kept,
            }
            for mark, turn in kept.items()
        ],
    )
    await _trim(connection, {turn.pseudonym for turn in kept.values()})
    return [kept.pop((turn.pseudonym, turn.turn), None) for turn in turns]


async def _known(
    connection: AsyncConnection, turns: Sequence[NewTurn]
) -> frozenset[tuple[bytes, str]]:
    rows = await connection.execute(
        select(web_turns.c.pseudonym, web_turns.c.turn).where(
            web_turns.c.pseudonym.in_({turn.pseudonym for turn in turns}),
            web_turns.c.turn.in_({turn.turn for turn in turns}),
        )
    )
    return frozenset((row.pseudonym, row.turn) for row in rows)


async def _trim(connection: AsyncConnection, pseudonyms: Collection[bytes]) -> None:
    """Delete each visitor's oldest turns beyond the number that is kept."""
    rows = [{"whose": pseudonym} for pseudonym in pseudonyms]
    await connection.execute(_TRIM, rows)


_NEWEST_TO_GO = (
    select(web_turns.c.number)
    .where(web_turns.c.pseudonym == bindparam("whose"))
    .order_by(web_turns.c.number.desc())
    .offset(MOST)
    .limit(1)
    .scalar_subquery()
)
_TRIM = delete(web_turns).where(
    web_turns.c.pseudonym == bindparam("whose"), web_turns.c.number <= _NEWEST_TO_GO
)


async def since(
    connection: AsyncConnection, keys: Keys, pseudonym: bytes, after: int
) -> list[StoredTurn]:
    """A visitor's turns behind that number (0: all that are kept), in order."""
    rows = await connection.execute(
        select(web_turns.c.number, web_turns.c.sealed, web_turns.c.at)
        .where(web_turns.c.pseudonym == pseudonym, web_turns.c.number > after)
        .order_by(web_turns.c.number)
    )
    return [StoredTurn(pseudonym, row.number, _open(keys, row.sealed), row.at) for row in rows]


async def one(
    connection: AsyncConnection, keys: Keys, pseudonym: bytes, number: int
) -> StoredTurn | None:
    """That turn of that visitor; None where they have none of that number."""
    row = (
        await connection.execute(
            select(web_turns.c.sealed, web_turns.c.at).where(
                web_turns.c.pseudonym == pseudonym, web_turns.c.number == number
            )
        )
    ).one_or_none()
    return None if row is None else StoredTurn(pseudonym, number, _open(keys, row.sealed), row.at)


async def span(connection: AsyncConnection, pseudonym: bytes) -> tuple[int, int]:
    """The numbers of a visitor's oldest and newest turn; 0, 0 where nothing is kept."""
    row = (
        await connection.execute(
            select(func.min(web_turns.c.number), func.max(web_turns.c.number)).where(
                web_turns.c.pseudonym == pseudonym
            )
        )
    ).one()
    return row[0] or 0, row[1] or 0


def _open(keys: Keys, sealed: bytes) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(keys.unseal(sealed, BODY))
    return body


async def strangers(connection: AsyncConnection, pseudonyms: Collection[bytes]) -> frozenset[bytes]:
    """Those of these visitors on whom nothing is held: they were forgotten, or never came."""
    if not pseudonyms:
        return frozenset()
    held = await connection.execute(
        select(supporters.c.pseudonym)
        .where(supporters.c.pseudonym.in_(pseudonyms))
        .union(select(web_turns.c.pseudonym).where(web_turns.c.pseudonym.in_(pseudonyms)))
    )
    return frozenset(pseudonyms) - {row.pseudonym for row in held}


async def erase(connection: AsyncConnection, pseudonyms: Collection[bytes]) -> None:
    """Delete the conversations of these visitors."""
    if pseudonyms:
        await connection.execute(delete(web_turns).where(web_turns.c.pseudonym.in_(pseudonyms)))
