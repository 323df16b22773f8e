"""Waiting that ends early."""

from __future__ import annotations

import asyncio
from contextlib import suppress


async def first_of(*events: asyncio.Event, seconds: float) -> None:
    """Wait for any of them, so long at most."""
    if len(events) == 1:
        # A pace waits so before most messages: without a task for each.
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await events[0].wait()
        return
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
