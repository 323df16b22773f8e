"""Figures kept beside the rows that they count, changed in the same transaction as those.

``recount`` counts the rows themselves: both must always be equal. Where a petition's rows were
destroyed after its hand-over, its frozen totals stand for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import Select, bindparam, delete, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.effects import Evidence
from bot.campaign.signatures import IN_THE_NUMBER
from bot.store.people.tables import acts, subscriptions, supporters
from bot.store.petitions.tables import frozen_totals, signatures
from bot.store.tables import counters
from bot.store.upsert import upsert

SUPPORTERS = "supporters"
COUNTING = [state.value for state in IN_THE_NUMBER]


def of_signatures(petition: str) -> str:
    """The name of the counter of a petition's signatures."""
    return f"signatures:{petition}"


def of_country(petition: str, country: str) -> str:
    """The name of the counter of a petition's signatures from a country ("" for unsaid)."""
    return f"countries:{petition}:{country}"


def of_signature(petition: str, country: str) -> tuple[str, str]:
    """The counters that a signature in the number is part of."""
    return of_signatures(petition), of_country(petition, country)


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
        await connection.execute(upsert(counters, "value", connection.dialect.name), rows)


async def values(connection: AsyncConnection, names: Iterable[str]) -> dict[str, int]:
    """The counters of these names; 0 where nothing was counted yet."""
    wanted = list(names)
    found = await connection.execute(_VALUES, {"names": wanted})
    kept: dict[str, int] = {row.name: row.value for row in found}
    return {name: kept.get(name, 0) for name in wanted}


async def by_country(
    connection: AsyncConnection, petitions: Iterable[str]
) -> dict[str, dict[str, int]]:
    """Signatures counted, by petition and country."""
    found: dict[str, dict[str, int]] = {petition: {} for petition in petitions}
    for petition, numbers in found.items():
        prefix = of_country(petition, "")
        for name, value in await _beginning(connection, prefix):
            numbers[name.removeprefix(prefix)] = value
    return found


async def by_evidence(connection: AsyncConnection) -> dict[tuple[str, str, Evidence], int]:
    """How many supporters went how far, by case, action and evidence."""
    found = {}
    for name, value in await _beginning(connection, "acts:"):
        _, case, action, evidence = name.split(":")
        found[case, action, Evidence(evidence)] = value
    return found


async def _beginning(connection: AsyncConnection, prefix: str) -> list[tuple[str, int]]:
    rows = await connection.execute(
        select(counters.c.name, counters.c.value).where(
            counters.c.name >= prefix,
            counters.c.name < prefix + "\uffff",
            counters.c.value != 0,
        )
    )
    return [(name, value) for name, value in rows]


async def repair(connection: AsyncConnection, right: Mapping[str, int]) -> None:
    """Set every counter to what a recount says."""
    await connection.execute(delete(counters))
    await change(connection, right)


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
    for row in await connection.execute(select(frozen_totals)):
        totals = orjson.loads(row.totals)
        prefix = of_country(row.petition, "")
        counted = {name: n for name, n in counted.items() if not name.startswith(prefix)}
        counted[of_signatures(row.petition)] = totals["total"]
        for country, number in totals["by_country"].items():
            counted[of_country(row.petition, country)] = number
    return {name: number for name, number in counted.items() if number}


_VALUES = select(counters.c.name, counters.c.value).where(
    counters.c.name.in_(bindparam("names", expanding=True))
)


def _groups() -> Iterable[Select[Any]]:
    rows = func.count().label("rows")
    yield (
        select(literal("signatures"), signatures.c.petition, rows)
        .where(signatures.c.state.in_(COUNTING))
        .group_by(signatures.c.petition)
    )
    yield (
        select(
            literal("countries"),
            signatures.c.petition,
            func.coalesce(signatures.c.country, ""),
            rows,
        )
        .where(signatures.c.state.in_(COUNTING))
        .group_by(signatures.c.petition, signatures.c.country)
    )
    kind = (acts.c.case, acts.c.action, acts.c.evidence)
    yield select(literal("acts"), *kind, rows).group_by(*kind)
    yield select(literal("subscriptions"), subscriptions.c.topic, rows).group_by(
        subscriptions.c.topic
    )


_GROUPS = tuple(_groups())
