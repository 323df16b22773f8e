"""Waiting for what a server of the tests is asked for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class Watched:
    """A server that sets ``_changed`` after every request."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    async def until(
        self, true: Callable[[], bool], seconds: float = 30.0, what: str = "the condition"
    ) -> None:
        """Wait for something; looked at after every request of the bot."""
        end = time.monotonic() + seconds
        while not true():
            left = end - time.monotonic()
            assert left > 0, f"waited {seconds} s in vain for {what}"
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), min(left, 0.2))
            except TimeoutError:
                continue
