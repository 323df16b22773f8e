"""Signatures that were held, and what staff decided about them: always reversible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.desk_commands.settings import DecideHeld, Verdict
from bot.campaign.signatures import IN_THE_NUMBER, SignatureState, Signer
from bot.store import counters, sequences
from bot.store.petitions.tables import decisions, signatures

BECOMES: Mapping[Verdict, SignatureState] = {
    Verdict.ACCEPT: SignatureState.ACCEPTED,
    Verdict.REJECT: SignatureState.REJECTED,
    Verdict.REOPEN: SignatureState.PENDING,
}
HELD = (SignatureState.PENDING, SignatureState.ACCEPTED, SignatureState.REJECTED)
"""The states of signatures that were held once: decisions touch no others."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision on record."""

    number: int
    petition: str
    signer: Signer
    day: date
    lots: tuple[str, ...]
    verdict: Verdict
    reason: str
    by: str
    signatures: int
    decided_on: date


async def waiting(connection: AsyncConnection) -> dict[tuple[str, date, Signer], int]:
    """How many signatures wait, by petition, day and kind of signer."""
    whose = (signatures.c.petition, signatures.c.day, signatures.c.signer)
    rows = await connection.execute(
        select(*whose, func.count())
        .where(signatures.c.state == SignatureState.PENDING.value)
        .group_by(*whose)
    )
    return {(petition, day, Signer(signer)): number for petition, day, signer, number in rows}


async def decide(connection: AsyncConnection, decision: DecideHeld, by: str, today: date) -> int:
    """Carry a decision out and put it on record; how many signatures it changed. ``by``: a role.

    Accepting and rejecting are about what waits; reopening takes back whatever was decided.
    """
    before = HELD[1:] if decision.verdict is Verdict.REOPEN else HELD[:1]
    after = BECOMES[decision.verdict]
    meant = (
        (signatures.c.petition == decision.petition)
        & (signatures.c.day == decision.day)
        & (signatures.c.signer == decision.signer.value)
        & signatures.c.state.in_([state.value for state in before])
    )
    moved: dict[str, int] = {}
    changed = 0
    for state, country, number in await connection.execute(
        select(signatures.c.state, signatures.c.country, func.count())
        .where(meant)
        .group_by(signatures.c.state, signatures.c.country)
    ):
        changed += number
        more = (after in IN_THE_NUMBER) - (SignatureState(state) in IN_THE_NUMBER)
        for name in counters.of_signature(decision.petition, decision.signer, country or ""):
            moved[name] = moved.get(name, 0) + more * number
    if not changed:
        return 0
    await connection.execute(update(signatures).where(meant).values(state=after.value))
    await counters.change(connection, moved)
    await record(
        connection,
        Decision(
            number=0,
            petition=decision.petition,
            signer=decision.signer,
            day=decision.day,
            lots=(),
            verdict=decision.verdict,
            reason=decision.reason,
            by=by,
            signatures=changed,
            decided_on=today,
        ),
    )
    return changed


async def record(connection: AsyncConnection, decision: Decision) -> None:
    """Put it on record, under the next number."""
    await connection.execute(
        insert(decisions).values(
            number=await sequences.take(connection, "decisions", 1),
            petition=decision.petition,
            signer=decision.signer.value,
            day=decision.day,
            lots=",".join(decision.lots),
            verdict=decision.verdict.value,
            reason=decision.reason,
            by=decision.by,
            signatures=decision.signatures,
            decided_on=decision.decided_on,
        )
    )


async def decided(connection: AsyncConnection, petition: str) -> list[Decision]:
    """All decisions about a petition, in their order."""
    rows = await connection.execute(
        select(decisions).where(decisions.c.petition == petition).order_by(decisions.c.number)
    )
    return [
        Decision(
            number=row.number,
            petition=row.petition,
            signer=Signer(row.signer),
            day=row.day,
            lots=tuple(filter(None, row.lots.split(","))),
            verdict=Verdict(row.verdict),
            reason=row.reason,
            by=row.by,
            signatures=row.signatures,
            decided_on=row.decided_on,
        )
        for row in rows
    ]
