"""Second factors of staff, each sealed as a whole: whoever writes into the database without the
keys can take one away, but not put one of theirs in its place."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keys import Keys
from bot.keys.keys import SealBroken
from bot.store.schema import purpose, row
from bot.store.tables import second_factors
from bot.store.upsert import insert_or_set


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody may set up this secret until then. ``token``: the SHA-256 of what the link carries,
    in hexadecimal. ``wrong``: codes that did not fit."""

    secret: str = field(repr=False)
    token: str = field(repr=False)
    until: datetime
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class StoredFactor:
    """A member's secret (base32; "" before the first), the last step of time whose code was used,
    and an invitation to set up another."""

    mark: str
    secret: str = field(default="", repr=False)
    used: int = 0
    invitation: Invitation | None = None


_AS_JSON = TypeAdapter(StoredFactor)
_PURPOSE = purpose(second_factors.c.sealed)


async def find(connection: AsyncConnection, keys: Keys, mark: str) -> StoredFactor:
    """That member's; an empty one where there is none, or where the row is another's."""
    found = await every(connection, keys, [mark])
    return found.get(mark, StoredFactor(mark))


async def every(
    connection: AsyncConnection, keys: Keys, marks: Collection[str]
) -> Mapping[str, StoredFactor]:
    """Those of these members who have a row that is theirs, by mark."""
    columns = second_factors.c
    query = select(columns.mark, columns.sealed).where(columns.mark.in_(marks))
    found = {}
    for one in await connection.execute(query):
        try:
            factor = _AS_JSON.validate_json(keys.unseal(one.sealed, _PURPOSE, row(one.mark)))
        except SealBroken:
            continue  # and so the member has none, until somebody sets one up
        if factor.mark == one.mark:
            found[factor.mark] = factor
    return found


async def put(connection: AsyncConnection, keys: Keys, factor: StoredFactor) -> None:
    """Keep it in place of what the member had."""
    sealed = keys.seal(_AS_JSON.dump_json(factor), _PURPOSE, row(factor.mark))
    statement = insert_or_set(second_factors, ("sealed",), connection.dialect.name)
    await connection.execute(statement, {"mark": factor.mark, "sealed": sealed})


async def drop(connection: AsyncConnection, mark: str) -> bool:
    """Take it away; whether there was one."""
    result = await connection.execute(delete(second_factors).where(second_factors.c.mark == mark))
    return bool(result.rowcount)
