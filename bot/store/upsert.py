"""Inserts that may meet a row which is there already, as SQLite and PostgreSQL say it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite


@lru_cache
def upsert(table: Table, column: str, dialect: str) -> Any:
    """A statement that inserts a row, or adds its amount to the column of the row that is there."""
    statement = _insert(table, dialect)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={column: table.c[column] + statement.excluded[column]},
    )


@lru_cache
def insert_new(table: Table, dialect: str) -> Any:
    """A statement that inserts a row, or leaves the one that is there as it is."""
    return _insert(table, dialect).on_conflict_do_nothing()


@lru_cache
def replace_row(table: Table, dialect: str) -> Any:
    """A statement that inserts a row, or writes it over the one that is there."""
    statement = _insert(table, dialect)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={c.name: statement.excluded[c.name] for c in table.columns if not c.primary_key},
    )


def _insert(table: Table, dialect: str) -> Any:
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # slow to import where it is not needed

        return postgresql.insert(table)
    return sqlite.insert(table)
