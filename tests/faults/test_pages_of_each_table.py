"""A damaged page is found at the start, whichever table or index it belongs to."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.store.database import DatabaseDamaged
from bot.store.every_table import metadata
from bot.store.sqlite.database import SqliteDatabase
from tests.house import house

PAGE = 4096


def roots(file: Path) -> dict[str, int]:
    """The first page of each table and index."""
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("pragma journal_mode = delete")
        return dict(raw.execute("select name, rootpage from sqlite_master where rootpage > 0"))


async def test_a_page_of_garbage_in_any_table_or_index_keeps_the_bot_from_starting(
    data: Path, tmp_path: Path
) -> None:
    async with house(data) as bot:
        await bot.sign(*map(str, range(20)))
        await bot.press("1", "topic:cases:on")
    where = roots(data / "campaign.sqlite3")
    assert set(metadata.tables) <= set(where)
    started, wrong_word = [], []
    for name, page in where.items():
        copy = Path(shutil.copytree(data, tmp_path / "copy"))
        with (copy / "campaign.sqlite3").open("r+b") as file:
            file.seek((page - 1) * PAGE)
            file.write(os.urandom(PAGE))
        try:
            await (await SqliteDatabase.open(copy)).close()
        except DatabaseDamaged as problem:
            if "backup" not in str(problem):
                wrong_word.append(name)
        else:
            started.append(name)
        shutil.rmtree(copy)
    assert started == []
    assert wrong_word == []


@pytest.mark.parametrize("kept", [0, 1, 3])
async def test_a_file_that_lost_its_end_keeps_the_bot_from_starting(data: Path, kept: int) -> None:
    """As a copy that was broken off, or a disk that gave back less than it took."""
    async with house(data) as bot:
        await bot.sign(*map(str, range(20)))
    file = data / "campaign.sqlite3"
    pages = len(roots(file))
    os.truncate(file, kept * pages * PAGE // 4 + PAGE + 100)
    with pytest.raises(DatabaseDamaged, match="backup"):
        await SqliteDatabase.open(data)
