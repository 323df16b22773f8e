"""A mark of each key that the database was written with: wrong keys are noticed at start."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import delete, exists, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keys import BOUND, Keys, KeyTrouble
from bot.store.tables import key_marks

PETITION = "petition-"
"""What the mark of a petition's key is called begins so."""


class WrongKeys(KeyTrouble):
    """The keys are sound, but the database was written with other ones."""


class NotBound(KeyTrouble):
    """What is sealed is not bound to its rows yet."""


async def there(connection: AsyncConnection) -> bool:
    """Whether the database was written with keys, which are then needed to go on."""
    return bool(await connection.scalar(select(exists().select_from(key_marks))))


async def verify(connection: AsyncConnection, keys: Keys) -> dict[str, bytes]:
    """That the keys are those that the database was written with; its marks. Changes nothing.

    Raises ``WrongKeys`` or ``KeysMissing``: going on would make every supporter a stranger who can
    sign again.
    """
    rows = await connection.execute(select(key_marks.c.name, key_marks.c.mark))
    known: dict[str, bytes] = {row.name: row.mark for row in rows}
    keys.refresh()  # a key may have been added since they were read
    marks = keys.marks(keys.petitions())
    if known and BOUND not in known:
        raise NotBound(
            "The database was written by an older version of the bot: start the bot once, which"
            " brings it up to date."
        )
    wrong = [name for name, mark in marks.items() if known.get(name, mark) != mark]
    missing = [name for name in known if name not in marks]
    wrong += [name for name in missing if not name.startswith(PETITION)]
    if wrong:
        raise WrongKeys(
            f"The database was written with other keys ({', '.join(sorted(wrong))}): put back"
            " the keys that belong to it from your backup."
        )
    petitions = sorted(name.removeprefix(PETITION) for name in missing)
    lost = [petition for petition in petitions if keys.has_petition_key(petition)]
    if lost:
        raise keys.lost(lost[0])
    return known


async def check(connection: AsyncConnection, keys: Keys, petitions: Iterable[str]) -> None:
    """``verify``, and then mark the keys that are new to the database, those of these petitions,
    which are made where there are none yet, among them.
    """
    known = await verify(connection, keys)
    marks = keys.marks({*petitions, *keys.petitions()})
    new = [{"name": name, "mark": mark} for name, mark in marks.items() if name not in known]
    if new:
        await connection.execute(insert(key_marks), new)


async def are_bound(connection: AsyncConnection, keys: Keys) -> bool:
    """Whether all seals are bound to their rows. Only whoever has the keys can say so."""
    mark = await connection.scalar(select(key_marks.c.mark).where(key_marks.c.name == BOUND))
    return mark == keys.bound_mark


async def bound(connection: AsyncConnection, keys: Keys) -> None:
    """From now on they are."""
    await connection.execute(delete(key_marks).where(key_marks.c.name == BOUND))
    await connection.execute(insert(key_marks).values(name=BOUND, mark=keys.bound_mark))


async def forget(connection: AsyncConnection, names: Collection[str]) -> None:
    """These keys were destroyed on purpose: nothing is sealed with them any more."""
    await connection.execute(delete(key_marks).where(key_marks.c.name.in_(names)))
