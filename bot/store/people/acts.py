"""What supporters did for a case, each step of the ladder of evidence once (effects.Evidence).

Rows stand under pseudonyms of their own: whoever could be harmed is led to fewer acts than others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.effects import Evidence
from bot.keys import Keys
from bot.store.people.tables import acts

Act = tuple[str, str, Evidence]
"""Case, action, evidence."""


def _own(keys: Keys, pseudonym: bytes) -> bytes:
    return keys.aside(pseudonym, acts.name)


async def find(
    connection: AsyncConnection, keys: Keys, pseudonyms: Collection[bytes]
) -> dict[bytes, set[Act]]:
    """The acts of these supporters; who did nothing yet is left out."""
    if not pseudonyms:
        return {}
    done: dict[bytes, set[Act]] = {}
    whose = {_own(keys, pseudonym): pseudonym for pseudonym in pseudonyms}
    rows = await connection.execute(_FIND, {"whose": list(whose)})
    for own, case, action, evidence in rows:
        done.setdefault(whose[own], set()).add((case, action, Evidence(evidence)))
    return done


_FIND = select(acts.c.pseudonym, acts.c.case, acts.c.action, acts.c.evidence).where(
    acts.c.pseudonym.in_(bindparam("whose", expanding=True))
)


async def add(
    connection: AsyncConnection, keys: Keys, rows: Sequence[tuple[bytes, Act, date]]
) -> None:
    """Record acts that were not there."""
    if rows:
        await connection.execute(
            insert(acts),
            [
                {
                    "pseudonym": _own(keys, pseudonym),
                    "case": case,
                    "action": action,
                    "evidence": evidence.value,
                    "day": day,
                }
                for pseudonym, (case, action, evidence), day in rows
            ],
        )


async def remove(
    connection: AsyncConnection, keys: Keys, rows: Sequence[tuple[bytes, Act]]
) -> None:
    """Delete acts."""
    if rows:
        await connection.execute(
            delete(acts).where(
                acts.c.pseudonym == bindparam("whose"),
                acts.c.case == bindparam("of_case"),
                acts.c.action == bindparam("of_action"),
                acts.c.evidence == bindparam("of_evidence"),
            ),
            [
                {
                    "whose": _own(keys, pseudonym),
                    "of_case": case,
                    "of_action": action,
                    "of_evidence": evidence.value,
                }
                for pseudonym, (case, action, evidence) in rows
            ],
        )


async def counted(
    connection: AsyncConnection,
    keys: Keys,
    pseudonyms: Collection[bytes],
    days: tuple[date, date] | None = None,
) -> Counter[Act]:
    """How many of these supporters have done what, from one day to the other (None: ever)."""
    kind = (acts.c.case, acts.c.action, acts.c.evidence)
    within: ColumnElement[bool] = true() if days is None else acts.c.day.between(*days)
    rows = await connection.execute(
        select(*kind, func.count())
        .where(acts.c.pseudonym.in_([_own(keys, one) for one in pseudonyms]), within)
        .group_by(*kind)
    )
    return Counter({(case, action, Evidence(e)): number for case, action, e, number in rows})


async def erase(connection: AsyncConnection, keys: Keys, pseudonyms: Collection[bytes]) -> None:
    """Delete those of these supporters."""
    await connection.execute(
        delete(acts).where(acts.c.pseudonym.in_([_own(keys, one) for one in pseudonyms]))
    )
