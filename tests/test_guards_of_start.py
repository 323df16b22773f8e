"""A start goes on only with the database and the keys that belong together, and whole ones."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.app import opened
from bot.channels.registered import ALL
from bot.content_files import Content
from bot.keys import Keys, KeysMissing
from bot.settings import Settings
from bot.store import first_start, key_marks
from bot.store.database import DatabaseDamaged, DatabaseTrouble
from bot.store.sqlite import soundness
from bot.store.sqlite.database import SqliteDatabase
from tests.house import CAMPAIGN, PETITION, house
from tests.program import KEYS, ROOT, run
from tests.recorded import rows

MARKER = first_start.FILE
CONTENT = Content(ROOT / "content", ALL)


async def start(data: Path, **settings: str) -> list[str]:
    """Start the bot as it is wired and stop it; what it logged."""
    told = Settings(data_dir=data, **settings)  # type: ignore[arg-type]
    with capture_logs() as logged:
        async with opened(told, CONTENT, {}):
            pass
    return [line["event"] for line in logged]


async def sign(data: Path) -> None:
    async with house(data) as bot:
        await bot.sign("anna", "ben")


def bring(from_where: Path, to: Path) -> None:
    """The database with its log, which may hold all of it."""
    for file in from_where.glob("campaign.sqlite3*"):
        shutil.copy(file, to)


def without(file: Path) -> None:
    for one in file.parent.glob("campaign.sqlite3*"):
        one.unlink()


def cut_to_nothing(file: Path) -> None:
    file.write_bytes(b"")


def with_no_tables(file: Path) -> None:
    without(file)
    with sqlite3.connect(file) as raw:
        raw.execute("pragma journal_mode = wal")
        raw.execute("create table t (x)")
        raw.execute("drop table t")
    raw.close()


async def test_the_first_start_says_that_the_database_is_a_new_one_and_the_next_does_not(
    data: Path,
) -> None:
    assert "database_made" in await start(data)
    assert (data / "keys" / MARKER).stat().st_mode & 0o077 == 0
    assert "database_made" not in await start(data)


@pytest.mark.parametrize("loses", [Path.unlink, without, cut_to_nothing, with_no_tables])
async def test_a_lost_database_beside_its_keys_is_not_made_anew(
    data: Path, loses: Callable[[Path], None]
) -> None:
    await start(data)
    file = data / "campaign.sqlite3"
    loses(file)
    before = file.read_bytes() if file.exists() else None
    with pytest.raises(DatabaseTrouble, match=r"there was one.*restore a backup.*move all of"):
        await start(data)
    for command in (["recount"], ["keys", "rotate"]):
        refused = run(*command, data=data)
        assert (refused.returncode, "restore a backup" in refused.stderr) == (3, True)
    assert (file.read_bytes() if file.exists() else None) == before
    assert not (data / "keys" / "sealing-002.key").exists()


async def test_keys_brought_to_a_new_machine_wait_for_their_database(data: Path) -> None:
    await start(data)
    elsewhere = data.parent / "elsewhere"
    shutil.copytree(data / "keys", elsewhere / "keys")
    with pytest.raises(DatabaseTrouble, match="restore a backup"):
        await start(elsewhere)
    bring(data, elsewhere)
    assert "database_made" not in await start(elsewhere)


async def test_a_database_that_was_never_used_does_not_take_the_place_of_the_one_that_was(
    data: Path,
) -> None:
    await start(data)
    without(data / "campaign.sqlite3")
    empty = data.parent / "empty"
    await (await SqliteDatabase.open(empty)).close()
    bring(empty, data)
    with pytest.raises(DatabaseTrouble, match="never used"):
        await start(data)


async def test_a_first_start_that_was_cut_short_at_any_point_goes_on(data: Path) -> None:
    points = [data.parent / name for name in ("nothing", "tables", "keys", "one_key", "marks")]
    for point in points:
        point.mkdir()
    nothing, tables, keys, one_key, marks = points
    (nothing / "campaign.sqlite3").touch()
    for point in (tables, keys, one_key, marks):
        await (await SqliteDatabase.open(point)).close()
    for point in (keys, one_key, marks):
        Keys.open(point / "keys", database_exists=False)
    (one_key / "keys" / "pseudonyms.key").unlink()
    store = await SqliteDatabase.open(marks)
    async with store.writing() as connection:
        opened_keys = Keys.open(marks / "keys", database_exists=False)
        await key_marks.check(connection, opened_keys, [PETITION])
    await store.close()
    for point in points:
        await start(point)
        assert first_start.is_over(point)


async def test_keys_from_the_settings_begin_on_a_new_machine(data: Path) -> None:
    assert "database_made" in await start(data, keys=KEYS)
    (data / "campaign.sqlite3").unlink()
    with pytest.raises(DatabaseTrouble, match="restore a backup"):
        await start(data, keys=KEYS)


async def test_a_data_directory_from_before_there_was_a_marker_opens_and_gets_one(
    data: Path,
) -> None:
    await sign(data)
    assert not first_start.is_over(data)
    assert "database_made" not in await start(data)
    assert first_start.is_over(data)


async def test_a_petition_key_that_is_missing_is_not_made_anew(data: Path) -> None:
    await sign(data)
    file = data / "keys" / f"petition-{PETITION}.key"
    kept = file.read_bytes()
    file.unlink()
    with pytest.raises(KeysMissing, match=rf"{PETITION} is missing.*put the file back"):
        await start(data)
    refused = run("recount", data=data)
    assert (refused.returncode, "put the file back" in refused.stderr) == (3, True)
    assert not file.exists()
    file.write_bytes(kept)
    file.chmod(0o600)
    await start(data)


async def test_a_petition_key_that_was_destroyed_on_purpose_is_not_missed(data: Path) -> None:
    await sign(data)
    Keys.open(data / "keys", database_exists=True).destroy_petition_key(PETITION, date(2026, 3, 4))
    await start(data)
    assert run("recount", data=data).returncode == 0


async def test_the_key_of_a_petition_that_came_while_the_bot_ran_is_missed_as_well(
    data: Path,
) -> None:
    second = CAMPAIGN.petitions[PETITION]
    more = CAMPAIGN.model_copy(update={"petitions": {PETITION: second, "second": second}})
    async with house(data) as bot:
        await bot.start("anna")
        object.__setattr__(bot.engine._context, "campaign", lambda: more)
        await bot.press("anna", "sign:second:fr")
    (data / "keys" / "petition-second.key").unlink()
    with pytest.raises(KeysMissing, match="second is missing"):
        await start(data)


COMMANDS = [
    ["recount"],
    ["recount", "--only-look"],
    ["purge", "--dry-run"],
    ["handover", PETITION, "--out", "pack"],
    ["pending", "list"],
    ["pending", "accept", PETITION, "2026-03-05"],
    ["keys", "rotate"],
    ["keys", "retire"],
    ["audit", "verify"],
    ["audit", "list"],
    ["dead-letters"],
    ["broadcast", "list"],
]


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database beside the keys of another one."""
    places = [tmp_path_factory.mktemp(name) for name in ("mine", "others")]
    for place in places:
        assert run("chat", "--case", "mamat", data=place, said="/help\n").returncode == 0
    shutil.rmtree(places[0] / "keys")
    shutil.copytree(places[1] / "keys", places[0] / "keys")
    return places[0]


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_refuses_keys_that_are_not_those_of_the_database(
    strange: Path, command: list[str]
) -> None:
    result = run(*command, data=strange)
    assert result.returncode == 3, result.stdout + result.stderr
    assert "written with other keys" in result.stderr
    assert "backup" in result.stderr
    assert not (strange / "pack").exists()


