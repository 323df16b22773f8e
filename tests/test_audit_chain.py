"""The log of what staff did: whoever changes it is found, however long it is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.store import audit
from tests.house import house

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize("entries", [0, 1, audit.PAGE, audit.PAGE + 1])
async def test_a_log_is_read_to_its_end(data: Path, entries: int) -> None:
    async with house(data) as opened:
        listed = [audit.Entry("owner", "new", number) for number in range(entries)]
        async with opened.store.writing() as connection:
            await audit.add(connection, opened.keys, listed, AT)
        async with opened.store.reading() as connection:
            assert await audit.verify(connection, opened.keys) == (entries, None)


@pytest.mark.parametrize("changed", [1, audit.PAGE, audit.PAGE + 2])
async def test_the_first_entry_that_does_not_fit_is_named(data: Path, changed: int) -> None:
    async with house(data) as opened:
        listed = [audit.Entry("owner", "new", number) for number in range(audit.PAGE + 3)]
        async with opened.store.writing() as connection:
            await audit.add(connection, opened.keys, listed[:5], AT)
            await audit.add(connection, opened.keys, listed[5:], AT)
            await connection.execute(text("drop trigger audit_no_update"))
            await connection.execute(
                text(f"update audit set detail = 'else' where number >= {changed}")
            )
        async with opened.store.reading() as connection:
            assert await audit.verify(connection, opened.keys) == (changed - 1, changed)


async def test_however_many_entries_are_cut_off_it_is_seen(data: Path) -> None:
    async with house(data) as opened:
        listed = [audit.Entry("owner", "new", number) for number in range(12)]
        async with opened.store.writing() as connection:
            await audit.add(connection, opened.keys, listed, AT)
            await connection.execute(text("drop trigger audit_no_delete"))
        for left in range(11, -1, -1):
            async with opened.store.writing() as connection:
                await connection.execute(text(f"delete from audit where number > {left}"))
            async with opened.store.reading() as connection:
                assert await audit.verify(connection, opened.keys) == (left, left + 1)
