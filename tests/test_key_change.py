"""Changing the sealing key loses nothing, whoever writes meanwhile and whoever is killed."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.keys import Keys
from bot.privacy import resealing
from bot.store.database import Database
from bot.store.sqlite.database import SqliteDatabase
from tests.house import House, house
from tests.program import run, running
from tests.recorded import rows
from tests.supporter import Supporter
from tests.telegram_server import TelegramServer

PEOPLE = [f"person-{number}" for number in range(10)]
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


@asynccontextmanager
async def a_command(data: Path) -> AsyncIterator[tuple[Database, Keys]]:
    """Store and keys of another process beside the bot."""
    store = await SqliteDatabase.open(data, beside=True)
    try:
        keys = Keys.open(data / "keys", database_exists=True)
        store.on_writing = keys.take_up
        yield store, keys
    finally:
        await store.close()


async def write_to_the_president(bot: House, name: str) -> None:
    """Everybody tells a name for a letter: addresses, answers and questions are sealed."""
    for who in PEOPLE:
        await bot.press(who, "act:mamat:letter")
        await bot.press(who, "risk:mamat:letter:no")
        await bot.press(who, "rename:mamat:letter")
        await bot.say(who, f"{name} {who}")
        await bot.say(who, "Nantes")


async def everybody_gets_an_answer(data: Path, name: str) -> None:
    """From a bot that has just started on these files."""
    async with house(data) as bot:
        for who in PEOPLE:
            shown = await bot.press(who, "act:mamat:letter")
            assert f"{name} {who}" in shown.block


@pytest.mark.slow
async def test_at_whatever_point_of_a_change_the_bot_is_killed_everybody_can_be_answered(
    data: Path,
) -> None:
    killed: dict[str, str] = {}

    async with house(data) as bot, a_command(data) as (store, keys):

        async def talk_and_be_killed(point: str) -> None:
            name = f"Zoé-{len(killed)}"
            await write_to_the_president(bot, name)
            shutil.copytree(data, data.parent / point)
            killed[point] = name

        await talk_and_be_killed("before")
        await resealing.rotate(store, keys, NOW)
        await talk_and_be_killed("after_the_new_key")
        await resealing.reseal(store, keys)
        await talk_and_be_killed("after_sealing_anew")
        assert await resealing.retire(store, keys, NOW) == [1]
        await talk_and_be_killed("after_the_old_key")
    assert not (data / "keys" / "sealing-001.key").exists()
    for point, name in killed.items():
        await everybody_gets_an_answer(data.parent / point, name)


@pytest.mark.slow
async def test_ten_people_who_talk_while_the_key_changes_can_all_be_answered(data: Path) -> None:
    async with house(data) as bot:
        await write_to_the_president(bot, "Before")
        done = asyncio.Event()

        async def talk() -> int:
            times = 0
            while not done.is_set():
                times += 1
                await write_to_the_president(bot, f"Time-{times}")
            return times

        talking = asyncio.create_task(talk())
        for old in (1, 2, 3):
            async with a_command(data) as (store, keys):
                await resealing.rotate(store, keys, NOW)
            async with a_command(data) as (store, keys):
                assert await resealing.retire(store, keys, NOW) == [old]
        done.set()
        times = await talking
    await everybody_gets_an_answer(data, f"Time-{times}")


async def test_two_who_change_the_key_at_once_make_two_keys(data: Path) -> None:
    async with house(data) as bot, a_command(data) as one, a_command(data) as other:
        numbers = await asyncio.gather(
            *(resealing.rotate(store, keys, NOW) for store, keys in (one, other))
        )
        assert sorted(numbers) == [2, 3]
        await write_to_the_president(bot, "Zoé")
    await everybody_gets_an_answer(data, "Zoé")


async def test_what_was_copied_behind_the_page_in_hand_is_sealed_anew_before_the_key_goes(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(data) as bot, a_command(data) as (store, keys):
        await write_to_the_president(bot, "Zoé")
        await resealing.rotate(store, keys, NOW)
        whole = resealing.reseal

        async def and_then_a_copy(store: Database, keys: Keys) -> int:
            """The first supporter's row gets the sealed answers that it had before."""
            query = "select pseudonym, answers_sealed from supporters order by pseudonym limit 1"
            [(first, sealed)] = rows(data, query)
            number = await whole(store, keys)
            with sqlite3.connect(data / "campaign.sqlite3") as raw:
                change = "update supporters set answers_sealed = ? where pseudonym = ?"
                raw.execute(change, (sealed, first))
            raw.close()
            return number

        monkeypatch.setattr(resealing, "reseal", and_then_a_copy)
        await resealing.retire(store, keys, NOW)
    await everybody_gets_an_answer(data, "Zoé")


async def test_a_key_that_was_to_go_when_the_command_was_killed_goes_with_the_next(
    data: Path,
) -> None:
    async with house(data) as bot, a_command(data) as (store, keys):
        await write_to_the_president(bot, "Zoé")
        await resealing.rotate(store, keys, NOW)
        old = (data / "keys" / "sealing-001.key").read_bytes()
        await resealing.retire(store, keys, NOW)
    # Recorded, but not yet deleted; or overwritten only.
    for left in (old, bytes(32)):
        (data / "keys" / "sealing-001.key").write_bytes(left)
        (data / "keys" / "sealing-001.key").chmod(0o600)
        await everybody_gets_an_answer(data, "Zoé")
        async with a_command(data) as (store, keys):
            assert await resealing.retire(store, keys, NOW) == [1]
    await everybody_gets_an_answer(data, "Zoé")


async def is_told_what_is_held(one: Supporter) -> None:
    """Behind what the killed bot had still to send, or sends a second time."""
    seen = one.server.answered[one.chat]
    one.server.text(one.chat, "/mydata")
    while "fichier" not in (await one.server.answer(one.chat, seen, seconds=30)).text:
        seen += 1


@pytest.mark.slow
async def test_the_running_bot_seals_with_the_new_key_from_its_next_act_on(
    server: TelegramServer, data: Path
) -> None:
    people = [Supporter(server, 7_000_000_100 + number) for number in range(30)]
    with running(data, server.root) as bot:
        await asyncio.gather(*(one.starts("mamat") for one in people[:10]))
        for act, newcomers in (("rotate", people[10:20]), ("retire", people[20:])):
            done = await asyncio.to_thread(run, "keys", act, data=data)
            assert done.returncode == 0, done.stderr
            await asyncio.gather(*(one.starts("akber") for one in newcomers))
        bot.kill()
    # The address in the file is what an answer is sent to: it has to open.
    sealed = "select distinct hex(substr(address_sealed, 1, 1)) from supporters"
    assert rows(data, sealed) == [("02",)]
    with running(data, server.root) as bot:
        await asyncio.gather(*(is_told_what_is_held(one) for one in people))
        assert await asyncio.to_thread(bot.stop) == 0
    listed = await asyncio.to_thread(run, "audit", "list", data=data)
    assert "keys rotate" in listed.stdout
    assert "keys retire" in listed.stdout
    verified = await asyncio.to_thread(run, "audit", "verify", data=data)
    assert verified.stdout == "2 entries, all right\n"
