"""How a broadcast gives way to the platform: what it was told to slow down stays slow."""

from __future__ import annotations

import asyncio
import time

import pytest

from bot.broadcasts.pace import BroadcastPace
from bot.pacing import SharedRate


async def test_after_many_refusals_about_one_message_a_second_leaves() -> None:
    pace = SharedRate(1000)
    lane = BroadcastPace(pace, pace.rate)
    for _ in range(60):
        lane.flooded(0)
    assert lane.rate < 2
    begun = time.monotonic()
    for _ in range(4):
        assert await lane.turn(asyncio.Event())
    assert time.monotonic() - begun > 0.9, "two at once, then one a second"


async def test_at_full_speed_a_broadcast_takes_what_conversations_leave() -> None:
    pace = SharedRate(0.001)
    lane = BroadcastPace(pace, pace.rate)
    assert await lane.turn(asyncio.Event())
    stop = asyncio.Event()
    waiting = asyncio.create_task(lane.turn(stop))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not waiting.done(), "the reserve stays for conversations"
    stop.set()
    assert not await waiting


async def test_what_was_slowed_down_finds_back_to_its_rate_and_not_above(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(f"{BroadcastPace.__module__}.STEP", 0.0)
    pace = SharedRate(1000)
    lane = BroadcastPace(pace, pace.rate)
    lane.went_well()
    assert lane.rate == 1000
    for _ in range(3):
        lane.flooded(0)
    slow = lane.rate
    assert slow < 1000
    lane.went_well()
    assert slow < lane.rate < 1000
    for _ in range(20):
        lane.went_well()
    assert lane.rate == 1000
