"""The conversations of the chat page, kept sealed so that a reload or another tab shows them.

A row holds an event with all its answers, packed into one of two lengths, and each row takes the
same number of turns' numbers: how many answers there were, and how long, is not told. What tells
an answer (``NewTurns.ends``) goes with that answer; its row stays as long as any other, and is
empty.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy import (
    LargeBinary,
    Row,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keys import SEAL_SIZE, Keys, SealBroken
from bot.store import sequences, sizes
from bot.store.people.tables import supporters, web_turns
from bot.store.schema import purpose, row

log = structlog.get_logger()

BODY = purpose(web_turns.c.sealed)

KEPT = timedelta(days=30)
"""Long enough to come back to after a holiday; what counts (a signature, what was done) is kept
elsewhere and stays."""
MOST = 200
"""Rows of one visitor: a case walked through twice, with its letters, is about fifty."""
TURNS = 8
"""Numbers that a row takes; more turns than that take another row."""

Place = tuple[bytes, int]
"""A row: whose it is, and its number."""


@dataclass(frozen=True, slots=True)
class NewTurns:
    """Turns to be kept together. A second row with the same ``mark`` is not kept. ``ends``: when
    what they tell has its end, before ``KEPT`` is over. ``kept``: what is kept in the place of each
    of them, where that is not what open pages are told."""

    pseudonym: bytes
    mark: str
    bodies: Sequence[Mapping[str, Any]] = field(repr=False)
    ends: datetime | None = None
    kept: Sequence[Mapping[str, Any]] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A turn as it is kept. Numbers rise with the time of writing."""

    pseudonym: bytes
    number: int
    body: dict[str, Any] = field(repr=False)
    at: datetime


async def add(
    connection: AsyncConnection, keys: Keys, new: Sequence[NewTurns], at: datetime
) -> list[tuple[StoredTurn, ...]]:
    """Keep turns; for each the turns as open pages are told them, none where its mark was there
    already."""
    parts = [
        [
            (mark_of(keys, one, place), one, *bodies)
            for place, bodies in enumerate(
                zip(_rows(one.bodies), _rows(one.kept or one.bodies), strict=True)
            )
        ]
        for one in new
    ]
    known = await _known(connection, [(mark, one) for some in parts for mark, one, *_ in some])
    told: list[tuple[StoredTurn, ...]] = []
    rows: list[dict[str, object]] = []
    fresh = sum(mark not in known for some in parts for mark, *_ in some)
    number = await sequences.take(connection, "web_turns", fresh * TURNS) if fresh else 0
    for some in parts:
        stored: list[StoredTurn] = []
        for mark, one, bodies, kept in some:
            if mark in known:
                continue
            known.add(mark)
            rows.append(
                {
                    "pseudonym": one.pseudonym,
                    "number": number,
                    "mark": mark,
                    "sealed": seal(keys, one.pseudonym, number, kept, at, one.ends),
                    "at": at,
                }
            )
            stored += _numbered(one.pseudonym, number, bodies, at)
            number += TURNS
        told.append(tuple(stored))
    if rows:
        await connection.execute(insert(web_turns), rows)
        await connection.execute(_TRIM, [{"whose": one} for one in {one.pseudonym for one in new}])
    return told


def _rows(bodies: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Mapping[str, Any]]]:
    for start in range(0, len(bodies), TURNS):
        yield bodies[start : start + TURNS]


def mark_of(keys: Keys, one: NewTurns, place: int) -> bytes:
    """What names a row: of one length, and telling nothing, so that what came unasked is not told
    from an answer."""
    told = one.pseudonym + f"{one.mark}.{place}".encode()
    return keys.aside(told, web_turns.name)


async def _known(
    connection: AsyncConnection, marks: Sequence[tuple[bytes, NewTurns]]
) -> set[bytes]:
    rows = await connection.execute(
        select(web_turns.c.mark).where(
            web_turns.c.pseudonym.in_({one.pseudonym for _, one in marks}),
            web_turns.c.mark.in_({mark for mark, _ in marks}),
        )
    )
    return set(rows.scalars())


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


def seal(
    keys: Keys,
    pseudonym: bytes,
    number: int,
    bodies: Sequence[Mapping[str, Any]],
    at: datetime,
    ends: datetime | None,
) -> bytes:
    """A row's turns; the exact time is in it alone."""
    until = None if ends is None else ends.timestamp()
    plain = orjson.dumps({"at": at.timestamp(), "ends": until, "turns": list(bodies)})
    return keys.seal(sizes.packed(plain), BODY, row(pseudonym, number))


def _opened(keys: Keys, found: Row[Any]) -> dict[str, Any]:
    """One that was altered, or moved here from another row, holds nothing."""
    try:
        packed = keys.unseal(found.sealed, BODY, row(found.pseudonym, found.number))
        opened: dict[str, Any] = orjson.loads(sizes.unpacked(packed))
    except (SealBroken, zlib.error):
        log.error("seal_broken", column="web_turns.sealed")
        return {"at": 0, "ends": None, "turns": ()}
    return opened


