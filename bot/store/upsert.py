"""Inserts that may meet a row which is there already, in the dialect of the connection."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import Any

from sqlalchemy import Table


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
def insert_or_set(table: Table, columns: tuple[str, ...], dialect: str) -> Any:
    """A statement that inserts a row, or sets these columns of the row that is there."""
    statement = _insert(table, dialect)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={column: statement.excluded[column] for column in columns},
    )


def _insert(table: Table, dialect: str) -> Any:
    """SQLAlchemy's own insert has no word for it; those of its dialects say it alike."""
    return import_module(f"sqlalchemy.dialects.{dialect}").insert(table)
