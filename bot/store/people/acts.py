"""What supporters did for a case, each step of the ladder of evidence once (effects.Evidence)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.effects import Evidence
from bot.store.people.tables import acts

Act = tuple[str, str, Evidence]
"""Case, action, evidence."""


async def find(connection: AsyncConnection, pseudonyms: Collection[bytes]) -> dict[bytes, set[Act]]:
    """The acts of these supporters; who did nothing yet is left out."""
    if not pseudonyms:
        return {}
    done: dict[bytes, set[Act]] = {}
    rows = await connection.execute(_FIND, {"whose": list(pseudonyms)})
    for pseudonym, case, action, evidence in rows:
        done.setdefault(pseudonym, set()).add((case, action, Evidence(evidence)))
    return done


_FIND = select(acts.c.pseudonym, acts.c.case, acts.c.action, acts.c.evidence).where(
    acts.c.pseudonym.in_(bindparam("whose", expanding=True))
)


async def add(connection: AsyncConnection, rows: Sequence[tuple[bytes, Act, date]]) -> None:
    """Record acts that were not there."""
    if rows:
        await connection.execute(
            insert(acts),
            [
                {
                    "pseudonym": pseudonym,
                    "case": case,
                    "action": action,
                    "evidence": evidence.value,
                    "day": day,
                }
                for pseudonym, (case, action, evidence), day in rows
            ],
        )


async def remove(connection: AsyncConnection, rows: Sequence[tuple[bytes, Act]]) -> None:
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
                    "whose": pseudonym,
                    "of_case": case,
                    "of_action": action,
                    "of_evidence": evidence.value,
                }
                for pseudonym, (case, action, evidence) in rows
            ],
        )
