"""Within an hour after the farewell went out, nothing of a person who was forgotten is in the file.

The farewell itself has to be kept until it was sent: its row names whom it goes to.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.campaign.rules import Retention
from bot.engine.clearing import LARGE, Clearing
from bot.store import counters, outbox
from bot.store.people import supporters
from tests.test_engine import House

HOUR = timedelta(hours=1)
GONE = [f"{who}-555" for who in range(60)]


@pytest.fixture
async def house(data: Path) -> AsyncIterator[House]:
    opened = await House.opened(data)
    yield opened
    await opened.close()


def clearing(house: House) -> Clearing:
    return Clearing(
        house.store, house.keys, lambda: house.now, lambda: pytest.fail("not asked for")
    )


async def forgotten(house: House, *, size: int) -> set[bytes]:
    """People come and go; what names them in the rows of their farewells, which still wait."""
    for word in ("sign", "subscribe", "name Zoé"):
        await house.engine.take([house.says(who, word) for who in (*GONE, "alice")])
    async with house.store.writing() as connection:
        await connection.execute(
            text("INSERT INTO broadcast_files VALUES ('a', 'a', 'a', randomblob(:size), '')"),
            {"size": size},
        )
    await house.engine.take([house.says(who, "forget") for who in GONE])
    return {house.keys.pseudonym("telegram", who) for who in GONE} | {
        sealed
        for whose, sealed in await house.rows("SELECT pseudonym, address_sealed FROM outbox")
        if whose != house.keys.pseudonym("telegram", "alice")
    }


async def sent(house: House) -> None:
    async with house.store.writing() as connection:
        await outbox.done(connection, [o.id for o in house.sent])


def found(house: House, marks: set[bytes]) -> int:
    raw = b"".join(file.read_bytes() for file in house.data.glob("campaign.sqlite3*"))
    return sum(mark in raw for mark in marks)


async def an_hour(house: House, at_work: Clearing) -> None:
    for _ in range(13):
        await at_work.look()
        house.now += HOUR / 12


@pytest.mark.slow
@pytest.mark.parametrize("size", [1_000, LARGE + 1_000_000], ids=["small", "large"])
async def test_an_hour_after_the_farewell_nothing_is_left(house: House, size: int) -> None:
    marks = await forgotten(house, size=size)
    at_work = clearing(house)
    await at_work.look()
    assert found(house, marks) == len(marks), "the farewells wait: they must know where to go"
    await sent(house)
    await an_hour(house, at_work)
    assert found(house, marks) == 0
    assert found(house, {house.keys.pseudonym("telegram", "alice")}) == 1


async def test_farewells_that_wait_for_long_are_cleared_away_when_they_have_gone(
    house: House,
) -> None:
    marks = await forgotten(house, size=1_000)
    at_work = clearing(house)
    for _ in range(4):
        await an_hour(house, at_work)
    assert found(house, marks) == len(marks)
    await sent(house)
    await an_hour(house, at_work)
    assert found(house, marks) == 0


@pytest.mark.slow
async def test_a_kill_between_farewell_and_clearing_changes_nothing(house: House) -> None:
    marks = await forgotten(house, size=LARGE + 1_000_000)
    await sent(house)
    # Another one, which knows only what is in the database, as after a start.
    await an_hour(house, clearing(house))
    assert found(house, marks) == 0


async def test_the_log_is_emptied_soon_after_the_farewell_also_where_the_file_has_to_wait(
    house: House,
) -> None:
    await forgotten(house, size=LARGE + 1_000_000)
    at_work = clearing(house)
    await at_work.look()
    await sent(house)
    assert (house.data / "campaign.sqlite3-wal").stat().st_size > 0
    await at_work.look()
    assert (house.data / "campaign.sqlite3-wal").stat().st_size == 0


async def test_a_large_database_is_written_anew_once_for_all_who_left_within_the_hour(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await forgotten(house, size=LARGE + 1_000_000)
    await sent(house)
    scrubbed = []
    really = house.store.scrub

    async def scrub() -> bool:
        scrubbed.append(house.now)
        return await really()

    monkeypatch.setattr(house.store, "scrub", scrub)
    at_work = clearing(house)
    for _ in range(3):
        await at_work.look()
        house.now += HOUR / 5
        await house.hears("bob", "sign", "forget")
        await sent(house)
    await an_hour(house, at_work)
    await an_hour(house, at_work)
    assert len(scrubbed) in (1, 2)
    assert not await house.rows("SELECT * FROM sequences WHERE name = 'erasures'")


async def test_what_is_erased_by_age_leaves_the_file_like_what_somebody_erases(
    house: House,
) -> None:
    await house.engine.take([house.says(who, f"name Zoé {who}") for who in GONE])
    async with house.store.writing() as connection:
        await outbox.done(connection, [o.id for o in house.sent])
    told = {sealed for (sealed,) in await house.rows("SELECT answers_sealed FROM supporters")}
    assert found(house, told) == len(told) == len(GONE)
    at_work = Clearing(house.store, house.keys, lambda: house.now, Retention)
    house.now += 25 * HOUR
    await at_work._by_the_clock()
    await an_hour(house, at_work)
    assert found(house, told) == 0
    assert await house.rows("SELECT count(*) FROM sequences WHERE name = 'erasures'") == [(0,)]


async def test_what_was_told_a_day_ago_goes_also_where_its_supporter_came_again(
    house: House,
) -> None:
    await house.engine.take([house.says("alice", "name Zoé"), house.says("bob", "sign")])
    house.now += 20 * HOUR
    await house.engine.take([house.says(who, "hello") for who in ("alice", "bob")])
    before = await house.rows("SELECT answers_sealed FROM supporters ORDER BY 1")
    at_work = Clearing(house.store, house.keys, lambda: house.now, Retention)
    house.now += 5 * HOUR
    await at_work._by_the_clock()
    kept = await house.rows("SELECT answers_sealed, length(answers_sealed) FROM supporters")
    # A row of one who told nothing is not to be told from it.
    assert {length for _, length in kept} == {len(before[0][0])}
    marks = [house.keys.pseudonym("telegram", who) for who in ("alice", "bob")]
    async with house.store.reading() as connection:
        people = await supporters.find(connection, house.keys, marks)
    assert [one.supporter.answers for one in people.values()] == [supporters.NOTHING_TOLD] * 2


async def test_the_log_is_emptied_within_a_minute_of_whatever_was_written(house: House) -> None:
    at_work = clearing(house)
    await house.engine.take([house.says("alice", "sign")])
    assert house.store.log_size() > 0
    await at_work._take_away_order()
    assert house.store.log_size() == 0


async def test_the_bots_own_sign_of_life_does_not_have_the_database_written_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    scrubbed = []

    async def scrub() -> bool:
        scrubbed.append(house.now)
        return True

    monkeypatch.setattr(house.store, "scrub", scrub)
    at_work = clearing(house)

    async def looks(*, somebody_acts: bool = False) -> int:
        """How often it was written anew in the minutes after."""
        before = len(scrubbed)
        for look in range(9):
            if somebody_acts and not look:
                async with house.store.writing() as connection:
                    await counters.change(connection, {"acts": 1})
            for _ in range(2):
                await house.store.prove_writable()
            await at_work._take_away_order()
            house.now += timedelta(seconds=20)
        return len(scrubbed) - before

    await looks(somebody_acts=True)
    assert await looks() == 0
    assert house.store.log_size() == 0
    assert await looks(somebody_acts=True) == 1, "one page is enough"


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="asks Linux which files are open")
async def test_writing_the_database_anew_leaves_no_copy_of_it_on_the_disk(
    house: House, data: Path
) -> None:
    async with house.store.writing() as connection:
        size = "INSERT INTO broadcast_files VALUES ('a', 'a', 'a', randomblob(20000000), '')"
        await connection.execute(text(size))
    seen: set[Path] = set()
    writing = asyncio.create_task(house.store.scrub())
    while not writing.done():
        seen |= databases_open()
        await asyncio.sleep(0)
    assert await writing
    assert {file.parent for file in seen} == {data}


def databases_open() -> set[Path]:
    """The files of SQLite that this process has open, deleted ones among them."""
    found = set()
    for handle in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            file = Path(str(handle.readlink()).removesuffix(" (deleted)"))
            if file.name.startswith(("campaign", "etilqs")):
                found.add(file)
    return found
