"""The store: one writer, nothing half done, one process, tables as the migrations make them."""

from __future__ import annotations

import asyncio
import errno
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.messages import Attachment, Rendered, RenderedButton
from bot.campaign.rules import Retention
from bot.disk import remedy
from bot.keys import Keys, KeysMissing
from bot.store import counters, events_seen, key_marks, outbox, sequences
from bot.store.database import Database, DatabaseTrouble, DataDirectoryTaken
from bot.store.every_table import metadata
from bot.store.outbox import Posting
from bot.store.overdue import expire
from bot.store.people import arrivals
from bot.store.sqlite.database import SqliteDatabase, database_file
from bot.store.sqlite.refusals import unusable

NOW = datetime(2026, 5, 4, 12, 30, 15, 250000, tzinfo=UTC)
LETTER = Rendered(
    "<b>Bonjour</b>",
    "fr",
    block="à copier",
    buttons=((RenderedButton("Suite", data="story:mamat:2"), RenderedButton("Page", url="u")),),
    replaces="17",
    attachment=Attachment("letter.pdf", (("case", "mamat"), ("variant", 3))),
)


@pytest.fixture
async def store(data: Path) -> AsyncIterator[Database]:
    opened = await SqliteDatabase.open(data)
    yield opened
    await opened.close()


@pytest.fixture
def keys(data: Path) -> Keys:
    return Keys.open(data / "keys", database_exists=False)


async def add(store: Database, keys: Keys, *addresses: str) -> list[int]:
    postings = [
        Posting(keys.pseudonym("telegram", address), "telegram", address, LETTER)
        for address in addresses
    ]
    async with store.writing() as connection:
        return [outgoing.id for outgoing in await outbox.add(connection, keys, postings, NOW)]


async def fail_half_way(
    store: Database, work: Callable[[AsyncConnection], Awaitable[object]]
) -> None:
    async with store.writing() as connection:
        await work(connection)
        raise RuntimeError("half way")


async def leftovers(store: Database, keys: Keys) -> list[outbox.Leftover]:
    async with store.reading() as connection:
        return await outbox.waiting(connection, keys, after=0, limit=100)


# Opening


def pragma(connection: Connection, name: str) -> object:
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


async def test_the_writer_is_durable_and_strict(store: Database) -> None:
    async with store.writing() as connection:
        told = {
            name: await connection.run_sync(pragma, name)
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
        assert await connection.run_sync(pragma, "busy_timeout") == 5000
    assert told == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
    }


async def test_a_reader_cannot_write(store: Database) -> None:
    async with store.reading() as connection:
        with pytest.raises(OperationalError, match="readonly"):
            await connection.execute(text("DELETE FROM counters"))


async def test_the_database_is_for_the_bots_account_alone(store: Database, data: Path) -> None:
    modes = {file.name: file.stat().st_mode & 0o077 for file in data.glob("campaign.sqlite3*")}
    assert modes
    assert set(modes.values()) == {0}


async def test_a_transaction_is_kept_whole_or_not_at_all(store: Database) -> None:
    with pytest.raises(RuntimeError, match="half way"):
        await fail_half_way(store, lambda connection: counters.change(connection, {"one": 1}))
    async with store.reading() as connection:
        assert await counters.all_values(connection) == {}


async def test_writers_wait_for_each_other(store: Database) -> None:
    async def once(number: int) -> None:
        async with store.writing() as connection:
            before = (await counters.values(connection, ["n"]))["n"]
            await asyncio.sleep(0)
            await counters.change(connection, {"n": 1, f"of{number}": before})

    await asyncio.gather(*(once(number) for number in range(20)))
    async with store.reading() as connection:
        kept = await counters.all_values(connection)
    assert kept.pop("n") == 20
    assert sorted(kept.values()) == list(range(1, 20))


async def test_a_writer_cut_off_half_way_leaves_nothing_and_the_next_can_write(
    store: Database,
) -> None:
    async def slowly() -> None:
        async with store.writing() as connection:
            await counters.change(connection, {"n": 1})
            await connection.execute(
                text(
                    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c"
                    " WHERE i < 300000) SELECT count(*) FROM c"
                )
            )
            await asyncio.sleep(60)

    for moment in (0.0, 0.005, 0.02, 0.1):
        task = asyncio.create_task(slowly())
        await asyncio.sleep(moment)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with store.writing() as connection:
        await counters.change(connection, {"n": 5})
    async with store.reading() as connection:
        assert await counters.all_values(connection) == {"n": 5}


