"""What staff have set, by name: how many must approve, the urgent banner, the states of cases.

Everybody is shown it, so each value bears a mark that only the keys can make: what somebody has
written into the database by hand counts as not there.
"""

from __future__ import annotations

import hmac
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keys import Keys
from bot.store.tables import staff_settings
from bot.store.upsert import insert_or_set


async def values(connection: AsyncConnection, keys: Keys) -> dict[str, str]:
    """All of it that the bot itself has put there."""
    rows = await connection.execute(select(staff_settings))
    return {row.name: row.value for row in rows if _is_vouched(keys, row)}


async def forged(connection: AsyncConnection, keys: Keys) -> list[str]:
    """The names of what somebody without the keys has written or changed."""
    rows = await connection.execute(select(staff_settings).order_by(staff_settings.c.name))
    return [row.name for row in rows if not _is_vouched(keys, row)]


def _mark(keys: Keys, name: str, value: str) -> bytes:
    return keys.vouch("\0".join(("setting", name, value)).encode())


def _is_vouched(keys: Keys, row: Row[Any]) -> bool:
    return hmac.compare_digest(_mark(keys, row.name, row.value), row.mark)


async def put(connection: AsyncConnection, keys: Keys, name: str, value: str) -> None:
    """Set one; "" takes it away."""
    if not value:
        await connection.execute(delete(staff_settings).where(staff_settings.c.name == name))
        return
    statement = insert_or_set(staff_settings, ("value", "mark"), connection.dialect.name)
    mark = _mark(keys, name, value)
    await connection.execute(statement, {"name": name, "value": value, "mark": mark})