def _numbered(
    pseudonym: bytes, number: int, bodies: Sequence[Mapping[str, Any]], at: datetime
) -> Iterator[StoredTurn]:
    for place, body in enumerate(bodies):
        yield StoredTurn(pseudonym, number + place, dict(body), at)


def _turns(keys: Keys, found: Row[Any]) -> Iterator[StoredTurn]:
    opened = _opened(keys, found)
    at = datetime.fromtimestamp(opened["at"], UTC)
    yield from _numbered(found.pseudonym, found.number, opened["turns"], at)


_ROW: Select[Any] = select(web_turns.c.pseudonym, web_turns.c.number, web_turns.c.sealed)


async def since(
    connection: AsyncConnection, keys: Keys, pseudonym: bytes, after: int
) -> list[StoredTurn]:
    """A visitor's turns behind that number (0: all that are kept), in order."""
    rows = await connection.execute(
        _ROW.where(web_turns.c.pseudonym == pseudonym, web_turns.c.number > after - TURNS).order_by(
            web_turns.c.number
        )
    )
    return [turn for found in rows for turn in _turns(keys, found) if turn.number > after]


async def one(
    connection: AsyncConnection, keys: Keys, pseudonym: bytes, number: int
) -> StoredTurn | None:
    """That turn of that visitor; None where they have none of that number."""
    rows = await connection.execute(
        _ROW.where(
            web_turns.c.pseudonym == pseudonym,
            web_turns.c.number.between(number - TURNS + 1, number),
        )
    )
    turns = (turn for found in rows for turn in _turns(keys, found))
    return next((turn for turn in turns if turn.number == number), None)


async def span(connection: AsyncConnection, pseudonym: bytes) -> tuple[int, int]:
    """The numbers of a visitor's oldest and newest turn; 0, 0 where nothing is kept."""
    first, last = (
        await connection.execute(
            select(func.min(web_turns.c.number), func.max(web_turns.c.number)).where(
                web_turns.c.pseudonym == pseudonym
            )
        )
    ).one()
    return (0, 0) if first is None else (first, last + TURNS - 1)


async def take_back(connection: AsyncConnection, keys: Keys, pseudonym: bytes, before: int) -> None:
    """Empty whatever of a visitor's turns before that number tells an answer: it was taken back."""
    rows = await connection.execute(
        _ROW.where(web_turns.c.pseudonym == pseudonym, web_turns.c.number < before)
    )
    await _empty(
        connection, keys, [found for found in rows if _opened(keys, found)["ends"] is not None]
    )


async def end(
    connection: AsyncConnection,
    keys: Keys,
    now: datetime,
    written_since: datetime,
    *,
    after: Place,
    limit: int,
) -> tuple[int, Place | None]:
    """Empty what has its end by now, among a page of rows behind that one that were written since
    then: how many there were, and where the next page begins (None: nowhere)."""
    rows = (
        await connection.execute(
            _ROW.where(
                web_turns.c.at >= written_since,
                tuple_(web_turns.c.pseudonym, web_turns.c.number) > after,
            )
            .order_by(web_turns.c.pseudonym, web_turns.c.number)
            .limit(limit)
        )
    ).all()
    over = [
        found
        for found in rows
        if (ends := _opened(keys, found)["ends"]) is not None and ends <= now.timestamp()
    ]
    await _empty(connection, keys, over)
    upto = (rows[-1].pseudonym, rows[-1].number) if len(rows) == limit else None
    return len(over), upto


async def _empty(connection: AsyncConnection, keys: Keys, rows: Collection[Row[Any]]) -> None:
    """What is left of a row is as long as before."""
    nothing = sizes.packed(orjson.dumps({"at": 0, "ends": None, "turns": []}))
    changed = [
        {
            "whose": one.pseudonym,
            "of": one.number,
            "empty": keys.seal(
                nothing.ljust(len(one.sealed) - SEAL_SIZE, b"\0"),
                BODY,
                row(one.pseudonym, one.number),
            ),
        }
        for one in rows
    ]
    if changed:
        await connection.execute(_EMPTY, changed)


_EMPTY = (
    update(web_turns)
    .where(web_turns.c.pseudonym == bindparam("whose"), web_turns.c.number == bindparam("of"))
    .values(sealed=bindparam("empty", type_=LargeBinary))
)


async def strangers(connection: AsyncConnection, pseudonyms: Collection[bytes]) -> frozenset[bytes]:
    """Those of these visitors on whom nothing is held: they were forgotten, or never came."""
    if not pseudonyms:
        return frozenset()
    held = await connection.execute(
        select(supporters.c.pseudonym)
        .where(supporters.c.pseudonym.in_(pseudonyms))
        .union(select(web_turns.c.pseudonym).where(web_turns.c.pseudonym.in_(pseudonyms)))
    )
    return frozenset(pseudonyms) - {found.pseudonym for found in held}


async def erase(connection: AsyncConnection, pseudonyms: Collection[bytes]) -> None:
    """Delete the conversations of these visitors."""
    if pseudonyms:
        await connection.execute(delete(web_turns).where(web_turns.c.pseudonym.in_(pseudonyms)))
