"""The tables as they stand in SQLite's file, and the trigger that lets one of them only grow."""

from __future__ import annotations

from sqlalchemy import Connection, text

_COLUMNS = text(
    'SELECT t.name, c.name, c."notnull", c.pk > 0 FROM sqlite_master t'
    " JOIN pragma_table_info(t.name) c WHERE t.type = 'table'"
)
_INDEXES = text("SELECT name FROM sqlite_master WHERE type = 'index'")


def columns(connection: Connection) -> set[tuple[str, str, bool, bool]]:
    """Of all tables: (table, column, whether it must have a value, whether it is of the key).

    Half a millisecond; SQLAlchemy's own inspection of every table would be four times that.
    """
    return {
        (table, name, bool(required), bool(key))
        for table, name, required, key in connection.execute(_COLUMNS)
    }


def indexes(connection: Connection) -> set[str]:
    """The names of all indexes."""
    return set(connection.execute(_INDEXES).scalars())


def let_audit_only_grow(connection: Connection) -> None:
    """To the letter as the second migration does it."""
    for act in ("UPDATE", "DELETE"):
        connection.execute(
            text(
                f"CREATE TRIGGER audit_no_{act.lower()} BEFORE {act} ON audit"
                " BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"
            )
        )
