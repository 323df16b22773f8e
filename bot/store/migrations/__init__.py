"""Bringing the tables up to date at start, in the caller's transaction, older ones with Alembic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    inspect,
    text,
)

from bot.store.every_table import metadata

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0011"
"""The newest revision in versions/ (a test holds it true): a database that is new or up to date
needs no Alembic, whose loading would be a tenth of a start."""

_revision = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Where Alembic notes the revision, as it makes it itself."""


class DatabaseTooNew(Exception):
    """A newer version of the bot has written the database."""


class DatabaseTooOld(Exception):
    """An older version of the bot has written the database, and it shall not be changed."""


class NoTables(Exception):
    """The database is empty, and shall not be made."""


class TablesDiffer(Exception):
    """The tables are not those that the database's version says."""


class MadeTables(Protocol):
    """How an engine tells which tables there are, and has one only grow."""

    def columns(self, connection: Connection) -> set[tuple[str, str, bool, bool]]:
        """Of all tables: (table, column, whether it must have a value, whether it is of the
        key)."""

    def indexes(self, connection: Connection) -> set[str]:
        """The names of all indexes."""

    def let_audit_only_grow(self, connection: Connection) -> None:
        """Whoever changes or deletes an entry of the audit log is refused."""


def upgrade(
    connection: Connection, made: MadeTables, *, make: bool = True, change: bool = True
) -> bool:
    """Make or change the tables until they are those of this version of the bot.

    Returns whether the database is a new one. Raises ``NoTables`` for an empty one without
    ``make``, ``DatabaseTooOld`` for an older one without ``change``.
    """
    if not inspect(connection).get_table_names():
        if not make:
            raise NoTables
        _make(connection, made)
        return True
    if _version(connection) != HEAD:
        by_revisions(connection, change=change)
    _hold_true(connection, made)
    return False


def _make(connection: Connection, made: MadeTables) -> None:
    """An empty database gets the newest tables at once: to the letter those that the revisions
    make (a test compares them)."""
    metadata.create_all(connection)
    made.let_audit_only_grow(connection)
    _revision.create(connection)
    connection.execute(_revision.insert().values(version_num=HEAD))


def _hold_true(connection: Connection, made: MadeTables) -> None:
    """That the tables are what the version says; what is there besides does no harm.

    Without it a missing column shows only when somebody asks for their data. Triggers are left out:
    that the audit log was not tampered with is what ``audit verify`` tells, which has to run then.
    """
    columns = made.columns(connection)
    wanted = {
        (table.name, column.name, not column.nullable, column.primary_key)
        for table in metadata.sorted_tables
        for column in table.columns
    }
    ours = {column for column in columns if column[0] in metadata.tables}
    differing = {f"{table}.{column}" for table, column, *_ in ours ^ wanted}
    indexes = {str(index.name) for t in metadata.sorted_tables for index in t.indexes}
    differing |= indexes - made.indexes(connection)
    if differing:
        first = ", ".join(sorted(differing)[:5])
        more = f" and {len(differing) - 5} more" if len(differing) > 5 else ""
        raise TablesDiffer(
            f"its version is {HEAD}, but its tables are other ones: {first}{more}. It was changed"
            " by hand, or made by a version that was never released: put a backup in its place,"
            " or start the version that made it"
        )


def by_revisions(connection: Connection, to: str = "head", *, change: bool = True) -> None:
    """The way of older databases: each revision that is new to them, in turn."""
    from alembic import command

    config = _config(connection)
    _new_to(connection, config)
    if not change:
        raise DatabaseTooOld
    command.upgrade(config, to)


def waiting(connection: Connection) -> dict[str, str]:
    """The revisions that an older database has not gone through yet, in their order, and what each
    does. None for an empty one and for one that is up to date. Raises ``DatabaseTooNew``."""
    if not inspect(connection).get_table_names() or _version(connection) == HEAD:
        return {}
    return _new_to(connection, _config(connection))


def _new_to(connection: Connection, config: Config) -> dict[str, str]:
    from alembic.script import ScriptDirectory

    version = _version(connection)
    every = list(ScriptDirectory.from_config(config).walk_revisions())
    newest_first = [one.revision for one in every]
    if version is not None and version not in newest_first:
        raise DatabaseTooNew(
            f"The database was written by a newer version of the bot (its tables are at {version},"
            f" this version knows {HEAD}): start that version, or restore an older backup."
        )
    new = every[: newest_first.index(version)] if version is not None else every
    return {one.revision: " ".join(one.doc.split()) for one in reversed(new)}


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if version is None else str(version)
