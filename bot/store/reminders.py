"""When supporters want to be reminded of what; a row goes when it was sent, stopped or too late."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keys import Keys
from bot.store.supporters import ADDRESS
from bot.store.tables import adding_new, reminders, supporters


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
            adding_new(reminders, connection.dialect.name),
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


async def later(
    connection: AsyncConnection, pseudonyms: Collection[bytes], now: datetime
) -> set[tuple[bytes, str, str]]:
    """Of these supporters, the (pseudonym, case, action) with more than one reminder due."""
    seen: set[tuple[bytes, str, str]] = set()
    twice: set[tuple[bytes, str, str]] = set()
    for row in await connection.execute(
        select(reminders.c.pseudonym, reminders.c.case, reminders.c.action).where(
            reminders.c.pseudonym.in_(pseudonyms), reminders.c.due <= now
        )
    ):
        (twice if tuple(row) in seen else seen).add(tuple(row))
    return twice


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
