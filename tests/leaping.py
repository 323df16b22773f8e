"""An event loop whose clock leaps over what everybody only waits for: ten minutes in seconds."""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any, TypeVar
from unittest.mock import patch

import aiosqlite

_Result = TypeVar("_Result")

GRACE = 0.01
"""Seconds of real time in which nothing happened before the clock leaps."""


class _Selector(selectors.DefaultSelector):
    """Waits shortly for what may come, and then counts the rest of the wait as passed. While the
    database's threads have something to do nothing is leapt over."""

    leapt = 0.0
    busy = 0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None or timeout <= GRACE:
            return super().select(timeout)
        found = super().select(GRACE)
        if not found and not self.busy:
            self.leapt += timeout - GRACE
        return found


class LeapingLoop(asyncio.SelectorEventLoop):
    """``time()`` is the real clock and what was leapt over."""

    def __init__(self) -> None:
        self.leaping = _Selector()
        super().__init__(self.leaping)

    def time(self) -> float:
        return time.monotonic() + self.leaping.leapt


def leaping(story: Coroutine[Any, Any, _Result]) -> _Result:
    """Run it in a loop that leaps."""
    execute = aiosqlite.Connection._execute

    async def counted(*arguments: Any, **named: Any) -> Any:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, LeapingLoop)
        loop.leaping.busy += 1
        try:
            return await execute(*arguments, **named)
        finally:
            loop.leaping.busy -= 1

    with (
        patch.object(aiosqlite.Connection, "_execute", counted),
        asyncio.Runner(loop_factory=LeapingLoop) as runner,
    ):
        return runner.run(story)
