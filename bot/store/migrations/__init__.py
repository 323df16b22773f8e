"""Bringing the tables up to date at start, with Alembic, in the caller's transaction."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

HEAD = "0002"
"""The newest revision in versions/ (a test holds it true): a database that is there already needs
no Alembic, whose loading would be half of a start."""


class DatabaseTooNew(Exception):
    """A newer version of the bot has written the database."""


def upgrade(connection: Connection) -> None:
    """Make or change the tables until they are those of this version of the bot."""
    if _version(connection) == HEAD:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    version = _version(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise DatabaseTooNew(
            f"The database was written by a newer version of the bot (its tables are at {version},"
            f" this version knows {HEAD}): start that version, or restore an older backup."
        )
    command.upgrade(config, "head")


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if version is None else str(version)
