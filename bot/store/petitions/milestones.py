"""Milestones of petitions, and how far their telling has come."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.signatures import IN_THE_NUMBER, Signer
from bot.keys import Keys
from bot.store.people.supporters import Reached, reach
from bot.store.people.tables import subscriptions, supporters
from bot.store.petitions.tables import milestones, signatures


@dataclass(frozen=True, slots=True)
class MilestoneProgress:
    """A milestone that is being told; ``upto``: the last supporter gone through."""

    petition: str
    number: int
    upto: bytes


async def known(connection: AsyncConnection, petition: str) -> set[int]:
    """The milestones of a petition that were reached before."""
    rows = await connection.execute(
        select(milestones.c.number).where(milestones.c.petition == petition)
    )
    return set(rows.scalars())


async def reached(
    connection: AsyncConnection, petition: str, numbers: Collection[int], today: date
) -> None:
    """Note that these were reached; only the highest of them will be told."""
    for number in numbers:
        await connection.execute(
            insert(milestones).values(
                petition=petition,
                number=number,
                reached_on=today,
                told_upto=b"",
                told=number != max(numbers),
            )
        )


async def to_be_told(connection: AsyncConnection) -> MilestoneProgress | None:
    """The milestone to be told next."""
    row = (
        await connection.execute(
            select(milestones.c.petition, milestones.c.number, milestones.c.told_upto)
            .where(milestones.c.told.is_(False))
            .order_by(milestones.c.reached_on, milestones.c.petition, milestones.c.number)
            .limit(1)
        )
    ).first()
    return None if row is None else MilestoneProgress(*row)


async def counted(connection: AsyncConnection, petition: str) -> int:
    """How many signatures of accounts are in its number, by the rows themselves."""
    counting = signatures.c.state.in_([state.value for state in IN_THE_NUMBER])
    mine = signatures.c.petition == petition, signatures.c.signer == Signer.ACCOUNT.value
    query = select(func.count()).select_from(signatures).where(*mine, counting)
    return await connection.scalar(query) or 0


async def readers(
    connection: AsyncConnection, keys: Keys, after: bytes, *, limit: int
) -> list[Reached]:
    """The next people who take updates on any topic, in the order of their pseudonyms."""
    takes = select(subscriptions.c.topic).where(subscriptions.c.pseudonym == supporters.c.pseudonym)
    behind = supporters.c.pseudonym > after
    return await reach(connection, keys, behind, takes.exists(), limit=limit)


async def told(
    connection: AsyncConnection, milestone: MilestoneProgress, upto: bytes | None
) -> None:
    """Gone through up to there; None: to the end."""
    await connection.execute(
        update(milestones)
        .where(milestones.c.petition == milestone.petition, milestones.c.number == milestone.number)
        .values(told_upto=upto or b"", told=upto is None)
    )
