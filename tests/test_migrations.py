"""A new database and an older one end with the same tables, and a newer one is left alone."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateIndex, CreateTable

from bot.campaign.broadcast_rules.broadcast import State
from bot.keys import Keys
from bot.store import migrations, staff_settings
from bot.store.broadcasts import desk_requests, records
from bot.store.broadcasts.deliveries import Fate
from bot.store.broadcasts.tables import deliveries as deliveries_table
from bot.store.database import DatabaseTrouble
from bot.store.every_table import metadata
from bot.store.sqlite import made_tables
from bot.store.sqlite.database import SqliteDatabase, database_file
from bot.store.tables import sequences as sequence_table
from bot.store.upsert import upsert


def test_the_migrations_make_the_tables_of_the_program(migrated: Connection) -> None:
    assert compare_metadata(MigrationContext.configure(migrated), metadata) == []


def test_a_new_database_is_to_the_letter_what_the_migrations_make(migrated: Connection) -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        migrations.upgrade(connection, made_tables)
        assert schema(connection) == schema(migrated)
        versions = "SELECT version_num FROM alembic_version"
        assert connection.scalar(text(versions)) == migrated.scalar(text(versions))
    engine.dispose()


@pytest.fixture
def migrated() -> Iterator[Connection]:
    """A database that has gone through all migrations, from the first."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        migrations.by_revisions(connection)
        yield connection
    engine.dispose()


def schema(connection: Connection) -> dict[str, str]:
    """Tables, indexes and triggers as SQLite keeps them, whatever the line breaks."""
    rows = connection.execute(text("SELECT type, name, sql FROM sqlite_master"))
    return {f"{row.type} {row.name}": " ".join((row.sql or "").split()) for row in rows}


def test_the_migrations_keep_no_order_of_writing_where_the_tables_keep_none(
    migrated: Connection,
) -> None:
    wanted = {
        table.name: table.dialect_options["sqlite"]["with_rowid"]
        for table in metadata.sorted_tables
    }
    rows = migrated.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
    made = {row.name: "WITHOUT ROWID" not in row.sql for row in rows}
    made.pop("alembic_version")
    assert made == wanted
    for private in ("supporters", "subscriptions", "signatures", "acts"):
        assert not made[private]


def test_the_newest_migration_is_the_one_that_lets_alembic_rest() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_heads() == [migrations.HEAD]


LOADED = """
import asyncio, sys
from pathlib import Path
from bot.store.database import Database
from bot.store.sqlite import made_tables
from bot.store.sqlite.database import SqliteDatabase
async def main():
    await (await SqliteDatabase.open(Path(sys.argv[1]))).close()
asyncio.run(main())
print("alembic" in sys.modules)
"""


def test_neither_a_new_database_nor_one_that_is_up_to_date_loads_alembic(data: Path) -> None:
    for _ in range(2):
        told = subprocess.run(
            [sys.executable, "-c", LOADED, str(data)], check=True, capture_output=True, text=True
        )
        assert told.stdout == "False\n"


async def test_an_older_database_is_brought_up_to_date(data: Path) -> None:
    engine = create_engine(f"sqlite:///{database_file(data)}")
    with engine.begin() as connection:
        migrations.by_revisions(connection, "0001")
        assert "audit" not in inspect(connection).get_table_names()
    engine.dispose()
    store = await SqliteDatabase.open(data)
    async with store.writing() as connection:
        assert "trigger audit_no_delete" in await connection.run_sync(schema)
    await store.close()


