"""What would hold if several processes worked on one database: one of them leads, all are told.

The database is SQLite's, whose own leader and notifier know one process; here they are of several.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import bot.app
from bot.app import App
from bot.campaign.desk_commands.requests import Report
from bot.campaign.signatures import Signer
from bot.settings import Settings
from bot.store import staff_settings
from bot.store.broadcasts import desk_requests
from bot.store.database import Database
from bot.store.notifier import MessagesWait, News, NewSigners, StaffActed
from bot.store.opening import open_database
from bot.store.sqlite.database import SqliteDatabase
from bot.store.sqlite.one_process import DirectCalls
from bot.upkeep import purging
from tests import shipped
from tests.house import PETITION, house
from tests.recorded import number
from tests.telegram_server import TelegramServer
from tests.test_key_change import a_command
from tests.test_sender import House, opened, texts

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


class Election:
    """A leader that is elected when the test says so."""

    def __init__(self) -> None:
        self._won = asyncio.Event()

    @property
    def leads(self) -> bool:
        return self._won.is_set()

    async def elected(self) -> None:
        await self._won.wait()

    def win(self) -> None:
        self._won.set()


async def until(is_so: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.02)


def test_a_command_beside_the_bot_does_not_lead(data: Path) -> None:
    async def leading(**how: Any) -> bool:
        store = await open_database(data, **how)
        try:
            return store.leader.leads
        finally:
            await store.close()

    assert asyncio.run(leading())
    assert not asyncio.run(leading(beside=True))
    assert not asyncio.run(leading(looking=True))


def test_whoever_hears_news_has_been_called_when_they_are_told() -> None:
    notifier, heard = DirectCalls(), list[News]()
    notifier.tell(StaffActed())
    notifier.hear(StaffActed, heard.append)
    notifier.tell(MessagesWait())
    notifier.tell(StaffActed())
    assert heard == [StaffActed()]


async def test_whoever_does_not_lead_sends_nothing_and_a_new_leader_sends_all_that_waits(
    data: Path, server: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for chat in (7, 8):
        server.text(chat, "Bonjour")
    election = Election()
    really = SqliteDatabase.open

    async def standing_by(*place: Any, **how: Any) -> SqliteDatabase:
        store = await really(*place, **how)
        store.leader = election
        return store

    monkeypatch.setattr(SqliteDatabase, "open", standing_by)
    async with opened(data, server.root) as here:
        await here.say((7, "un"), (8, "autre"))
        await here.say((7, "deux"))
        assert await here.sender.finish(1), "what waits is the leader's"
        assert server.asked("sendMessage") == []
        assert number(data, "select count(*) from outbox") == 3
        election.win()
        await here.say((7, "trois"))
        assert await here.sender.finish(60)
    assert texts(server, 7) == ["un", "deux", "trois"]
    assert texts(server, 8) == ["autre"]


async def committed_elsewhere(here: House, chat: int, text: str) -> None:
    """Another process puts a message into the outbox; this one has not been told of it."""
    await here.record((chat, text))


@pytest.mark.parametrize("told", [True, False], ids=["told", "not told"])
async def test_what_another_process_has_committed_goes_out_in_its_turn(
    data: Path, server: TelegramServer, told: bool
) -> None:
    server.text(7, "Bonjour")
    async with opened(data, server.root) as here:
        await here.say((7, "un"))
        assert await here.sender.finish(60)
        await committed_elsewhere(here, 7, "deux")
        if told:
            here.sender.deliver(())
        else:
            await here.say((7, "trois"))
        await server.until(lambda: "deux" in texts(server, 7))
        assert await here.sender.finish(60)
    assert texts(server, 7) == ["un", "deux"] + ([] if told else ["trois"])
    assert number(data, "select count(*) from outbox") == 0


async def test_a_process_that_does_not_lead_knows_what_staff_have_set_and_acts_on_nothing(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    election = Election()

    async def standing_by(*place: Any, **how: Any) -> Database:
        store = await open_database(*place, **how)
        store.leader = election
        return store

    monkeypatch.setattr(bot.app, "open_database", standing_by)
    settings = Settings(_env_file=None, data_dir=data, content=shipped.CONTENT, port=0)
    async with bot.app.opened(settings, shipped.content(), {}) as app:
        async with app.store.writing() as connection:
            await staff_settings.put(connection, app.keys, "case.mamat", "paused")
            await desk_requests.add(connection, app.keys, "o", Report(1), NOW)
        app.store.notifier.tell(StaffActed())
        await until(lambda: app.content.campaign.cases["mamat"].state.value == "paused")
        assert await asked(app) == 1
        assert "recounted" not in "".join(capsys.readouterr())
        election.win()
        log = ""
        while "recounted" not in log or await asked(app):
            await asyncio.sleep(0.05)
            log += "".join(capsys.readouterr())


async def asked(app: App) -> int:
    async with app.store.reading() as connection:
        return len(await desk_requests.waiting(connection, app.keys))


async def test_a_petitions_key_that_a_command_destroys_is_given_up_by_the_running_bot(
    data: Path,
) -> None:
    async with house(data) as running:
        await running.sign("anna")
        async with a_command(data) as (store, keys):
            assert await purging.destroy(store, keys, PETITION, NOW) == 1
        await running.sign("boris")
        assert running.said["boris"]
        assert not running.keys.has_petition_key(PETITION)
    assert number(data, "select count(*) from signatures") == 0
    assert not (data / "keys" / f"petition-{PETITION}.key").exists()


async def test_a_burst_that_comes_to_several_processes_is_one_burst(data: Path) -> None:
    async with house(data) as opened_house:
        rule = opened_house.engine._guard.rule
        elsewhere = NewSigners(PETITION, Signer.ACCOUNT, rule.signatures, opened_house.now)
        opened_house.store.notifier.tell(elsewhere)
        assert opened_house.bursts == []
        await opened_house.sign("anna")
        assert opened_house.bursts == [(PETITION, Signer.ACCOUNT)]
