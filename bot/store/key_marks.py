"""A mark of each key that the database was written with: wrong keys are noticed at start."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import delete, exists, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keys import Keys, KeyTrouble
from bot.store.tables import key_marks


class WrongKeys(KeyTrouble):
    """The keys are sound, but the database was written with other ones."""


async def there(connection: AsyncConnection) -> bool:
    """Whether the database was written with keys, which are then needed to go on."""
    return bool(await connection.scalar(select(exists().select_from(key_marks))))


async def check(connection: AsyncConnection, keys: Keys, petitions: Iterable[str]) -> None:
    """Compare the keys with the database's marks, and mark those that are new to it.

    Raises ``WrongKeys``: going on would make every supporter a stranger who can sign again.
    """
    rows = await connection.execute(select(key_marks.c.name, key_marks.c.mark))
    known: dict[str, bytes] = {row.name: row.mark for row in rows}
    marks = keys.marks(petitions)
    wrong = sorted(name for name, mark in marks.items() if known.get(name, mark) != mark)
    missing = sorted(name for name in known if name.startswith("sealing") and name not in marks)
    if wrong or missing:
        raise WrongKeys(
            f"The database was written with other keys ({', '.join(wrong + missing)}): put back"
            " the keys that belong to it from your backup."
        )
    new = [{"name": name, "mark": mark} for name, mark in marks.items() if name not in known]
    if new:
        await connection.execute(insert(key_marks), new)


async def forget(connection: AsyncConnection, names: Collection[str]) -> None:
    """These keys were destroyed on purpose: nothing is sealed with them any more."""
    await connection.execute(delete(key_marks).where(key_marks.c.name.in_(names)))