async def test_a_reader_sees_what_is_committed_and_keeps_nobody_waiting(store: Database) -> None:
    async with store.reading() as reader, store.writing() as writer:
        await counters.change(writer, {"n": 1})
        assert await counters.all_values(reader) == {}


async def test_the_database_may_stand_elsewhere(data: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/els ewhere #1.db"
    store = await SqliteDatabase.open(data, url)
    await store.close()
    assert database_file(data, url).exists()
    assert not database_file(data).exists()


@pytest.mark.parametrize(
    "url", ["no url", "postgresql://somebody:secret@db/x", "sqlite://", "sqlite:///:memory:"]
)
async def test_another_kind_of_database_is_refused_without_showing_its_password(
    data: Path, url: str
) -> None:
    with pytest.raises(DatabaseTrouble, match="sqlite:///data") as told:
        await SqliteDatabase.open(data, url)
    assert "secret" not in str(told.value)


async def test_a_file_that_is_no_database_is_a_sentence_and_lets_go_of_the_directory(
    data: Path,
) -> None:
    database_file(data).write_bytes(b"this is a text, not a database" * 100)
    for _ in range(2):
        with pytest.raises(DatabaseTrouble, match="cannot be used"):
            await SqliteDatabase.open(data)


async def test_a_data_directory_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseTrouble, match="BOT_DATA_DIR"):
        await SqliteDatabase.open(tmp_path / "file" / "data")


