"""Owners are told once that something is wrong and once that it is over, on record with the
message; so is the program at BOT_ALARM_URL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.campaign.channel import Channel
from bot.campaign.staff import Appointed, Place, Role
from bot.channels.telegram.channel import TelegramChannel
from bot.health.alarming import Alarms
from bot.health.judging import State
from bot.health.outside import Outside
from bot.store import alarms
from bot.upkeep import recounting
from tests.house import House, house
from tests.telegram_server import TOKEN, TelegramServer
from tests.test_upkeep import poster

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
LATE = State("sending", "telegram", {"channel": "telegram", "minutes": 6, "number": 7})
FULL = State("recording", urgent=True)
DAMAGED = State("damaged", urgent=True)
OWNERS = (
    Appointed(Role.OWNER, (Place("telegram", "900", "900"),)),
    Appointed(Role.EDITOR, (Place("telegram", "901", "901"),)),
)


FAILS = """
CREATE TRIGGER fails BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'as if full'); END
"""


class Listener:
    """Somebody's program at BOT_ALARM_URL and BOT_PING_URL; ``status`` is what it answers."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.pings = 0
        self.status = 200
        self.url = ""

    async def _hear(self, request: web.BaseRequest) -> web.Response:
        if request.method == "GET":
            self.pings += 1
        elif self.status == 200:
            self.heard.append(await request.json())
        return web.Response(status=self.status)

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(one["alarm"], one["state"]) for one in self.heard]


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    listener = Listener()
    runner = web.ServerRunner(web.Server(listener._hear))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    listener.url = f"http://{host}:{port}/secret-of-ours"
    try:
        yield listener
    finally:
        await runner.cleanup()


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    async with listening() as one:
        yield one


@dataclass
class Night:
    """One process after the other on the same data, looking as the bot does."""

    data: Path
    channels: dict[str, Channel]
    outside: str | None = None
    staff: Sequence[Appointed] = OWNERS
    now: datetime = NOON

    @asynccontextmanager
    async def process(self) -> AsyncIterator[tuple[House, Alarms]]:
        async with house(self.data, at=self.now) as opened, Outside(None, self.outside) as outside:
            yield (
                opened,
                Alarms(
                    opened.store,
                    poster(opened),
                    self.channels,
                    self.staff,
                    outside,
                    lambda: opened.now,
                    lambda: opened.now.timestamp(),
                ),
            )
            self.now = opened.now


@pytest.fixture
async def telegram(server: TelegramServer) -> AsyncIterator[dict[str, Channel]]:
    async with TelegramChannel(TOKEN, base_url=f"{server.root}/bot") as channel:
        yield {"telegram": channel}


async def write(opened: House, statement: str) -> None:
    async with opened.store.writing() as connection:
        await connection.execute(text(statement))


def first_line(text: str) -> str:
    """With plain spaces."""
    return " ".join(text.splitlines()[0].split())


def first_lines(opened: House, who: str = "900") -> list[str]:
    return [first_line(one.text) for one in opened.said.get(who, [])]


async def test_only_owners_hear_of_it_and_of_its_end_each_once(
    data: Path, telegram: dict[str, Channel]
) -> None:
    async with Night(data, telegram).process() as (opened, watch):
        for _ in range(3):
            await watch.look([LATE])
            opened.later(minutes=1)
        assert first_lines(opened) == ["Telegram : les réponses ne partent plus"]
        assert "7 messages attendent depuis 6 minutes" in opened.said["900"][0].text
        for _ in range(8):
            await watch.look([])
            opened.later(minutes=1)
        assert first_lines(opened)[1:] == [
            "C’est terminé : les réponses ne partaient plus sur Telegram."
        ]
        assert "Du 4 mars 2026, 13:00 au 4 mars 2026, 13:03." in opened.said["900"][1].text
        assert "901" not in opened.said
        async with opened.store.reading() as connection:
            assert await alarms.find(connection) == {}


@pytest.mark.parametrize(
    ("channel", "name"), [("telegram", "Telegram"), ("whatsapp", "WhatsApp"), ("signal", "Signal")]
)
async def test_a_platform_is_called_by_its_name(
    data: Path, telegram: dict[str, Channel], channel: str, name: str
) -> None:
    late = State("sending", channel, {"channel": channel, "minutes": 6, "number": 7})
    channels = {**telegram, channel: telegram["telegram"]}
    async with Night(data, channels).process() as (opened, watch):
        await watch.look([late])
        opened.later(minutes=1)
        for _ in range(2):
            await watch.look([])
            opened.later(minutes=6)
        assert first_lines(opened) == [
            f"{name} : les réponses ne partent plus",
            f"C’est terminé : les réponses ne partaient plus sur {name}.",
        ]


async def test_an_owner_hears_it_in_the_language_they_read_and_where_they_write(
    data: Path, telegram: dict[str, Channel]
) -> None:
    both = (Place("web", "key", "web:key"), Place("telegram", "900", "900"))
    night = Night(data, telegram, staff=(Appointed(Role.OWNER, both),))
    async with night.process() as (opened, watch):
        await opened.start("900")
        await opened.press("900", "language:en")
        opened.said.clear()
        await watch.look([LATE])
        assert first_lines(opened) == ["Telegram: answers do not go out"]
        assert "key" not in opened.said


