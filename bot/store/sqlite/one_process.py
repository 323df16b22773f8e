"""Leader and notifier of the one process that has claimed the data directory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from bot.store.notifier import Kind, News


class OnlyProcess:
    """Whoever holds the claim leads; a command beside it never does."""

    def __init__(self, leads: bool):
        """``leads``: whether the directory was claimed."""
        self.leads = leads

    async def elected(self) -> None:
        """At once, or never."""
        if not self.leads:
            await asyncio.Event().wait()


class DirectCalls:
    """There is nobody else to tell. SQLite cannot call a process, so what a command beside the bot
    has changed is seen at the next look (``LOOKS`` in bot/broadcasts/scheduler.py)."""

    def __init__(self) -> None:
        self._hearers: dict[type[News], list[Callable[[Any], object]]] = {}

    def hear(self, kind: type[Kind], hearer: Callable[[Kind], object]) -> None:
        """As ``Notifier`` says."""
        self._hearers.setdefault(kind, []).append(hearer)

    def tell(self, news: News) -> None:
        """As ``Notifier`` says."""
        for hearer in self._hearers.get(type(news), ()):
            hearer(news)
