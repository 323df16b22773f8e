"""Figures kept beside the rows that they count, changed in the same transaction as those.

``recount`` counts the rows themselves: both must always be equal. Where a petition's rows were
destroyed after its hand-over, its frozen totals stand for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import Select, Table, bindparam, delete, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.effects import Evidence
from bot.campaign.signatures import IN_THE_NUMBER, Signer
from bot.store.people.tables import acts, subscriptions, supporters
from bot.store.petitions.tables import frozen_totals, signatures
from bot.store.tables import counters, published
from bot.store.upsert import upsert

SUPPORTERS = "supporters"
COUNTING = [state.value for state in IN_THE_NUMBER]


def of_signatures(petition: str, signer: Signer) -> str:
    """The name of the counter of a petition's signatures by signers of that kind."""
    return f"signatures:{signer.value}:{petition}"


def of_country(petition: str, signer: Signer, country: str) -> str:
    """The name of the counter of those from a country ("" for unsaid)."""
    return f"countries:{signer.value}:{petition}:{country}"


def of_signature(petition: str, signer: Signer, country: str) -> tuple[str, str]:
    """The counters that a signature in the number is part of."""
    return of_signatures(petition, signer), of_country(petition, signer, country)


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


async def values(
    connection: AsyncConnection, names: Iterable[str], *, of: Table = counters
) -> dict[str, int]:
    """The counters of these names; 0 where nothing was counted yet. ``of``: also ``published``."""
    wanted = list(names)
    found = await connection.execute(_VALUES[of.name], {"names": wanted})
    kept: dict[str, int] = {row.name: row.value for row in found}
    return {name: kept.get(name, 0) for name in wanted}


def by_signer(kept: Mapping[str, int], petitions: Iterable[str]) -> dict[str, dict[Signer, int]]:
    """Signatures by petition and kind of signer, among counters by their names."""
    return {
        petition: {signer: kept.get(of_signatures(petition, signer), 0) for signer in Signer}
        for petition in petitions
    }


async def by_country(
    connection: AsyncConnection, petitions: Iterable[str], *, of: Table = counters
) -> dict[str, dict[Signer, dict[str, int]]]:
    """Signatures counted, by petition, kind of signer and country."""
    found: dict[str, dict[Signer, dict[str, int]]] = {}
    for petition in petitions:
        for signer in Signer:
            prefix = of_country(petition, signer, "")
            numbers = found.setdefault(petition, {})[signer] = {}
            for name, value in await _beginning(connection, prefix, of):
                numbers[name.removeprefix(prefix)] = value
    return found


async def by_evidence(
    connection: AsyncConnection, *, of: Table = counters
) -> dict[tuple[str, str, Evidence], int]:
    """How many supporters went how far, by case, action and evidence."""
    found = {}
    for name, value in await _beginning(connection, "acts:", of):
        _, case, action, evidence = name.split(":")
        found[case, action, Evidence(evidence)] = value
    return found


async def _beginning(connection: AsyncConnection, prefix: str, of: Table) -> list[tuple[str, int]]:
    rows = await connection.execute(
        select(of.c.name, of.c.value).where(
            of.c.name >= prefix, of.c.name < prefix + "\uffff", of.c.value != 0
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
        for signer, totals in frozen_by_signer(orjson.loads(row.totals)).items():
            prefix = of_country(row.petition, signer, "")
            counted = {name: n for name, n in counted.items() if not name.startswith(prefix)}
            counted[of_signatures(row.petition, signer)] = totals["total"]
            for country, number in totals["by_country"].items():
                counted[of_country(row.petition, signer, country)] = number
    return {name: number for name, number in counted.items() if number}


def frozen_by_signer(totals: Mapping[str, Any]) -> dict[Signer, Mapping[str, Any]]:
    """The totals of each kind of signer; those of an older version knew no kinds."""
    kept = totals.get("signers", {Signer.EARLIER.value: totals})
    return {Signer(signer): told for signer, told in kept.items()}


_VALUES = {
    of.name: select(of.c.name, of.c.value).where(of.c.name.in_(bindparam("names", expanding=True)))
    for of in (counters, published)
}


def _groups() -> Iterable[Select[Any]]:
    rows = func.count().label("rows")
    whose = (signatures.c.signer, signatures.c.petition)
    yield (
        select(literal("signatures"), *whose, rows)
        .where(signatures.c.state.in_(COUNTING))
        .group_by(*whose)
    )
    yield (
        select(literal("countries"), *whose, func.coalesce(signatures.c.country, ""), rows)
        .where(signatures.c.state.in_(COUNTING))
        .group_by(*whose, signatures.c.country)
    )
    kind = (acts.c.case, acts.c.action, acts.c.evidence)
    yield select(literal("acts"), *kind, rows).group_by(*kind)
    yield select(literal("subscriptions"), subscriptions.c.topic, rows).group_by(
        subscriptions.c.topic
    )


_GROUPS = tuple(_groups())