async def test_what_an_older_database_says_of_its_broadcasts_is_looked_for_in_columns(
    data: Path,
) -> None:
    engine = create_engine(f"sqlite:///{database_file(data)}")
    with engine.begin() as connection:
        migrations.by_revisions(connection, "0002")
        connection.execute(
            text(
                "INSERT INTO broadcasts VALUES (7, 'cancelled', :body, 1793000000000, 3, x'', 1,"
                " 2, 0, 0, 1, 0, '{}', :report)"
            ),
            {
                "body": '{"title":"Nouvelles","texts":{"fr":"Bonjour"},"audience":{"topic":"mamat"}'
                ',"retract":"asked"}',
                "report": '{"shown":"cancelled","followed":true,"gone":1}',
            },
        )
    engine.dispose()
    keys = Keys.open(data / "keys", database_exists=False)
    store = await SqliteDatabase.open(data)
    async with store.reading() as connection:
        found = await records.find(connection, 7)
        retracting = await records.retracting(connection, keys)
        long_ago = datetime(2026, 1, 1, tzinfo=UTC)
        not_shown = await records.not_shown(connection, [State.CANCELLED], long_ago)
    await store.close()
    assert found is not None
    assert (found.broadcast.title, found.broadcast.retract, found.sent) == ("Nouvelles", "asked", 2)
    assert (found.followed, dict(found.report)) == (True, {"gone": 1})
    assert [(one.broadcast.id, one.vouched) for one in retracting] == [(7, False)]
    assert not_shown == []


async def test_messages_that_an_older_database_numbered_have_names(
    data: Path,
) -> None:
    engine = create_engine(f"sqlite:///{database_file(data)}")
    with engine.begin() as connection:
        migrations.by_revisions(connection, "0003")
        connection.execute(
            text("INSERT INTO deliveries VALUES (7, x'01', 2, 1793000000, 4711)"),
        )
        connection.execute(text("INSERT INTO deliveries VALUES (7, x'02', 0, NULL, NULL)"))
    engine.dispose()
    store = await SqliteDatabase.open(data)
    async with store.reading() as connection:
        rows = (await connection.execute(select(deliveries_table))).all()
    await store.close()
    assert [tuple(row) for row in rows] == [
        (7, b"\x01", Fate.SENT, 1793000000, "4711"),
        (7, b"\x02", Fate.QUEUED, None, None),
    ]


async def test_what_staff_had_set_and_asked_for_goes_on_after_an_update(data: Path) -> None:
    engine = create_engine(f"sqlite:///{database_file(data)}")
    orders = (
        (1, "preview", "m:", None),
        (1, "test", "m:", "taken"),
        (2, "test", "m:office", None),
        (2, "count", "m:", None),
        (2, "report", "m:", None),
        (2, "word", "m:Plus court : « ça »", None),
    )
    with engine.begin() as connection:
        migrations.by_revisions(connection, "0003")
        connection.execute(text("INSERT INTO desk VALUES ('approvals', '0')"))
        left = "INSERT INTO orders (broadcast, act, value, at, answer) VALUES (:b, :a, :v, 7, :w)"
        for order in orders:
            connection.execute(text(left), dict(zip("bavw", order, strict=True)))
    engine.dispose()
    store = await SqliteDatabase.open(data)
    keys = Keys.open(data / "keys", database_exists=False)
    async with store.writing() as connection_:
        # Of what the log of the staff does not tell, nobody knows who has set it.
        assert await staff_settings.values(connection_, keys) == {}
        assert await staff_settings.forged(connection_, keys) == ["approvals"]
        waiting = await desk_requests.waiting(connection_, keys)
        assert {one.member for one in waiting} == {"m"}
        # Nobody vouches for them: staff are told to ask again.
        assert [one.command for one in waiting] == [None] * 5
        await desk_requests.drop(connection_, datetime(1971, 1, 1, tzinfo=UTC))
        assert not await desk_requests.waiting(connection_, keys)
    await store.close()


