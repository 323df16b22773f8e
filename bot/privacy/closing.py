"""Names that were listed before there was a key to close them to are closed at the next start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import structlog
from sqlalchemy import LargeBinary, Row, Select, bindparam, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keys import SEAL_SIZE, Keys, SealBroken, closed
from bot.store.database import Database
from bot.store.people import erasing
from bot.store.petitions.signatures import NAME, NAME_SIZE, Key, closed_name
from bot.store.petitions.tables import signatures
from bot.store.schema import row

log = structlog.get_logger(__name__)

AT_ONCE = 500
"""Names in one transaction, so that other processes may write in between."""
BEFORE_ALL: Key = ("", b"")


async def close_names(store: Database, keys: Keys) -> int:
    """How many were closed; nothing of them is left in the file. Where this was cut off, the rest
    is closed at the next start, and what is left is cleared away as after an erasure."""
    number = 0
    after: Key | None = BEFORE_ALL
    while keys.names_to and after is not None:
        async with store.writing() as connection:
            page, after = await _page(connection, NAME_SIZE, after)
            rows = [
                {"of": petition, "whose": pseudonym, "again": _closed_again(keys, plain, where)}
                for petition, pseudonym, where, plain in _opened(keys, page)
            ]
            if rows:
                await connection.execute(_CLOSE, rows)
                await erasing.left_something(connection)
        number += len(rows)
    if number:
        await store.scrub()  # or they would still stand in free pages and in the log
        log.info("names_closed", number=number, key=closed.mark_of(keys.names_to))
    return number


async def tell_of_other_keys(store: Database, keys: Keys) -> None:
    """A warning for each key but that of the settings to which names are closed: only its private
    half opens them."""
    others = await of_other_keys(store, keys, but=keys.names_to)
    for key, number in sorted(others.items()):
        if keys.names_to:
            log.warning("names_under_another_key", number=number, key=key)
        else:
            log.warning("names_no_longer_closed", number=number, key=key)


async def of_other_keys(store: Database, keys: Keys, *, but: str) -> Counter[str]:
    """How many names are closed to another public key than that one ("" for none), by its mark."""
    found: Counter[str] = Counter()
    after: Key | None = BEFORE_ALL
    while after is not None:
        async with store.reading() as connection:
            page, after = await _page(connection, closed.SIZE, after)
        found.update(closed.key_of(plain) for _, _, _, plain in _opened(keys, page))
    if but:
        found.pop(closed.mark_of(but), None)
    return found


async def _page(
    connection: AsyncConnection, size: int, after: Key
) -> tuple[Sequence[Row[Any]], Key | None]:
    """Rows whose name is of that size, behind that one; and where the next page begins."""
    found = await connection.execute(
        _NAMES.where(
            func.length(signatures.c.name_sealed) == SEAL_SIZE + size, tuple_(*_KEY) > after
        ).limit(AT_ONCE)
    )
    page = found.all()
    return page, (page[-1].petition, page[-1].pseudonym) if len(page) == AT_ONCE else None


def _opened(keys: Keys, page: Sequence[Row[Any]]) -> Iterator[tuple[str, bytes, bytes, bytes]]:
    """Petition, pseudonym, row and what is sealed, where it is whole."""
    for one in page:
        where = row(one.pseudonym, one.petition)
        try:
            yield one.petition, one.pseudonym, where, keys.unseal(one.name_sealed, NAME, where)
        except SealBroken:
            log.error("seal_broken", column="signatures.name")


def _closed_again(keys: Keys, plain: bytes, where: bytes) -> bytes:
    return keys.seal(closed_name(keys, plain), NAME, where)


_KEY = signatures.c.petition, signatures.c.pseudonym
_NAMES: Select[Any] = select(*_KEY, signatures.c.name_sealed).order_by(*_KEY)
_CLOSE = (
    update(signatures)
    .where(signatures.c.petition == bindparam("of"), signatures.c.pseudonym == bindparam("whose"))
    .values(name_sealed=bindparam("again", type_=LargeBinary))
)
