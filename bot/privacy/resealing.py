"""Sealed again with the newest key, before an older one goes.

Whoever writes takes up the newest key at the beginning of their transaction (``Keys.take_up``), so
after ``rotate`` nothing is sealed with an older one, by however many processes, killed or not.
The bot goes on meanwhile: a page is a short transaction of its own, and a row that changes
between two pages is sealed with the new key by whoever changes it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Column, LargeBinary, Table, bindparam, func, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.staff import SHELL
from bot.keys import Keys, SealBroken
from bot.privacy.kinds import sealed_columns
from bot.store import audit, key_marks, schema
from bot.store.database import Database
from bot.store.every_table import metadata

log = structlog.get_logger(__name__)

PAGE = 1_000
Place = tuple[Any, ...]
"""The primary key of the last row that was looked at."""


async def rotate(store: Database, keys: Keys, at: datetime) -> int:
    """Make a key that seals everything from now on; its number. ``reseal`` then seals anew."""
    async with store.writing() as connection:
        number = keys.add_sealing_key()
        await key_marks.check(connection, keys, ())
        await _note(connection, keys, "rotate", f"sealing key {number}", at)
    return number


async def retire(store: Database, keys: Keys, at: datetime) -> list[int]:
    """Destroy all sealing keys but the newest, with which everything is sealed by then; their
    numbers."""
    await reseal(store, keys)
    async with store.writing() as connection:
        old = keys.older()
        if not old:
            return []
        if await numbers_in_use(connection) - {keys.newest}:
            # A sealed value was copied from one row to another, behind the page in hand.
            for column in sealed_columns():
                await _reseal_whole(connection, keys, column)
        await key_marks.forget(connection, [f"sealing-{number:03d}" for number in old])
        told = ", ".join(map(str, old))
        await _note(connection, keys, "retire", f"sealing key {told}", at)
    # Only after the commit: a crash in between leaves a key that seals nothing, which the next
    # call destroys; the other way round it would leave values that nobody can open.
    keys.retire(old)
    return old


async def reseal(store: Database, keys: Keys) -> int:
    """Seal everything with the newest key; how many values were sealed again."""
    again = 0
    for column in sealed_columns():
        after: Place | None = ()
        while after is not None:
            async with store.writing() as connection:
                number, after = await _next_page(connection, keys, column, after)
            again += number
    return again


async def _reseal_whole(connection: AsyncConnection, keys: Keys, column: tuple[str, str]) -> None:
    after: Place | None = ()
    while after is not None:
        _, after = await _next_page(connection, keys, column, after)


async def _note(connection: AsyncConnection, keys: Keys, act: str, what: str, at: datetime) -> None:
    await audit.add(connection, keys, [audit.Entry(SHELL, f"keys {act}", detail=what)], at)


async def numbers_in_use(connection: AsyncConnection) -> set[int]:
    """The numbers of the keys with which something is sealed now."""
    used: set[int] = set()
    for table, column in sealed_columns():
        sealed = metadata.tables[table].c[column]
        first = func.substr(sealed, 1, 1, type_=LargeBinary)
        rows = await connection.execute(select(first).where(sealed.is_not(None)).distinct())
        used.update(row[0][0] for row in rows if row[0])
    return used


async def _next_page(
    connection: AsyncConnection, keys: Keys, where: tuple[str, str], after: Place
) -> tuple[int, Place | None]:
    """How many values of a page were sealed again, and where the next begins (None: nowhere)."""
    name, column = where
    table = metadata.tables[name]
    key = list(table.primary_key)
    query = select(*key, table.c[column]).order_by(*key).limit(PAGE)
    if after:
        query = query.where(tuple_(*key) > tuple_(*map(literal, after, (k.type for k in key))))
    page = list(await connection.execute(query))
    number = await _reseal(connection, keys, table, column, sealed_columns()[where], page)
    return number, tuple(page[-1][:-1]) if len(page) == PAGE else None


async def _reseal(
    connection: AsyncConnection,
    keys: Keys,
    table: Table,
    column: str,
    purpose: bytes,
    page: Collection[Any],
) -> int:
    key: list[Column[Any]] = list(table.primary_key)
    rows = [
        {
            "sealed": keys.seal(plain, purpose, schema.row(*where)),
            **{f"of_{part.name}": value for part, value in zip(key, where, strict=True)},
        }
        for *where, sealed in page
        if sealed is not None
        and not keys.is_newest(sealed)
        and (plain := _opened(keys, sealed, purpose, schema.row(*where))) is not None
    ]
    if rows:
        await connection.execute(
            update(table)
            .where(*(part == bindparam(f"of_{part.name}", type_=part.type) for part in key))
            .values({column: bindparam("sealed", type_=LargeBinary)}),
            rows,
        )
    return len(rows)


def _opened(keys: Keys, sealed: bytes, purpose: bytes, row: bytes) -> bytes | None:
    """None where it was altered: nobody could open it before, and nobody will."""
    try:
        return keys.unseal(sealed, purpose, row)
    except SealBroken:
        log.error("seal_broken", column=purpose.decode())
        return None
