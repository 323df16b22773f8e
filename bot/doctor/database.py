"""The database: whole, of this version, and written with the keys that are here."""

from __future__ import annotations

from collections.abc import Iterable

from bot.doctor.looking import Look
from bot.findings import Finding, warning, well, wrong
from bot.keys import Keys, KeyTrouble, closed
from bot.privacy.closing import of_other_keys
from bot.settings import revealed
from bot.store import first_start, key_marks, migrations
from bot.store.database import (
    Database,
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseOlder,
    DatabaseTrouble,
)
from bot.store.opening import open_database


async def look(look: Look) -> Iterable[Finding]:
    """What opening it for looking tells, then its pages, then its keys."""
    directory = look.settings.data_dir
    if not look.database.exists() and not first_start.is_over(directory):
        return [well("database.none", path=str(look.database))]
    try:
        store = await open_database(directory, revealed(look.settings.database_url), looking=True)
    except DatabaseOlder as trouble:
        return [warning("database.older", str(trouble), head=migrations.HEAD)]
    except DatabaseTrouble as trouble:
        return [_told(trouble)]
    try:
        return [await _pages(store), *await _keys(look, store)]
    except DatabaseTrouble as trouble:
        return [_told(trouble)]
    finally:
        await store.close()


def _told(trouble: DatabaseTrouble) -> Finding:
    match trouble:
        case DatabaseDamaged():
            return wrong("database.damaged", str(trouble))
        case DatabaseBusy():
            return warning("database.busy", str(trouble))
    return wrong("database.unusable", str(trouble))


async def _pages(store: Database) -> Finding:
    megabytes = store.size() / 1e6
    if not await store.prove_sound():
        return warning("database.seen_in_part", megabytes=megabytes)
    return well("database", megabytes=megabytes, head=migrations.HEAD)


async def _keys(look: Look, store: Database) -> list[Finding]:
    directory = look.settings.data_dir / "keys"
    async with store.reading() as connection:
        if not await key_marks.there(connection):
            return [warning("keys.none_yet")]
        try:
            given = revealed(look.settings.keys)
            keys = Keys.open(directory, given, database_exists=True)
            known = await key_marks.verify(connection, keys)
        except KeyTrouble as trouble:
            return [wrong("keys", str(trouble))]
    return [well("keys.fit", count=len(known)), *await _names(look, store, keys)]


async def _names(look: Look, store: Database, keys: Keys) -> list[Finding]:
    """To which offline keys listed names are closed."""
    closed_to = look.settings.handover_key
    others = await of_other_keys(store, keys, but=closed_to)
    found = [
        warning("names.another_key", key=key, count=number)
        for key, number in sorted(others.items())
    ]
    return [*([well("names.closed", key=closed.mark_of(closed_to))] if closed_to else []), *found]