async def test_no_restart_repeats_or_forgets_what_was_told(
    data: Path, telegram: dict[str, Channel]
) -> None:
    night = Night(data, telegram)
    async with night.process() as (opened, watch):
        await watch.look([LATE])
        assert len(first_lines(opened)) == 1
    async with night.process() as (opened, watch):
        await watch.look([LATE])
        assert first_lines(opened) == []
        opened.later(minutes=1)
    async with night.process() as (opened, watch):
        await watch.look([])
        opened.later(minutes=6)
        await watch.look([])
        assert [line.partition(" :")[0] for line in first_lines(opened)] == ["C’est terminé"]


async def test_what_cannot_be_recorded_was_not_told(
    data: Path, telegram: dict[str, Channel]
) -> None:
    """The message and what is known of it are one transaction: no kill parts them."""
    async with Night(data, telegram).process() as (opened, watch):
        await write(opened, FAILS)
        with pytest.raises(IntegrityError):
            await watch.look([LATE])
        assert first_lines(opened) == []
        await write(opened, "DROP TRIGGER fails")
        await watch.look([LATE])
        assert len(first_lines(opened)) == 1


async def test_where_nothing_can_be_recorded_it_is_said_past_the_outbox(
    data: Path, telegram: dict[str, Channel], server: TelegramServer, listener: Listener
) -> None:
    server.text(900, "Bonjour")
    night = Night(data, telegram, listener.url)
    async with night.process() as (opened, watch):
        for state in (FULL, FULL, DAMAGED, DAMAGED):
            await watch.look([state])
            opened.later(minutes=1)
        shown = [first_line(one.text) for one in server.chat(900) if one.mine]
        assert shown == ["Plus rien ne peut être enregistré", "La base de données est endommagée"]
        assert listener.told == [("recording", "begun"), ("damaged", "begun")]
        assert opened.said == {}
        # Its end goes the usual way.
        for _ in range(8):
            await watch.look([])
            opened.later(minutes=1)
        assert first_lines(opened) == [
            "C’est terminé : la base de données était endommagée.",
            "C’est terminé : plus rien ne pouvait être enregistré.",
        ]
        assert listener.told[2:] == [("damaged", "over"), ("recording", "over")]


async def test_a_program_elsewhere_hears_everything_once_also_what_it_missed(
    data: Path, telegram: dict[str, Channel], listener: Listener
) -> None:
    night = Night(data, telegram, listener.url)
    listener.status = 503
    async with night.process() as (opened, watch):
        await watch.look([LATE])
        opened.later(minutes=1)
    listener.status = 200
    async with night.process() as (opened, watch):
        for _ in range(3):
            await watch.look([LATE])
        for _ in range(8):
            await watch.look([])
            opened.later(minutes=1)
        async with opened.store.reading() as connection:
            assert await alarms.find(connection) == {}
    assert listener.told == [("sending", "begun"), ("sending", "over")]
    begun, over = listener.heard
    assert begun == {
        "alarm": "sending",
        "about": "telegram",
        "state": "begun",
        "since": "2026-03-04T12:00:00+00:00",
        "until": None,
        "remedy": begun["remedy"],
    }
    assert "docs/operations.md" in begun["remedy"]
    assert over["until"] == "2026-03-04T12:01:00+00:00"


async def test_without_any_owner_the_program_elsewhere_hears_it_all_the_same(
    data: Path, telegram: dict[str, Channel], listener: Listener
) -> None:
    async with Night(data, telegram, listener.url, staff=()).process() as (opened, watch):
        await watch.look([LATE])
        assert listener.told == [("sending", "begun")]
        assert opened.said == {}


async def test_whoever_can_be_told_on_no_channel_is_told_later(
    data: Path, telegram: dict[str, Channel]
) -> None:
    async with Night(data, telegram).process() as (opened, watch):
        await watch.look([LATE], {"telegram"})
        assert first_lines(opened) == []
        opened.later(minutes=1)
        await watch.look([LATE])
        assert len(first_lines(opened)) == 1


@pytest.mark.parametrize("name", ["tides", "hearing:your bank. Log in at evil.example", "drift:x"])
async def test_an_alarm_that_somebody_or_another_version_has_written_is_not_said(
    data: Path, telegram: dict[str, Channel], name: str
) -> None:
    async with Night(data, telegram).process() as (opened, watch):
        async with opened.store.writing() as connection:
            await alarms.begin(connection, name, NOON)
        for _ in range(8):
            await watch.look([LATE])
            opened.later(minutes=1)
        assert first_lines(opened) == ["Telegram : les réponses ne partent plus"]


async def test_no_log_names_the_address_that_is_told(
    data: Path, listener: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever knows it may speak in the bot's name, or keep somebody's switch from falling."""
    listener.status = 500
    async with Outside(listener.url, listener.url) as outside:
        await outside.all_is_well()
        assert not await outside.post({"alarm": "disk"})
    gone = Outside("http://127.0.0.1:9/secret-of-ours", "http://127.0.0.1:9/secret-of-ours")
    async with gone as outside:
        await outside.all_is_well()
        assert not await outside.post({"alarm": "disk"})
    said = capsys.readouterr().out
    assert said.count("not_heard_outside") == 4
    assert "secret" not in said


async def test_a_counter_that_was_wrong_is_told_once_however_often_the_bot_is_restarted(
    data: Path, telegram: dict[str, Channel]
) -> None:
    night = Night(data, telegram)
    async with night.process() as (opened, watch):
        await opened.sign("anna")
        await write(opened, "UPDATE counters SET value = value + 1")
        found = await recounting.recount(opened.store, NOON.date(), now=NOON)
        assert not found.is_right
    for told in (["Un chiffre était faux"], []):
        async with night.process() as (opened, watch):
            await watch.look([])
            await watch.look([])
            assert first_lines(opened) == told
