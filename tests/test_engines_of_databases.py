"""The bot knows a database, and not which: another engine is a room beside SQLite's."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Engine
from sqlalchemy.schema import CreateIndex, CreateTable

from bot.campaign.channel import Made
from bot.store import sequences, staff_settings, upsert
from bot.store.broadcasts import files
from bot.store.every_table import metadata
from bot.store.overdue import expire
from bot.upkeep import purging, recounting
from tests.house import BOSS, CAMPAIGN, house
from tests.test_platform_names import words_of

BOT = Path(__file__).parent.parent / "bot"
SQLITE = ("sqlite", "pragma", "rowid", "vacuum", "wal_checkpoint", "on conflict", "insert or ")
ROOM = BOT / "store" / "sqlite"
# History: a revision says for ever what it did to databases that are there. A new engine begins
# with the tables of its day.
REVISIONS = BOT / "store" / "migrations" / "versions"
CHOOSE = {
    "store/opening.py": "which engine opens the database",
    "store/schema.py": "what the definitions of tables say to each engine",
}


def test_only_the_room_of_sqlite_names_it() -> None:
    named = {
        str(file.relative_to(BOT))
        for file in sorted(BOT.rglob("*.py"))
        if not file.is_relative_to(ROOM) and not file.is_relative_to(REVISIONS)
        for _, word in words_of(ast.parse(file.read_text("utf-8")))
        if any(one in word.lower() for one in SQLITE)
    }
    assert named == set(CHOOSE)


def test_the_tables_can_be_made_by_postgresql() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in metadata.sorted_tables:
        made = str(CreateTable(table).compile(dialect=dialect))
        assert "ROWID" not in made
        for index in table.indexes:
            str(CreateIndex(index).compile(dialect=dialect))


@contextmanager
def executed() -> Iterator[list[Any]]:
    """All that is executed meanwhile, on whichever connection."""
    found: list[Any] = []

    def note(connection: Connection, statement: Any, *_: object) -> None:
        found.append(statement)

    event.listen(Engine, "before_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_execute", note)


@pytest.fixture
def of_postgresql(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Inserts that may meet a row are PostgreSQL's, which SQLite understands, too."""
    made = (upsert.upsert, upsert.insert_new, upsert.insert_or_set, sequences._taking)
    really = upsert._insert
    monkeypatch.setattr(upsert, "_insert", lambda table, _: really(table, "postgresql"))
    for one in made:
        one.cache_clear()
    yield
    for one in made:
        one.cache_clear()


async def test_what_the_store_asks_can_be_said_to_postgresql(
    data: Path, of_postgresql: None
) -> None:
    with executed() as found:
        async with house(data, staff=(BOSS,)) as opened:
            await opened.sign("anna", "boris")
            await opened.press("anna", "remind:mamat:letter:three")
            await opened.press("boris", "did:mamat:letter")
            await opened.command(BOSS, "staff")
            await opened.command("boris", "stop")
            await opened.command("anna", "forget")
            await opened.press("anna", "forget:yes")
            async with opened.store.writing() as connection:
                await staff_settings.put(connection, opened.keys, "approvals", "2")
                await files.add(connection, Made("a.png", "image/png", b"a"))
                await expire(connection, opened.now, CAMPAIGN.retention)
            later = opened.now + timedelta(days=800)
            await purging.purge(opened.store, opened.keys, CAMPAIGN, later)
            await recounting.recount(opened.store, opened.now.date())
            async with opened.store.reading() as connection:
                assert (await staff_settings.values(connection, opened.keys))["approvals"] == "2"
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    said = {str(one.compile(dialect=dialect)) for one in found if not isinstance(one, str)}
    assert any("ON CONFLICT" in one for one in said)
    written = {table.name for table in metadata.sorted_tables for one in said if table.name in one}
    assert {"supporters", "signatures", "outbox", "staff_settings", "tallies"} <= written
