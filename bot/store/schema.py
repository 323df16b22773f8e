"""What all tables share. Everything personal is a pseudonym or sealed (see bot/keys/keys.py).

Portable: the same definitions serve every engine. Where one would number the rows in their order of
writing, ``**UNORDERED`` takes that order away, so that rows of two tables cannot be matched by it.
Each change needs a migration of its own (a test compares them).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Dialect, MetaData, Row, Table, TypeDecorator

from bot.store.sqlite.table_options import NUMBER, UNORDERED

__all__ = [
    "HIDDEN",
    "NUMBER",
    "UNORDERED",
    "Moment",
    "is_hidden",
    "kind",
    "kind_of",
    "metadata",
    "purpose",
    "purpose_of",
    "sealed",
]


class Moment(TypeDecorator[datetime]):
    """A time in UTC, kept as milliseconds since 1970: no zone to be mistaken, quick to compare."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To milliseconds; a time without a zone is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time needs its zone")
        return round(value.timestamp() * 1000)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Back to a time in UTC."""
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


class Hour(Moment):
    """The hour in which something was, kept like a ``Moment``: what tells of people is kept no
    more exactly than it serves."""

    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To the milliseconds of the hour's beginning."""
        kept = super().process_bind_param(value, dialect)
        return None if kept is None else kept - kept % HOUR


HOUR = 3_600_000
"""Milliseconds."""

metadata = MetaData()

_KIND, _ASIDE, _PURPOSE, _PACKED, _HIDDEN = "kind", "aside", "purpose", "packed", "hidden"


def kind(name: str, *, aside: bool = False) -> dict[str, object]:
    """A table's word for the kind of data that it holds (see bot/privacy/kinds.py). ``aside``: not
    everybody can have rows in it, which therefore stand under pseudonyms of their own
    (``Keys.aside``), so that their being there tells nothing of anybody."""
    return {_KIND: name, _ASIDE: aside}


def sealed(purpose: str, *, packed: bool = False) -> dict[str, object]:
    """A column's word that its values are sealed, and for which purpose: values of one purpose
    cannot be opened as those of another. ``packed``: see ``sizes.packed``."""
    return {_PURPOSE: purpose.encode(), _PACKED: packed}


HIDDEN: dict[str, object] = {_HIDDEN: True}
"""A column's word that its values mean nothing to anybody, and are not shown."""


def kind_of(table: Table) -> str:
    """The kind of data in it; "" where it was forgotten to say so."""
    return str(table.info.get(_KIND, ""))


def is_aside(table: Table) -> bool:
    """Whether its rows stand under pseudonyms of their own."""
    return bool(table.info.get(_ASIDE))


def purpose_of(column: Column[Any]) -> bytes | None:
    """What its values are sealed for; None where they are not sealed."""
    purpose = column.info.get(_PURPOSE)
    return purpose if isinstance(purpose, bytes) else None


def purpose(column: Column[Any]) -> bytes:
    """The same, of a column that is sealed. Raises LookupError."""
    found = purpose_of(column)
    if found is None:
        raise LookupError(f"{column} is not sealed")
    return found


def row(*key: object) -> bytes:
    """A row by the values of its primary key, in their order: what its seals are bound to."""
    return b"\0".join(part if isinstance(part, bytes) else str(part).encode() for part in key)


def row_of(table: Table, found: Row[Any]) -> bytes:
    """The same, of a row that was read."""
    return row(*(found._mapping[column] for column in table.primary_key))


def is_packed(column: Column[Any]) -> bool:
    """Whether what is sealed in it was packed before."""
    return bool(column.info.get(_PACKED))


def is_hidden(column: Column[Any]) -> bool:
    """Whether its values mean nothing to anybody."""
    return bool(column.info.get(_HIDDEN))
