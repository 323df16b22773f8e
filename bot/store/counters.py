"""Figures kept beside the rows that they count, changed in the same transaction as those.

``recount`` counts the rows themselves: both must always be equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Select, bindparam, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import acts, adding, counters, signatures, subscriptions, supporters

SUPPORTERS = "supporters"
COUNTED = "counted"
"""The state of a signature that is part of the petition's number."""


def of_signatures(petition: str) -> str:
    """The name of the counter of a petition's signatures."""
    return f"signatures:{petition}"


def of_acts(case: str, action: str, evidence: str) -> str:
    """The name of the counter of supporters whose action has this evidence."""
    return f"acts:{case}:{action}:{evidence}"


def of_subscriptions(topic: str) -> str:
    """The name of the counter of a topic's subscribers."""
    return f"subscriptions:{topic}"


async def change(connection: AsyncConnection, by: Mapping[str, int]) -> None:
    """Add these amounts (negative ones too) to the counters of these names."""
    rows = [{"name": name, "value": amount} for name, amount in by.items() if amount]
    if rows:
        await connection.execute(adding(counters, "value", connection.dialect.name), rows)


async def values(connection: AsyncConnection, names: Iterable[str]) -> dict[str, int]:
    """The counters of these names; 0 where nothing was counted yet."""
    wanted = list(names)
    found = await connection.execute(_VALUES, {"names": wanted})
    kept: dict[str, int] = {row.name: row.value for row in found}
    return {name: kept.get(name, 0) for name in wanted}


async def all_values(connection: AsyncConnection) -> dict[str, int]:
    """Every counter that is not 0."""
    found = await connection.execute(select(counters).where(counters.c.value != 0))
    return {row.name: row.value for row in found}


async def recount(connection: AsyncConnection) -> dict[str, int]:
    """What the counters must say, counted from the rows; those at 0 are left out."""
    counted: dict[str, int] = {}
    in_all = await connection.scalar(select(func.count()).select_from(supporters))
    if in_all:
        counted[SUPPORTERS] = in_all
    for query in _GROUPS:
        for row in await connection.execute(query):
            counted[":".join(row[:-1])] = row[-1]
    return counted


_VALUES = select(counters.c.name, counters.c.value).where(
    counters.c.name.in_(bindparam("names", expanding=True))
)


def _groups() -> Iterable[Select[Any]]:
    rows = func.count().label("rows")
    yield (
        select(literal("signatures"), signatures.c.petition, rows)
        .where(signatures.c.state == COUNTED)
        .group_by(signatures.c.petition)
    )
    kind = (acts.c.case, acts.c.action, acts.c.evidence)
    yield select(literal("acts"), *kind, rows).group_by(*kind)
    yield select(literal("subscriptions"), subscriptions.c.topic, rows).group_by(
        subscriptions.c.topic
    )


_GROUPS = tuple(_groups())