async def test_damaged_pages_are_found_before_the_start(data: Path) -> None:
    await sign(data)
    file = data / "campaign.sqlite3"
    with sqlite3.connect(file) as raw:
        raw.execute("pragma journal_mode = delete")
        [(page,)] = raw.execute("select rootpage from sqlite_master where name = 'reminders'")
    raw.close()
    pages = bytearray(file.read_bytes())
    pages[4096 * (page - 1) : 4096 * page] = random.Random(7).randbytes(4096)
    file.write_bytes(pages)
    with pytest.raises(DatabaseDamaged, match=r"is damaged.*backup"):
        await start(data)
    told = run("chat", data=data, said="/help\n")
    assert told.returncode == 8, told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.slow
async def test_a_command_that_ends_takes_no_log_away_from_under_the_bot(data: Path) -> None:
    """The look opens the file itself, and whoever closes a file loses SQLite's locks on it."""
    await sign(data)
    async with house(data) as bot:
        await bot.sign("cara")
        # Beside the bot, which may be at something of its own.
        first = await asyncio.to_thread(run, "recount", "--only-look", data=data)
        assert first.returncode == 0
        await bot.sign("dora")
        seen = await asyncio.to_thread(run, "recount", "--only-look", data=data)
        assert rows(data, "select count(*) from signatures") == [(4,)]
        assert seen.returncode == 0


async def test_the_look_at_a_database_ends_in_time_and_the_start_goes_on(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await start(data)
    with sqlite3.connect(data / "campaign.sqlite3") as raw:
        raw.execute("create table filler (x)")
        raw.execute(
            "with recursive n(i) as (values (1) union all select i + 1 from n where i < 20000)"
            " insert into filler select randomblob(900) from n"
        )
    raw.close()
    monkeypatch.setattr(soundness, "LONGEST", 0.0)
    assert "database_check_cut_short" in await start(data)
