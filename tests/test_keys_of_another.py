"""Keys that are not those of the database are noticed, whichever they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.keys import Keys
from bot.store import key_marks
from bot.store.sqlite.database import SqliteDatabase


async def test_no_other_keys_pass_for_those_of_the_database(data: Path, tmp_path: Path) -> None:
    store = await SqliteDatabase.open(data)
    keys = Keys.open(data / "keys", database_exists=False)
    async with store.writing() as connection:
        await key_marks.check(connection, keys, ["xinjiang"])
        for number in range(12):
            strange = Keys.open(tmp_path / f"strange-{number}", database_exists=False)
            with pytest.raises(key_marks.WrongKeys, match="pseudonyms"):
                await key_marks.check(connection, strange, [])
        await key_marks.check(connection, keys, ["xinjiang"])
    await store.close()