def test_a_full_disk_asks_for_room_and_blames_no_rights(data: Path) -> None:
    said = unusable(data, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert "No space left" in str(said)
    assert "make room" in str(said)
    full, closed = OSError(errno.ENOSPC, ""), PermissionError(errno.EACCES, "")
    assert (remedy(full), remedy(closed)) == (
        "make room on its disk",
        "give it to the account that runs the bot",
    )


# One process

HOLDER = """
import asyncio, sys
from pathlib import Path
from bot.store.database import Database
from bot.store.sqlite.database import SqliteDatabase
async def main():
    store = await SqliteDatabase.open(Path(sys.argv[1]))
    print("open", flush=True)
    sys.stdin.read()
    await store.close()
asyncio.run(main())
"""


def holder(data: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


async def test_a_second_process_is_refused_and_told_who_is_there(data: Path) -> None:
    with holder(data) as first:
        with pytest.raises(DataDirectoryTaken, match=rf"process {first.pid}\b.*BOT_DATA_DIR"):
            await SqliteDatabase.open(data)
        first.kill()
    await (await SqliteDatabase.open(data)).close()


async def test_the_directory_is_free_after_an_orderly_end(data: Path) -> None:
    for _ in range(2):
        store = await SqliteDatabase.open(data)
        assert (data / "bot.pid").read_text() == str(os.getpid())
        await store.close()
    assert not (data / "bot.pid").exists()


# Outbox


async def test_a_message_waits_as_it_was_rendered(store: Database, keys: Keys) -> None:
    await add(store, keys, "111")
    (found,) = await leftovers(store, keys)
    assert (found.outgoing.address, found.outgoing.channel) == ("111", "telegram")
    assert found.outgoing.message == LETTER
    assert (found.attempts, found.not_before) == (0, None)


async def test_leftovers_come_in_order_and_in_pages(store: Database, keys: Keys) -> None:
    ids = await add(store, keys, *"abcde")
    pages, after = [], 0
    async with store.reading() as connection:
        while page := await outbox.waiting(connection, keys, after=after, limit=2):
            pages.append([leftover.outgoing.address for leftover in page])
            after = page[-1].outgoing.id
    assert pages == [["a", "b"], ["c", "d"], ["e"]]
    assert ids == sorted(ids)


async def test_what_was_sent_is_gone_and_what_was_not_is_tried_again(
    store: Database, keys: Keys
) -> None:
    first, second, third = await add(store, keys, *"abc")
    later = NOW + timedelta(seconds=30)
    async with store.writing() as connection:
        await outbox.done(connection, [first, 999_999])
        await outbox.again(connection, [(second, later), (888_888, later)])
        await outbox.again(connection, [(second, later), (third, None)])
        await outbox.done(connection, [])
        await outbox.again(connection, [])
    assert [(x.outgoing.id, x.attempts, x.not_before) for x in await leftovers(store, keys)] == [
        (second, 2, later),
        (third, 1, None),
    ]


async def test_the_number_of_a_message_is_never_given_twice(store: Database, keys: Keys) -> None:
    first = await add(store, keys, *"ab")
    async with store.writing() as connection:
        await outbox.done(connection, first)
    second = await add(store, keys, *"cd")
    assert min(second) > max(first)


async def test_no_address_and_no_text_stands_in_the_file(
    store: Database, keys: Keys, data: Path
) -> None:
    await add(store, keys, "canary-5550123")
    await store.checkpoint()
    raw = b"".join(file.read_bytes() for file in data.glob("campaign.sqlite3*"))
    assert raw
    for secret in (b"canary-5550123", "à copier".encode(), b"Bonjour", b"mamat"):
        assert secret not in raw


# Small things that everything leans on


async def test_numbers_follow_each_other_and_a_rollback_takes_them_back(store: Database) -> None:
    async with store.writing() as connection:
        assert await sequences.take(connection, "x", 3) == 1
        assert await sequences.take(connection, "x", 2) == 4
        assert await sequences.take(connection, "y", 1) == 1
    with pytest.raises(RuntimeError, match="half way"):
        await fail_half_way(store, lambda connection: sequences.take(connection, "x", 100))
    async with store.writing() as connection:
        assert await sequences.take(connection, "x", 1) == 6


async def test_arrivals_add_up_by_source_and_day(store: Database) -> None:
    day = date(2026, 5, 4)
    async with store.writing() as connection:
        await arrivals.count(connection, {("affiche", day): 2})
        await arrivals.count(connection, {("affiche", day): 1, ("", day): 5})
    async with store.reading() as connection:
        rows = await connection.execute(text("SELECT source, count FROM arrivals ORDER BY source"))
        assert [tuple(row) for row in rows] == [("", 5), ("affiche", 3)]


async def test_an_event_recorded_twice_is_an_error_not_a_second_row(store: Database) -> None:
    async with store.writing() as connection:
        await events_seen.add(connection, [("telegram", "1")], NOW)
    with pytest.raises(IntegrityError):
        async with store.writing() as connection:
            await events_seen.add(connection, [("telegram", "1")], NOW)


async def test_event_ids_are_forgotten_after_two_days(store: Database) -> None:
    async with store.writing() as connection:
        await events_seen.add(connection, [("telegram", "old")], NOW)
        await events_seen.add(connection, [("telegram", "new")], NOW + timedelta(hours=2))
        await expire(connection, NOW + timedelta(hours=49), Retention())
        assert await events_seen.find(connection, "telegram", ["old", "new"]) == {"new"}


async def test_times_are_utc_and_a_time_without_a_zone_is_refused(store: Database) -> None:
    paris = NOW.astimezone(tz=None)
    async with store.writing() as connection:
        await events_seen.add(connection, [("telegram", "1")], paris)
        found = await connection.scalar(select(metadata.tables["events_seen"].c.at))
    assert found == NOW.replace(minute=0, second=0, microsecond=0)
    assert found is not None
    assert found.tzinfo is UTC
    with pytest.raises(Exception, match="zone"):
        async with store.writing() as connection:
            await events_seen.add(connection, [("telegram", "2")], NOW.replace(tzinfo=None))


async def test_other_keys_than_those_of_the_database_are_noticed(
    store: Database, keys: Keys, tmp_path: Path
) -> None:
    async with store.writing() as connection:
        await key_marks.check(connection, keys, ["xinjiang"])
        await key_marks.check(connection, keys, ["xinjiang", "second"])
        strange = Keys.open(tmp_path / "strange", database_exists=False)
        with pytest.raises(key_marks.WrongKeys, match=r"pseudonyms.*sealing-001.*backup"):
            await key_marks.check(connection, strange, [])


async def test_a_lost_petition_key_is_noticed_before_anybody_signs_twice(
    store: Database, data: Path, keys: Keys
) -> None:
    async with store.writing() as connection:
        await key_marks.check(connection, keys, ["xinjiang"])
        (data / "keys" / "petition-xinjiang.key").unlink()
        reopened = Keys.open(data / "keys", database_exists=True)
        with pytest.raises(KeysMissing, match=r"petition-xinjiang\.key"):
            await key_marks.check(connection, reopened, ["xinjiang"])
        assert not (data / "keys" / "petition-xinjiang.key").exists()


async def test_a_new_sealing_key_is_no_wrong_key_and_a_missing_one_is(
    store: Database, data: Path, keys: Keys
) -> None:
    async with store.writing() as connection:
        await key_marks.check(connection, keys, [])
        keys.add_sealing_key()
        await key_marks.check(connection, keys, [])
        (data / "keys" / "sealing-002.key").unlink()
        reopened = Keys.open(data / "keys", database_exists=True)
        with pytest.raises(key_marks.WrongKeys, match="sealing-002"):
            await key_marks.check(connection, reopened, [])
