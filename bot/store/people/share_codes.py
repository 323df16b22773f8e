"""Codes under which supporters pass a case on: random, and only the number of arrivals is known.

Nothing leads from a code to those who came by it, nor from it to a signature, whose pseudonyms are
made with another key.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.sharing import FRIEND
from bot.store.people.tables import arrivals, share_codes


@dataclass(frozen=True, slots=True)
class Shared:
    """A supporter's code, and how many people came by it."""

    code: str
    friends: int


async def find(connection: AsyncConnection, pseudonyms: Collection[bytes]) -> dict[bytes, Shared]:
    """The codes of these supporters; who never shared is left out."""
    if not pseudonyms:
        return {}
    rows = await connection.execute(_FIND, {"whose": list(pseudonyms)})
    return {pseudonym: Shared(code, friends) for pseudonym, code, friends in rows}


_FIND = (
    select(
        share_codes.c.pseudonym,
        share_codes.c.code,
        func.coalesce(func.sum(arrivals.c.count), 0),
    )
    .select_from(
        share_codes.outerjoin(arrivals, arrivals.c.source == literal(FRIEND) + share_codes.c.code)
    )
    .where(share_codes.c.pseudonym.in_(bindparam("whose", expanding=True)))
    .group_by(share_codes.c.pseudonym, share_codes.c.code)
)


async def existing(connection: AsyncConnection, codes: Collection[str]) -> set[str]:
    """Those of the codes that a supporter has: anybody can make one up."""
    if not codes:
        return set()
    found = share_codes.c.code.in_(bindparam("codes", expanding=True))
    rows = await connection.execute(select(share_codes.c.code).where(found), {"codes": list(codes)})
    return set(rows.scalars())


async def add(connection: AsyncConnection, rows: Sequence[tuple[bytes, str]]) -> None:
    """Give codes to supporters who had none."""
    if rows:
        await connection.execute(
            insert(share_codes),
            [{"pseudonym": pseudonym, "code": code} for pseudonym, code in rows],
        )
