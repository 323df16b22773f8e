"""What all tables share. Everything personal is a pseudonym or sealed (see bot/keys/keys.py).

Portable: the same definitions serve SQLite and PostgreSQL. Where SQLite would number the rows in
their order of writing, ``sqlite_with_rowid=False`` takes that order away, so that rows of two
tables cannot be matched by it. The first migration creates these tables; each later change
needs a migration of its own (a test compares them).
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Dialect, MetaData, TypeDecorator


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
