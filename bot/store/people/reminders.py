"""When supporters want to be reminded of what; a row goes when it was sent, stopped or too late.

Whoever could be harmed has no reminders. So a row stands under a pseudonym of its own, and whose it
is is sealed in it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import structlog
from sqlalchemy import Row, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keys import Keys, SealBroken
from bot.store import schema
from bot.store.people.supporters import open_address
from bot.store.people.tables import reminders, supporters
from bot.store.upsert import insert_new

log = structlog.get_logger()

WHOSE = schema.purpose(reminders.c.whose_sealed)


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


def _own(keys: Keys, pseudonym: bytes) -> bytes:
    return keys.aside(pseudonym, reminders.name)


async def add(connection: AsyncConnection, keys: Keys, rows: Sequence[Reminder]) -> None:
    """Have these reminders; one that is there for the same day stays as it is."""
    if rows:
        await connection.execute(
            insert_new(reminders, connection.dialect.name), [_values(keys, row) for row in rows]
        )


def _values(keys: Keys, row: Reminder) -> dict[str, object]:
    key = (_own(keys, row.pseudonym), row.case, row.action, row.on)
    return {
        **dict(zip(("pseudonym", "case", "action", "on"), key, strict=True)),
        "due": row.due,
        "whose_sealed": keys.seal(row.pseudonym, WHOSE, schema.row(*key)),
    }


async def stop(
    connection: AsyncConnection, keys: Keys, rows: Collection[tuple[bytes, str, str]]
) -> None:
    """Drop all reminders of these supporters' actions; ("", "") stands for all actions."""
    if rows:
        await connection.execute(
            delete(reminders).where(
                reminders.c.pseudonym == bindparam("whose"),
                (reminders.c.case == bindparam("of_case")) | (bindparam("of_case") == ""),
                (reminders.c.action == bindparam("of_action")) | (bindparam("of_action") == ""),
            ),
            [
                {"whose": _own(keys, pseudonym), "of_case": case, "of_action": action}
                for pseudonym, case, action in rows
            ],
        )


async def due(connection: AsyncConnection, keys: Keys, now: datetime, *, limit: int) -> list[Due]:
    """The reminders whose time has come, the longest overdue first. Those that lead to nobody, for
    their row was altered, are deleted."""
    rows = (
        await connection.execute(
            select(reminders)
            .where(reminders.c.due <= now)
            .order_by(reminders.c.due, reminders.c.pseudonym)
            .limit(limit)
        )
    ).all()
    found = [reminder for row in rows if (reminder := _opened(keys, row))]
    people = await _people(connection, keys, {one.pseudonym for one in found})
    if lost := [row for row in rows if _opened(keys, row) is None]:
        await _delete(connection, [tuple(row)[:4] for row in lost])
    return [Due(one, *people.get(one.pseudonym, _NOBODY)) for one in found]


def _opened(keys: Keys, row: Row[Any]) -> Reminder | None:
    key = (row.pseudonym, row.case, row.action, row.on)
    try:
        whose = keys.unseal(row.whose_sealed, WHOSE, schema.row(*key))
    except SealBroken:
        log.error("seal_broken", column="reminders.whose")
        return None
    return Reminder(whose, row.case, row.action, row.on, row.due)


async def _people(
    connection: AsyncConnection, keys: Keys, whose: Collection[bytes]
) -> dict[bytes, tuple[str, str, str, bool]]:
    rows = await connection.execute(
        select(
            supporters.c.pseudonym,
            supporters.c.channel,
            supporters.c.address_sealed,
            supporters.c.language,
            supporters.c.ended_at,
        ).where(supporters.c.pseudonym.in_(whose))
    )
    return {
        pseudonym: (channel, address, language, ended_at is not None)
        for pseudonym, channel, sealed, language, ended_at in rows
        if (address := open_address(keys, pseudonym, sealed)) is not None
    }


_NOBODY = ("", "", "", True)


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


async def done(connection: AsyncConnection, keys: Keys, rows: Collection[Reminder]) -> None:
    """Nothing more is to be done about these."""
    await _delete(
        connection, [(_own(keys, row.pseudonym), row.case, row.action, row.on) for row in rows]
    )


async def _delete(connection: AsyncConnection, rows: Sequence[Sequence[object]]) -> None:
    if rows:
        names = ("whose", "of_case", "of_action", "of_day")
        await connection.execute(
            delete(reminders).where(
                *(c == bindparam(n) for c, n in zip(reminders.primary_key, names, strict=True))
            ),
            [dict(zip(names, row, strict=True)) for row in rows],
        )


async def erase(connection: AsyncConnection, keys: Keys, pseudonyms: Collection[bytes]) -> None:
    """Delete those of these supporters."""
    await connection.execute(
        delete(reminders).where(reminders.c.pseudonym.in_([_own(keys, one) for one in pseudonyms]))
    )
