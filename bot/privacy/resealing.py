"""Sealed again, page by page: everything after a new sealing key, and what once told by its length.

The bot goes on meanwhile: a page is a short transaction of its own, and a row that changes
between two pages is sealed with the new key by whoever changes it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, bindparam, func, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keys import Keys
from bot.privacy.kinds import sealed_columns
from bot.store import supporters
from bot.store.database import Store
from bot.store.tables import metadata

PAGE = 1_000


async def reseal(store: Store, keys: Keys) -> int:
    """Seal everything with the newest key; how many values were sealed again."""
    again = 0
    for (table, column), purpose in sealed_columns().items():
        after: tuple[Any, ...] | None = None
        while True:
            async with store.writing() as connection:
                page = await _page(connection, metadata.tables[table], column, after)
                again += await _reseal(connection, keys, table, column, purpose, page)
            if len(page) < PAGE:
                break
            after = tuple(page[-1][:-1])
    return again


async def make_even(store: Store, keys: Keys) -> int:
    """Give one length to what an earlier version sealed in several; how many rows had another.

    Whoever has the database and no key reads a "yes" in its length.
    """
    changed, after = 0, b""
    while True:
        async with store.writing() as connection:
            page, upto = await supporters.make_even(connection, keys, after=after, limit=PAGE)
        changed += page
        if upto is None:
            return changed
        after = upto


async def numbers_in_use(connection: AsyncConnection) -> set[int]:
    """The numbers of the keys with which something is sealed now."""
    used: set[int] = set()
    for table, column in sealed_columns():
        sealed = metadata.tables[table].c[column]
        first = func.substr(sealed, 1, 1, type_=LargeBinary)
        rows = await connection.execute(select(first).where(sealed.is_not(None)).distinct())
        used.update(row[0][0] for row in rows if row[0])
    return used


async def _page(
    connection: AsyncConnection, table: Table, column: str, after: tuple[Any, ...] | None
) -> list[Any]:
    key = list(table.primary_key)
    query = select(*key, table.c[column]).order_by(*key).limit(PAGE)
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*map(literal, after, (k.type for k in key))))
    return list(await connection.execute(query))


async def _reseal(
    connection: AsyncConnection,
    keys: Keys,
    table: str,
    column: str,
    purpose: bytes,
    page: Collection[Any],
) -> int:
    key: list[Column[Any]] = list(metadata.tables[table].primary_key)
    rows = [
        {
            "sealed": keys.seal(keys.unseal(sealed, purpose), purpose),
            **{f"of_{part.name}": value for part, value in zip(key, where, strict=True)},
        }
        for *where, sealed in page
        if sealed is not None and not keys.is_newest(sealed)
    ]
    if rows:
        await connection.execute(
            update(metadata.tables[table])
            .where(*(part == bindparam(f"of_{part.name}", type_=part.type) for part in key))
            .values({column: bindparam("sealed", type_=LargeBinary)}),
            rows,
        )
    return len(rows)