async def test_a_database_of_a_newer_version_is_left_alone(data: Path) -> None:
    await (await SqliteDatabase.open(data)).close()
    change(data, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseTrouble, match="newer version of the bot"):
        await SqliteDatabase.open(data)


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        ("ALTER TABLE desk_requests DROP COLUMN fields", "desk_requests.fields"),
        ("ALTER TABLE staff_settings ADD COLUMN mood VARCHAR", "staff_settings.mood"),
        ("DROP TABLE reminders", "reminders.due"),
        ("DROP INDEX events_seen_by_time", "events_seen_by_time"),
    ],
)
async def test_tables_that_are_not_what_their_version_says_are_named_at_the_start(
    data: Path, damage: str, named: str
) -> None:
    await (await SqliteDatabase.open(data)).close()
    change(data, damage)
    for beside in (False, True):
        with pytest.raises(DatabaseTrouble, match=r"cannot be used: .*backup") as told:
            await SqliteDatabase.open(data, beside=beside)
        assert named in str(told.value)


async def test_what_an_operator_adds_for_looking_does_no_harm(data: Path) -> None:
    await (await SqliteDatabase.open(data)).close()
    change(data, "CREATE INDEX mine ON supporters (language)", "CREATE TABLE mine_too (x)")
    change(data, "ANALYZE")
    await (await SqliteDatabase.open(data)).close()


def change(data: Path, *statements: str) -> None:
    with sqlite3.connect(database_file(data)) as raw:
        for statement in statements:
            raw.execute(statement)
    raw.close()


NEVER_EDITED = {
    "0001_first_tables.py": "060c86e9a8ee9444ed9693a1338b3e29ba4ad1785345c5487fa921c9ae736b47",
    "0002_broadcasts.py": "c6d56efbe8e0669cc050705c6b35bc8d09803d3d9be3d9a79d9a92f90c030dc0",
    "0003_broadcast_columns.py": "3d92673d2cdbf88e8b316a594576ea0393636523d69f8195e687a5cc5dad8759",
    "0004_delivery_refs.py": "503b0f01c6ff3fd1630bf989e9199d28394cd2ee5e065301072e33172e8dbdcb",
    "0005_desk_names.py": "aa277cf781f2166d6b17e02d59dc8d115c9a53fcd0cce8f1f66ef1fec3292d1f",
    "0006_second_factors.py": "7ed132e8550d20dac2f089352445054eca428634fbf16ab70e363697fd7c9e73",
    "0007_signers.py": "f9bc4239d32a80dc41ccbc13f74b38b3a8418095a575ba6fda70578b263e3834",
    "0008_bound_seals.py": "b6ddb7346b5c8de3b1f3f1e1173acc68429ddeaf0a99615dee31f7ce8fc639a2",
    "0009_health.py": "003120a8af1c12a390023c361fefdd672d2061c87af503c39694b71005256df6",
    "0010_desk.py": "87188099c120ef0fe53fb35fd8a03d913078014dab5fbf6136ad0820eabfb5ae",
    "0011_inbox.py": "f5220c5943fbe953182a5a928a1223aa82fbfdb247ad2c39e0f7626606fb5182",
}
"""Of each migration the SHA-256. A database that has gone through one never sees what is changed in
it later: whatever is to be different is a migration of its own. A new one is entered here."""


def test_no_migration_is_edited_in_place() -> None:
    versions = Path(migrations.__file__).parent / "versions"
    found = {
        file.name: hashlib.sha256(file.read_text("utf-8").encode()).hexdigest()
        for file in versions.glob("0*.py")
    }
    assert found == NEVER_EDITED


def test_a_migration_that_fails_leaves_no_table(data: Path) -> None:
    engine = create_engine("sqlite://", isolation_level=None)
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE outbox (there already)")
        connection.exec_driver_sql("BEGIN")
        with pytest.raises(OperationalError, match="already exists"):
            migrations.upgrade(connection, made_tables)
        connection.rollback()
        assert inspect(connection).get_table_names() == ["outbox"]
    engine.dispose()


def test_the_tables_can_be_made_in_postgresql_too() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in metadata.sorted_tables:
        assert "ROWID" not in str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            str(CreateIndex(index).compile(dialect=dialect))
    assert "ON CONFLICT (name)" in str(
        upsert(sequence_table, "last", "postgresql").compile(dialect=dialect)
    )
