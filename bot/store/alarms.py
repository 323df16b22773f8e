"""What is wrong with the bot, and how far it was told: kept over restarts, so that nothing is told
twice and nothing is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import alarms
from bot.store.upsert import insert_new


@dataclass(frozen=True, slots=True)
class Alarm:
    """``over``: since when it is well again. ``told``: when owners were told that it began.
    ``said`` and ``posted``: how much owners, and the program that is told, have heard: "", "begun"
    or "over"."""

    name: str
    since: datetime
    over: datetime | None = None
    told: datetime | None = None
    said: str = ""
    posted: str = ""


async def find(connection: AsyncConnection) -> dict[str, Alarm]:
    """All of them, by name."""
    rows = await connection.execute(select(alarms))
    return {row.name: Alarm(**row._mapping) for row in rows}


async def replace(connection: AsyncConnection, kept: Sequence[Alarm]) -> None:
    """From now on there are these, and no other."""
    await connection.execute(delete(alarms))
    if kept:
        await connection.execute(insert(alarms), [asdict(one) for one in kept])


async def begin(connection: AsyncConnection, name: str, since: datetime) -> None:
    """Something is wrong, and nobody was told yet; one that is there stays as it is."""
    await connection.execute(
        insert_new(alarms, connection.dialect.name), asdict(Alarm(name, since))
    )
