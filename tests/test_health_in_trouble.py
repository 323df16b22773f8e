"""A whole bot in trouble, against a real Bot API server: what its owner hears, what its pages and
the programs that watch it are told. Hours are leapt over (``tests.leaping``)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import structlog
from sqlalchemy import text

from bot.app import App, opened
from bot.broadcasts import scheduler
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.polling import poll
from bot.settings import Settings
from tests import shipped
from tests.leaping import leaping
from tests.metrics import numbers_of
from tests.recorded import number
from tests.telegram_server import TOKEN, TelegramServer
from tests.test_alarms import Listener, first_line, listening

pytestmark = pytest.mark.slow

OWNER = 900
NOON = datetime(2026, 3, 4, 11, tzinfo=UTC)
"""Noon in Paris."""
NIGHT = datetime(2026, 3, 4, 22, tzinfo=UTC)
SENDING = ("sendMessage", "sendPhoto", "sendChatAction")
Story = Callable[["Bot"], Awaitable[None]]


class Bot:
    """The bot at work; ``listener`` hears its calls and alarms."""

    def __init__(self, app: App, server: TelegramServer, listener: Listener):
        self.app = app
        self.server = server
        self.listener = listener
        self.greetings = 0

    @property
    def heard(self) -> list[str]:
        """The first lines of what the owner got unasked."""
        mine = [shown.text for shown in self.server.chat(OWNER) if shown.mine]
        return [first_line(one) for one in mine][self.greetings :]

    @property
    def wrong(self) -> list[str]:
        """What the pages tell is wrong."""
        troubles = self.app.health.told()["troubles"]
        return [f"{one['name']} {one['about']}".strip() for one in troubles]

    async def minutes(self, number: float) -> None:
        await asyncio.sleep(number * 60)


@asynccontextmanager
async def at_work(
    data: Path, server: TelegramServer, begun: datetime, **more: Any
) -> AsyncIterator[App]:
    settings = Settings(
        _env_file=None,
        token=TOKEN,
        api_url=server.root,
        data_dir=data,
        content=shipped.CONTENT,
        staff=f"{OWNER}=owner",
        second_factor=False,
        **more,
    )
    loop = asyncio.get_running_loop()
    start = loop.time()

    def clock() -> datetime:
        return begun + timedelta(seconds=loop.time() - start)

    channel = TelegramChannel(TOKEN, base_url=f"{server.root}/bot", read_timeout=5.0)
    async with channel, opened(settings, shipped.content(), {"telegram": channel}, clock) as app:
        hearing = app.meters.hearing("telegram")
        polling = asyncio.create_task(poll(channel, app.engine.take, hearing=hearing))
        try:
            yield app
        finally:
            polling.cancel()
            with suppress(asyncio.CancelledError):
                await polling


def played(data: Path, story: Story, at: datetime = NOON, **settings: Any) -> list[Any]:
    """The story with a bot whose owner has just said hello; what was logged."""

    async def play() -> list[Any]:
        async with TelegramServer() as server, listening() as listener:
            server.start(OWNER)
            with structlog.testing.capture_logs() as lines:
                addresses = {"ping_url": listener.url, "alarm_url": listener.url}
                async with at_work(data, server, at, **addresses, **settings) as app:
                    await server.until(lambda: server.answered[OWNER] > 0)
                    await asyncio.sleep(10)
                    bot = Bot(app, server, listener)
                    bot.greetings = len(bot.heard)
                    await story(bot)
        return lines

    # That it looks twice a second for what the shell has left would make each hour 7,200 leaps.
    with patch.object(scheduler, "LOOKS", 60.0):
        return leaping(play())


def measured(bot: Bot) -> dict[str, float]:
    return numbers_of(bot.app.health.metrics()[0].decode())


def events(lines: list[Any]) -> list[str]:
    return [line["event"] for line in lines]


def test_a_quiet_day_is_well_every_minute_and_a_line_each_hour(data: Path) -> None:
    async def story(bot: Bot) -> None:
        await bot.minutes(12)
        assert (bot.heard, bot.wrong) == ([], [])
        assert bot.app.health.ready
        assert 10 <= bot.listener.pings <= 13
        assert bot.listener.heard == []

    before_the_hour = NOON + timedelta(minutes=50)
    logged = played(data, story, before_the_hour)
    [line] = [one for one in logged if one["event"] == "hour_in_numbers"]
    # Whether somebody wrote in that hour, or nobody, cannot be read in it.
    assert line["events_at_most"] == line["waiting_at_most"] == 10
    assert set(line["messages_at_most"].values()) == {10}
    assert line["wrong"] == []


def test_a_bot_that_nobody_writes_to_leaves_its_database_alone(data: Path) -> None:
    """Each change would have its log emptied, and all of it written anew."""
    file = data / "campaign.sqlite3"

    async def story(bot: Bot) -> None:
        await bot.minutes(3)
        before = file.stat()
        for _ in range(5):
            await bot.minutes(1)
            assert bot.app.health.ready
            assert bot.app.store.log_size() == 0
        after = file.stat()
        assert (after.st_mtime_ns, after.st_size) == (before.st_mtime_ns, before.st_size)
        assert sorted(data.glob("campaign*")) == sorted(
            {file, *data.glob("campaign.sqlite3-wal"), *data.glob("campaign.sqlite3-shm")}
        )

    played(data, story)


def test_a_silent_platform_shows_at_once_and_is_told_when_it_speaks_again(data: Path) -> None:
    async def story(bot: Bot) -> None:
        for method in ("getUpdates", "getMe", *SENDING):
            bot.server.fault(method, "fail", times=None)
        await bot.minutes(4)
        assert bot.wrong == []
        await bot.minutes(3)
        assert bot.wrong == ["hearing telegram"]
        assert bot.app.health.told()["platforms"]["telegram"]["trouble"] == "telegram_unreachable"
        assert bot.app.health.ready, "what comes by the page is recorded all the same"
        assert bot.listener.told == [("hearing", "begun")]
        pings = bot.listener.pings
        await bot.minutes(2)
        assert bot.listener.pings == pings, "somebody misses the call"
        assert bot.heard == []
        bot.server.heal()
        await bot.minutes(8)
        assert bot.heard == ["C’est terminé : rien n’arrivait de Telegram."]
        assert bot.wrong == []
        assert bot.listener.told[1:] == [("hearing", "over")]
        assert bot.listener.pings > pings

    played(data, story)


def test_a_second_program_with_the_token_is_told_at_night_too(data: Path) -> None:
    async def story(bot: Bot) -> None:
        bot.server.fault("getUpdates", "fail", times=None, status=409)
        await bot.minutes(8)
        assert bot.heard == ["Un autre programme reçoit ce qu’on écrit au bot"]
        await bot.minutes(2)
        bot.server.heal()
        await bot.minutes(7)
        assert bot.heard[1:] == ["C’est terminé : rien n’arrivait de Telegram."]

    played(data, story, NIGHT)


def test_answers_that_do_not_go_out_show_within_six_minutes(data: Path) -> None:
    async def story(bot: Bot) -> None:
        for method in SENDING:
            bot.server.fault(method, "drop before", times=None)
        for chat in range(1, 9):
            bot.server.text(chat, "Bonjour")
        await bot.minutes(6.5)
        assert bot.wrong == ["sending telegram"]
        told = bot.app.health.told()["platforms"]["telegram"]
        assert told["waiting"] >= 8
        numbers = measured(bot)
        assert numbers["campaign_wrong telegram sending"] == 1
        assert numbers["campaign_outbox_messages telegram"] >= 8
        assert numbers["campaign_messages_total telegram unknown conversation"] >= 1
        assert numbers["campaign_messages_total telegram sent conversation"] == 1
        assert bot.listener.told == [("sending", "begun")]
        bot.server.heal()
        await bot.minutes(8)
        assert bot.heard == ["C’est terminé : les réponses ne partaient plus sur Telegram."]
        assert all(bot.server.answered[chat] for chat in range(1, 9))

    played(data, story)


def test_a_full_disk_is_said_within_two_minutes_past_what_it_keeps_from_working(
    data: Path,
) -> None:
    async def room(bot: Bot, pages: int) -> None:
        async with bot.app.store.writing() as connection:
            await connection.execute(text(f"PRAGMA max_page_count = {pages}"))

    async def story(bot: Bot) -> None:
        async with bot.app.store.reading() as connection:
            pages = int(await connection.scalar(text("PRAGMA page_count")) or 0)
        await room(bot, pages)
        for chat in range(1, 200):
            bot.server.text(chat, "Bonjour")
        await bot.minutes(2.5)
        assert bot.wrong == ["recording"]
        assert not bot.app.health.ready
        assert bot.heard == ["Plus rien ne peut être enregistré"]
        assert bot.listener.told == [("recording", "begun")]
        await room(bot, 1_000_000)
        await bot.minutes(2)
        assert bot.app.health.ready
        await bot.minutes(6)
        assert bot.heard[1:] == ["C’est terminé : plus rien ne pouvait être enregistré."]
        assert all(bot.server.answered[chat] for chat in range(1, 200))

    lines = played(data, story, NIGHT)
    assert "owners_told_unrecorded" in events(lines)
    assert number(data, "select count(*) from alarms") == 0


def test_a_restart_in_the_middle_tells_nobody_twice(data: Path) -> None:
    async def two_runs() -> None:
        async with TelegramServer() as server:
            server.start(OWNER)
            for hours in (0, 30, 48, 49, 50):
                async with at_work(data, server, NOON + timedelta(hours=hours)):
                    await asyncio.sleep(45)
            mine = [first_line(shown.text) for shown in server.chat(OWNER) if shown.mine]
            assert mine[1:] == ["Il n’y a pas encore de sauvegarde"]

    leaping(two_runs())


def test_keys_that_were_taken_away_are_told_within_a_quarter_of_an_hour(data: Path) -> None:
    async def story(bot: Bot) -> None:
        [sealing] = (data / "keys").glob("sealing*")
        elsewhere = sealing.rename(data.parent / sealing.name)
        await bot.minutes(12)
        assert "keys" in bot.wrong
        assert "Il manque une clé" in bot.heard
        elsewhere.rename(sealing)
        await bot.minutes(11)
        assert bot.wrong == []
        assert "C’est terminé : il manquait une clé." in bot.heard

    played(data, story, NIGHT)


def test_a_refused_change_of_the_texts_is_told_once_it_is_no_draft_any_more(data: Path) -> None:
    async def story(bot: Bot) -> None:
        bot.app.content.refused = 2
        await bot.minutes(9)
        assert bot.wrong == ["content"]
        assert bot.heard == []
        await bot.minutes(2)
        assert bot.heard == ["Le dernier changement des textes a été refusé"]
        bot.app.content.refused = 0
        await bot.minutes(1)
        assert bot.heard[1:] == ["C’est terminé : un changement des textes avait été refusé."]

    played(data, story)


def test_what_could_not_be_answered_is_told_once_a_day_at_most(data: Path) -> None:
    async def story(bot: Bot) -> None:
        bot.server.raw_update({"message": {"message_id": 1, "chat": "what nobody can read"}})
        await bot.minutes(2)
        assert bot.heard == ["1 message est resté sans réponse"]
        bot.server.raw_update({"message": {"message_id": 2, "chat": "again"}})
        await bot.minutes(5)
        assert bot.heard[1:] == []

    played(data, story)
