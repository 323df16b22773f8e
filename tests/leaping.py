"""An event loop whose clock leaps over what everybody only waits for: ten minutes in seconds."""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")

GRACE = 0.02
"""Seconds of real time in which nothing happened before the clock leaps: what is on its way through
a socket or the database's thread comes first."""


class _Selector(selectors.DefaultSelector):
    """Waits shortly for what may come, and then counts the rest of the wait as passed."""

    leapt = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None or timeout <= GRACE:
            return super().select(timeout)
        found = super().select(GRACE)
        if not found:
            self.leapt += timeout - GRACE
        return found


class LeapingLoop(asyncio.SelectorEventLoop):
    """``time()`` is the real clock and what was leapt over."""

    def __init__(self) -> None:
        self._leaping = _Selector()
        super().__init__(self._leaping)

    def time(self) -> float:
        return time.monotonic() + self._leaping.leapt


def leaping(story: Coroutine[Any, Any, _Result]) -> _Result:
    """Run it in a loop that leaps."""
    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        return runner.run(story)
