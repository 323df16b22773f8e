"""Presses are acknowledged, whatever goes wrong with it: nobody is left with a spinner."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest

from bot.channels.telegram import presses as room
from bot.channels.telegram.channel import TelegramChannel
from tests.leaping import leaping
from tests.telegram_server import TOKEN, TelegramServer


def pressed(
    spoil: Callable[[TelegramServer], None], *, presses: int = 30, heal_after: float = 0.0
) -> TelegramServer:
    """So many presses while the acknowledgements are spoiled; the server afterwards."""

    async def played() -> TelegramServer:
        async with (
            TelegramServer() as server,
            TelegramChannel(TOKEN, base_url=f"{server.root}/bot", read_timeout=20.0) as channel,
        ):
            spoil(server)
            for number in range(presses):
                channel.acknowledge(server.forge(1000 + number, "x"))
            if heal_after:
                await asyncio.sleep(heal_after)
                assert len(channel._under_way) == presses, "they are tried for as long as it takes"
                server.heal()
            async with asyncio.timeout(160):
                while channel._under_way:
                    await asyncio.sleep(1)
        return server

    return leaping(played())


def some(server: TelegramServer) -> None:
    """One of five goes wrong, each time in another way."""
    chance = random.Random(5)
    kinds: list[dict[str, Any]] = [
        {"kind": "drop before"},
        {"kind": "drop after"},
        {"kind": "fail", "status": 502},
        {"kind": "flood", "seconds": 3},
    ]
    act = server._act

    async def sometimes(method: str, *rest: Any) -> tuple[int, bytes]:
        server.heal()
        if method == "answercallbackquery" and chance.random() < 0.2:
            server.fault(method, **chance.choice(kinds))
        return await act(method, *rest)

    server._act = sometimes  # type: ignore[method-assign]


def test_of_five_hundred_presses_with_every_fifth_try_spoiled_none_keeps_its_spinner() -> None:
    server = pressed(some, presses=500)
    assert server.unanswered == []
    assert server.calls["answerCallbackQuery"] > 500


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop before"},
        {"kind": "fail", "status": 502},
        {"kind": "flood", "seconds": 5},
    ],
)
def test_a_minute_in_which_none_gets_through_leaves_no_spinner(fault: dict[str, Any]) -> None:
    server = pressed(
        lambda server: server.fault("answerCallbackQuery", times=None, **fault), heal_after=60
    )
    assert server.unanswered == []


def test_it_ends_when_telegram_would_not_take_it_any_more() -> None:
    def gone(server: TelegramServer) -> None:
        server.fault("answerCallbackQuery", "fail", times=None)

    server = pressed(gone)
    assert len(server.unanswered) == 30
    assert server.calls["answerCallbackQuery"] <= 30 * 20


def test_what_telegram_calls_too_old_is_not_tried_again() -> None:
    async def played() -> int:
        async with (
            TelegramServer() as server,
            TelegramChannel(TOKEN, base_url=f"{server.root}/bot") as channel,
        ):
            press = server.forge(77, "x")
            channel.acknowledge(press)
            await server.until(lambda: not server.unanswered)
            channel.acknowledge(press)
            await asyncio.sleep(room.LIVES)
            return server.calls["answerCallbackQuery"]

    assert leaping(played()) == 2
