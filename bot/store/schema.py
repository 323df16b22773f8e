"""What all tables share. Everything personal is a pseudonym or sealed (see bot/keys/keys.py).

Portable: the same definitions serve every engine. Where one would number the rows in their order of
writing, ``**UNORDERED`` takes that order away, so that rows of two tables cannot be matched by it.
Each change needs a migration of its own (a test compares them).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Dialect, MetaData, Table, TypeDecorator

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


metadata = MetaData()

_KIND, _PURPOSE, _HIDDEN = "kind", "purpose", "hidden"


def kind(name: str) -> dict[str, object]:
    """A table's word for the kind of data that it holds (see bot/privacy/kinds.py)."""
    return {_KIND: name}


def sealed(purpose: str) -> dict[str, object]:
    """A column's word that its values are sealed, and for which purpose: values of one purpose
    cannot be opened as those of another."""
    return {_PURPOSE: purpose.encode()}


HIDDEN: dict[str, object] = {_HIDDEN: True}
"""A column's word that its values mean nothing to anybody, and are not shown."""


def kind_of(table: Table) -> str:
    """The kind of data in it; "" where it was forgotten to say so."""
    return str(table.info.get(_KIND, ""))


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


def is_hidden(column: Column[Any]) -> bool:
    """Whether its values mean nothing to anybody."""
    return bool(column.info.get(_HIDDEN))
