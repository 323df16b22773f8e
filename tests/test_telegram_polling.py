"""Telegram keeps every update until it was taken: nothing is lost, and a stop is a stop."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest
import structlog

from bot.campaign.channel import Lane
from bot.campaign.events import Chose, Event, Said, Started, Unreadable
from bot.campaign.in_order import in_order
from bot.campaign.messages import Rendered, RenderedButton
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.patience import TokenRefused
from bot.channels.telegram.polling import poll
from tests.telegram_server import TOKEN, TelegramServer
from tests.test_splitting import NASTY, said


class Campaign:
    """Takes events, and can be made to fail or to take its time."""

    def __init__(self) -> None:
        self.batches: list[list[Event]] = []
        self.failures = 0
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.began = asyncio.Event()

    async def take(self, events: Sequence[Event]) -> None:
        self.began.set()
        await self.go_on.wait()
        if self.failures:
            self.failures -= 1
            raise OSError("the disk is full, says somebody's name")
        self.batches.append(list(events))

    @property
    def events(self) -> list[Event]:
        return [event for batch in self.batches for event in batch]

    @property
    def texts(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Said)]


class Polling:
    """A poll under way, from its first request to its end."""

    def __init__(self, server: TelegramServer, token: str = TOKEN) -> None:
        self.campaign = Campaign()
        self.stop = asyncio.Event()
        self.channel = TelegramChannel(token, base_url=f"{server.root}/bot")
        self._server = server

    async def __aenter__(self) -> Polling:
        await self.channel.open()
        self.task = asyncio.create_task(
            poll(self.channel, self.campaign.take, stop=self.stop, wait=60, first_pause=0.02)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError, TokenRefused):
            await self.task
        await self.channel.close()

    async def has_taken(self, count: int) -> None:
        await self._server.until(
            lambda: len(self.campaign.events) >= count, what=f"{count} taken events"
        )

    async def ends(self) -> None:
        """Long before a poll's or a pause's minute is over."""
        await asyncio.wait_for(self.task, 30)


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest.fixture
async def polling(server: TelegramServer) -> AsyncIterator[Polling]:
    async with Polling(server) as polling:
        yield polling


async def test_an_update_is_acknowledged_only_after_it_was_taken(
    server: TelegramServer, polling: Polling
) -> None:
    polling.campaign.go_on.clear()
    update = server.text(77, "Bonjour")
    await polling.campaign.began.wait()
    await asyncio.sleep(0.1)
    assert server.waiting == [update["update_id"]]
    polling.campaign.go_on.set()
    await server.until(lambda: server.confirmed == [update["update_id"]])
    assert polling.campaign.texts == ["Bonjour"]


async def test_what_was_not_taken_comes_again(server: TelegramServer, polling: Polling) -> None:
    polling.campaign.failures = 3
    with structlog.testing.capture_logs() as lines:
        server.text(77, "Bonjour")
        server.forge(77, "x")
        await polling.has_taken(2)
        await server.until(lambda: not server.waiting)
    assert [type(event) for event in polling.campaign.events] == [Said, Chose]
    assert server.calls["answerCallbackQuery"] == 1
    told = [line["event"] for line in lines]
    assert told.count("updates_not_taken") == 1
    assert told.count("telegram_trouble_over") == 1
    assert "somebody" not in str(lines)


async def test_pauses_grow_while_nothing_can_be_taken(
    server: TelegramServer, polling: Polling
) -> None:
    polling.campaign.failures = 5
    began = time.monotonic()
    server.text(77, "Bonjour")
    await polling.has_taken(1)
    assert time.monotonic() - began >= 0.02 * (1 + 2 + 4 + 8 + 16)


async def test_an_update_that_cannot_be_read_does_not_hold_up_the_rest(
    server: TelegramServer, polling: Polling
) -> None:
    server.text(77, "avant")
    server.raw_update({"message": {"message_id": "?", "chat": {"id": 77, "type": "private"}}})
    server.raw_update(
        b'{"update_id":1002,"message":{"message_id":9,"date":1,"text":"a\\ud83d b",'
        b'"chat":{"id":78,"type":"private"}}}'
    )
    server.next_update_id = 1003
    server.text(77, "après")
    await polling.has_taken(4)
    await server.until(lambda: not server.waiting)
    assert polling.campaign.texts == ["avant", "a\ufffd b", "après"]
    assert [type(event) for event in polling.campaign.events].count(Unreadable) == 1


async def test_nothing_that_telegram_sends_stops_the_loop(
    server: TelegramServer, polling: Polling
) -> None:
    server.text(77, "avant")
    for number, nasty in enumerate(NASTY.values(), 1_001):
        server.raw_update(nasty.replace(b'"update_id":5', b'"update_id":%d' % number), number)
    server.next_update_id = 2_000
    server.text(78, "après")
    await polling.has_taken(len(NASTY) + 2)
    await server.until(lambda: not server.waiting)
    assert polling.campaign.texts == ["avant", "après"]
    kinds = [type(event) for event in polling.campaign.events]
    assert kinds.count(Unreadable) == len(NASTY)


async def test_an_update_larger_than_any_is_given_up_and_the_next_ones_are_answered(
    server: TelegramServer, polling: Polling
) -> None:
    server.text(77, "avant")
    server.raw_update(said(1_001, "é" * 2_500_000), 1_001)
    server.next_update_id = 1_002
    server.text(78, "après")
    await polling.has_taken(3)
    await server.until(lambda: not server.waiting)
    assert polling.campaign.texts == ["avant", "après"]
    (lost,) = [event for event in polling.campaign.events if isinstance(event, Unreadable)]
    assert (lost.id, lost.reason) == ("1001", "cut off")
    assert len(lost.raw) <= 64_000


@pytest.mark.slow
async def test_of_an_answer_of_fifty_megabytes_every_update_is_taken(
    server: TelegramServer, polling: Polling
) -> None:
    for number in range(1_000, 1_050):
        server.raw_update(said(number, "x" * 1_000_000), number)
    await polling.has_taken(50)
    await server.until(lambda: not server.waiting)
    assert [event.id for event in polling.campaign.events] == [str(n) for n in range(1_000, 1_050)]


async def test_an_answer_without_its_end_loses_nothing(server: TelegramServer) -> None:
    for number in range(20):
        server.text(100 + number, f"texte {number}")
    server.fault("getUpdates", "cut", times=3)
    async with Polling(server) as polling:
        await polling.has_taken(20)
        await server.until(lambda: not server.waiting)
    assert polling.campaign.texts == [f"texte {number}" for number in range(20)]


@pytest.mark.parametrize(
    "nonsense",
    [b"", b"<html>", b"[]", b"null", b'{"ok":false}', b'{"ok":true,"result":{}}', b"[" * 5_000],
)
async def test_an_answer_that_makes_no_sense_is_asked_for_again(
    server: TelegramServer, nonsense: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = server._get_updates
    answers = [nonsense, nonsense]

    async def get_updates(params: Mapping[str, Any]) -> bytes:
        return answers.pop() if answers else await asked(params)

    monkeypatch.setattr(server, "_get_updates", get_updates)
    async with Polling(server) as polling:
        server.text(77, "Bonjour")
        await polling.has_taken(1)
    assert answers == []


@pytest.mark.parametrize("number", [-3, 0, 2**63])
async def test_a_number_that_cannot_be_confirmed_is_passed_by_those_behind_it(
    server: TelegramServer, polling: Polling, number: int
) -> None:
    server.raw_update(said(1).replace(b":1,", b":%d," % number, 1), 1)
    server.next_update_id = 2
    server.text(77, "Bonjour")
    await polling.has_taken(2)
    await server.until(lambda: not server.waiting)
    assert "Bonjour" in polling.campaign.texts


async def test_chatter_in_groups_is_confirmed_without_being_taken(
    server: TelegramServer, polling: Polling
) -> None:
    server.group_command(-100, "Bonjour à tous")
    await server.until(lambda: server.confirmed == [1000])
    assert not polling.campaign.batches


async def test_a_burst_comes_in_batches_and_none_is_left_out(
    server: TelegramServer, polling: Polling
) -> None:
    server.load(250)
    await polling.has_taken(250)
    assert max(len(batch) for batch in polling.campaign.batches) <= 100
    assert len({event.address for event in polling.campaign.events}) == 250


async def test_numbers_that_jump_down_after_a_quiet_week_lose_nothing(
    server: TelegramServer, polling: Polling
) -> None:
    server.text(77, "avant")
    await server.until(lambda: server.confirmed == [1000])
    server.end_poll()
    await server.until(lambda: server.calls["getUpdates"] == 2)
    server.next_update_id = 5
    server.text(77, "après")
    await server.until(lambda: server.confirmed == [1000, 5])
    assert polling.campaign.texts == ["avant", "après"]
    assert "offset" not in server.asked("getUpdates")[2].params


async def test_a_press_can_be_put_behind_the_older_message_that_came_late(
    server: TelegramServer, polling: Polling
) -> None:
    polling.campaign.go_on.clear()
    server.text(77, "d’abord")
    await polling.campaign.began.wait()
    late = server.text(77, "Lyon")
    server.withhold(late)
    buttons = ((RenderedButton("Suite", data="next"),),)
    await polling.channel.send("77", Rendered("?", "fr", buttons=buttons), (), Lane.CONVERSATION)
    server.press(77, "Suite")
    server.repeat(late)
    polling.campaign.go_on.set()
    await polling.has_taken(3)
    together = polling.campaign.batches[-1]
    assert [type(event) for event in together] == [Chose, Said]
    assert [type(event) for event in in_order(together)] == [Said, Chose]
    await server.until(lambda: not server.violations)


async def test_a_lost_network_is_told_once_and_found_again(
    server: TelegramServer, polling: Polling
) -> None:
    server.start(77)
    await polling.has_taken(1)
    with structlog.testing.capture_logs() as lines:
        await server.close()
        await asyncio.sleep(0.5)
        await server.open()
        server.text(77, "encore là")
        await polling.has_taken(2)
    assert [line["event"] for line in lines] == ["telegram_unreachable", "telegram_trouble_over"]
    assert TOKEN not in str(lines)
    assert polling.campaign.texts == ["encore là"]


async def test_a_start_without_network_waits_for_it(server: TelegramServer) -> None:
    await server.close()
    async with Polling(server) as polling:
        await asyncio.sleep(0.1)
        await server.open()
        server.start(77, "akber")
        await polling.has_taken(1)
    assert isinstance(polling.campaign.events[0], Started)


@pytest.mark.parametrize("fault", ["fail", "drop before", "drop after", "flood"])
async def test_trouble_with_asking_for_updates_loses_none(
    server: TelegramServer, polling: Polling, fault: str
) -> None:
    server.fault("getUpdates", fault, times=2, seconds=1)
    server.text(77, "Bonjour")
    await polling.has_taken(1)
    server.text(77, "encore")
    await polling.has_taken(2)
    await server.until(lambda: not server.waiting)
    assert polling.campaign.texts == ["Bonjour", "encore"]


async def test_a_token_that_telegram_does_not_know_ends_with_advice(
    server: TelegramServer,
) -> None:
    wrong = "999999:A-token-that-nobody-ever-gave-to-this-bot"
    async with Polling(server, wrong) as polling:
        with pytest.raises(TokenRefused, match="@BotFather") as raised:
            await polling.ends()
    assert wrong not in str(raised.value)


async def test_a_token_revoked_while_running_ends_too(
    server: TelegramServer, polling: Polling
) -> None:
    server.start(77)
    await polling.has_taken(1)
    server.token = TOKEN[:-1] + "X"
    server.text(77, "wake up")
    with pytest.raises(TokenRefused):
        await polling.ends()


async def test_a_second_program_with_the_same_token_is_named(
    server: TelegramServer, polling: Polling
) -> None:
    server.start(77)
    await polling.has_taken(1)
    with structlog.testing.capture_logs() as lines:
        rival = TelegramChannel(TOKEN, base_url=f"{server.root}/bot")
        async with rival:
            with contextlib.suppress(Exception):
                await rival.updates(None, 0.2)
            await server.until(lambda: any(line["event"] == "telegram_conflict" for line in lines))
        server.text(77, "encore")
        await polling.has_taken(2)
    assert "another program" in str(lines)


async def test_a_webhook_is_taken_down_and_no_update_with_it(server: TelegramServer) -> None:
    server.webhook = "https://elsewhere.example.org/hook"
    server.text(77, "arrivé pendant le webhook")
    async with Polling(server) as polling:
        await polling.has_taken(1)
    assert not server.violations


async def test_the_bot_knows_its_name_before_the_first_event(
    server: TelegramServer, polling: Polling
) -> None:
    server.group_command(-100, "/help@campagne_test_bot")
    await polling.has_taken(1)
    assert polling.campaign.events[0].address == "-100"


async def test_a_stop_ends_a_waiting_poll_at_once(server: TelegramServer, polling: Polling) -> None:
    server.start(77)
    await polling.has_taken(1)
    await server.until(lambda: not server.waiting)
    polling.stop.set()
    await polling.ends()


async def test_a_stop_lets_what_is_in_hand_be_finished_and_acknowledged(
    server: TelegramServer, polling: Polling
) -> None:
    polling.campaign.go_on.clear()
    server.text(77, "Bonjour")
    await polling.campaign.began.wait()
    polling.stop.set()
    server.text(77, "trop tard")
    await asyncio.sleep(0.1)
    assert not polling.task.done()
    polling.campaign.go_on.set()
    await polling.ends()
    assert polling.campaign.texts == ["Bonjour"]
    assert (server.confirmed, server.waiting) == ([1000], [1001])


async def test_a_stop_ends_a_pause_too(server: TelegramServer, polling: Polling) -> None:
    server.fault("getUpdates", "flood", times=None, seconds=60)
    server.text(77, "Bonjour")
    await server.until(lambda: server.calls["getUpdates"] >= 1)
    await asyncio.sleep(0.1)
    polling.stop.set()
    await polling.ends()


async def test_a_cancelled_poll_acknowledges_nothing_that_was_not_taken(
    server: TelegramServer, polling: Polling
) -> None:
    polling.campaign.go_on.clear()
    server.text(77, "Bonjour")
    await polling.campaign.began.wait()
    polling.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await polling.task
    assert (server.confirmed, server.waiting) == ([], [1000])


async def test_presses_are_acknowledged_before_anything_is_taken(
    server: TelegramServer, polling: Polling
) -> None:
    polling.campaign.go_on.clear()
    server.text(77, "Bonjour")
    server.forge(77, "x")
    await server.until(lambda: not server.unanswered)
    assert not polling.campaign.batches
