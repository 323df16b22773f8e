"""A supporter on Telegram: says, presses, and sees what a phone would show."""

from __future__ import annotations

from collections.abc import Callable

from tests.telegram_chats import Shown
from tests.telegram_server import TelegramServer


class Supporter:
    """One chat with the bot. Every act waits for the answer and returns it."""

    def __init__(self, server: TelegramServer, chat: int, language: str = "fr"):
        self.server = server
        self.chat = chat
        self.language = language

    async def starts(self, payload: str = "") -> Shown:
        return await self._after(lambda: self.server.start(self.chat, payload, self.language))

    async def says(self, text: str) -> Shown:
        return await self._after(lambda: self.server.text(self.chat, text, self.language))

    async def presses(self, label: str, on: Shown | None = None) -> Shown:
        return await self._after(lambda: self.server.press(self.chat, label, on))

    async def sends(self, kind: str) -> Shown:
        return await self._after(lambda: self.server.show(self.chat, kind, self.language))

    async def _after(self, act: Callable[[], object]) -> Shown:
        before = self.server.answered[self.chat]
        act()
        shown = await self.server.answer(self.chat, before, seconds=30)
        while not shown.buttons:
            # A first contact is answered by two messages: what this is, and what was asked for.
            before += 1
            shown = await self.server.answer(self.chat, before, seconds=30)
        return shown
