"""When supporters want to be reminded of what; a row goes when it was sent, stopped or too late."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keys import Keys
from bot.store.people.supporters import ADDRESS
from bot.store.people.tables import reminders, supporters
from bot.store.upsert import insert_new


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder of an action on a day; ``due`` is UTC."""

    pseudonym: bytes
    case: str
    action: str
    on: date
    due: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder whose time has come, and to whom it goes; ``ended``: they left."""

    reminder: Reminder
    channel: str
    address: str = field(repr=False)
    language: str
    ended: bool


async def add(connection: AsyncConnection, rows: Sequence[Reminder]) -> None:
    """Have these reminders; one that is there for the same day stays as it is."""
    if rows:
        await connection.execute(
            insert_new(reminders, connection.dialect.name),
            [
                {
                    "pseudonym": row.pseudonym,
                    "case": row.case,
                    "action": row.action,
                    "on": row.on,
                    "due": row.due,
                }
                for row in rows
            ],
        )


async def stop(connection: AsyncConnection, rows: Collection[tuple[bytes, str, str]]) -> None:
    """Drop all reminders of these supporters' actions; ("", "") stands for all actions."""
    if rows:
        await connection.execute(
            delete(reminders).where(
                reminders.c.pseudonym == bindparam("whose"),
                (reminders.c.case == bindparam("of_case")) | (bindparam("of_case") == ""),
                (reminders.c.action == bindparam("of_action")) | (bindparam("of_action") == ""),
            ),
            [
                {"whose": pseudonym, "of_case": case, "of_action": action}
                for pseudonym, case, action in rows
            ],
        )


async def due(connection: AsyncConnection, keys: Keys, now: datetime, *, limit: int) -> list[Due]:
    """The reminders whose time has come, the longest overdue first."""
    rows = await connection.execute(
        select(
            reminders,
            supporters.c.channel,
            supporters.c.address_sealed,
            supporters.c.language,
            supporters.c.ended_at,
        )
        .join(supporters, supporters.c.pseudonym == reminders.c.pseudonym)
        .where(reminders.c.due <= now)
        .order_by(reminders.c.due, reminders.c.pseudonym)
        .limit(limit)
    )
    return [
        Due(
            Reminder(row.pseudonym, row.case, row.action, row.on, row.due),
            row.channel,
            keys.unseal(row.address_sealed, ADDRESS).decode(),
            row.language,
            row.ended_at is not None,
        )
        for row in rows
    ]


async def any_due(connection: AsyncConnection, now: datetime) -> bool:
    """Whether any reminder's time has come."""
    found = await connection.scalar(select(reminders.c.due).where(reminders.c.due <= now).limit(1))
    return found is not None


async def drop_superseded(connection: AsyncConnection, now: datetime) -> int:
    """Delete those that are due where a later one of the same action is due as well."""
    newer = reminders.alias("newer")
    later = (
        select(newer.c.due)
        .where(
            newer.c.pseudonym == reminders.c.pseudonym,
            newer.c.case == reminders.c.case,
            newer.c.action == reminders.c.action,
            newer.c.due <= now,
            newer.c.due > reminders.c.due,
        )
        .exists()
    )
    found = await connection.execute(delete(reminders).where(reminders.c.due <= now, later))
    return found.rowcount


async def done(connection: AsyncConnection, rows: Collection[Reminder]) -> None:
    """Nothing more is to be done about these."""
    if rows:
        await connection.execute(
            delete(reminders).where(
                reminders.c.pseudonym == bindparam("whose"),
                reminders.c.case == bindparam("of_case"),
                reminders.c.action == bindparam("of_action"),
                reminders.c.on == bindparam("of_day"),
            ),
            [
                {
                    "whose": row.pseudonym,
                    "of_case": row.case,
                    "of_action": row.action,
                    "of_day": row.on,
                }
                for row in rows
            ],
        )
