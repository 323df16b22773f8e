"""The log of all that staff do: only grows, and each entry's hash covers the one before it.

The hashes are made with a key that is not in the database: whoever changes a row cannot make the
chain fit again.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keys import Keys
from bot.store import sequences
from bot.store.tables import audit

SEQUENCE = "audit"
END = "audit_end"
"""Says, as only the keys can, how many entries there are: nobody else can take the last ones away
and leave a log that looks whole."""
PAGE = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody did something. ``detail`` holds nothing personal."""

    who: str
    act: str
    broadcast: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry as it stands in the log."""

    number: int
    at: datetime
    entry: Entry


async def add(
    connection: AsyncConnection, keys: Keys, entries: Sequence[Entry], at: datetime
) -> None:
    """Put entries at the end of the log."""
    if not entries:
        return
    first = await sequences.take(connection, SEQUENCE, len(entries))
    before = await connection.scalar(select(audit.c.hash).order_by(audit.c.number.desc()).limit(1))
    rows = []
    for number, entry in enumerate(entries, start=first):
        before = _hash(keys, before or b"", number, at, entry)
        rows.append(
            {
                "number": number,
                "at": at,
                "who": entry.who,
                "act": entry.act,
                "broadcast": entry.broadcast,
                "detail": entry.detail,
                "hash": before,
            }
        )
    await connection.execute(insert(audit), rows)
    await sequences.put(connection, END, _end(keys, first + len(entries) - 1))


def _end(keys: Keys, number: int) -> int:
    """63 bits, as many as a column of whole numbers holds."""
    return int.from_bytes(keys.chain(b"end %d" % number)[:8]) >> 1


def _hash(keys: Keys, before: bytes, number: int, at: datetime, entry: Entry) -> bytes:
    told = json.dumps(
        [
            before.hex(),
            number,
            round(at.timestamp() * 1000),
            entry.who,
            entry.act,
            entry.broadcast,
            entry.detail,
        ],
        ensure_ascii=True,
    )
    return keys.chain(told.encode())


async def verify(connection: AsyncConnection, keys: Keys) -> tuple[int, int | None]:
    """How many entries there are, and the number of the first that does not fit (None: all fit)."""
    expected = 1
    before = b""
    while True:
        rows = (
            await connection.execute(
                select(audit).where(audit.c.number >= expected).order_by(audit.c.number).limit(PAGE)
            )
        ).all()
        for row in rows:
            entry = Entry(row.who, row.act, row.broadcast, row.detail)
            fits = _hash(keys, before, row.number, row.at, entry)
            if row.number != expected or not hmac.compare_digest(fits, row.hash):
                return expected - 1, expected
            before = row.hash
            expected += 1
        if len(rows) < PAGE:
            break
    entries = expected - 1
    end = await sequences.last(connection, END)
    whole = end == (_end(keys, entries) if entries else 0)
    return entries, None if whole else expected


async def newest(
    connection: AsyncConnection,
    limit: int,
    *,
    who: str = "",
    act: str = "",
    broadcast: int = 0,
    before: int = 0,
) -> list[Logged]:
    """The newest entries, the newest first: of that mark, of that act, about that broadcast, with
    smaller numbers than ``before``, where these are given."""
    query = select(audit).order_by(audit.c.number.desc()).limit(limit)
    for given, wanted in (
        (who, audit.c.who == who),
        (act, audit.c.act == act),
        (broadcast, audit.c.broadcast == broadcast),
        (before, audit.c.number < before),
    ):
        if given:
            query = query.where(wanted)
    rows = await connection.execute(query)
    return [
        Logged(row.number, row.at, Entry(row.who, row.act, row.broadcast, row.detail))
        for row in rows
    ]


async def acts(connection: AsyncConnection) -> list[str]:
    """What was done at all, by the names of the commands."""
    return list((await connection.execute(select(audit.c.act).distinct())).scalars())
