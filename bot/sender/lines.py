"""Messages in line: in order within a chat, whichever chat's turn it is across them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.campaign.delivery import Outgoing
from bot.campaign.limits import Limits
from bot.pacing import Bucket

KEPT = 10.0
"""Seconds after which a chat that is silent has a full bucket again and need not be kept."""


@dataclass(slots=True)
class Waiting:
    """A message and how often it was tried."""

    message: Outgoing
    tries: int = 0


@dataclass(slots=True)
class Line:
    """The messages of one chat; the first one is next, or on its way."""

    waiting: deque[Waiting] = field(default_factory=deque)
    bucket: Bucket | None = None
    called: bool = False
    may_speak: bool = False
    """The chat's own bucket has let the first message through."""

    @property
    def first(self) -> Waiting:
        """The message whose turn it is."""
        return self.waiting[0]


class Lines:
    """All chats that wait for something. ``turn`` gives a line whose first message may be sent;
    it is then closed with ``sent`` or put back with ``again``."""

    def __init__(self) -> None:
        self.count = 0
        """Messages in all lines, those on their way included."""
        self.nothing_waits = asyncio.Event()
        self.nothing_waits.set()
        self._lines: dict[tuple[str, str], Line] = {}
        self._called: asyncio.Queue[Line] = asyncio.Queue()
        self._timers: set[asyncio.TimerHandle] = set()

    def add(self, message: Outgoing, tries: int = 0, after: float = 0.0) -> None:
        """Put the message at the end of its chat's line; not before so many seconds."""
        self.count += 1
        self.nothing_waits.clear()
        line = self._lines.setdefault(_chat(message), Line())
        line.waiting.append(Waiting(message, tries))
        if not line.called:
            self._call(line, after)

    async def turn(self) -> Line:
        """The next chat in line. Each chat has at most one message on its way."""
        return await self._called.get()

    def pause(self, line: Line, limits: Limits) -> bool:
        """Whether the chat was written to too often just now; then it is called again later."""
        if line.may_speak or not limits.chat_rate:
            return False
        if line.bucket is None:
            line.bucket = Bucket(limits.chat_rate, limits.chat_burst)
        line.may_speak = True
        seconds = line.bucket.take(time.monotonic())
        if seconds > 0:
            self._call(line, seconds)
        return seconds > 0

    def again(self, line: Line, after: float) -> None:
        """The first message did not get through: it stays first, for so many seconds."""
        line.may_speak = False
        self._call(line, after)

    def sent(self, line: Line) -> None:
        """The first message is done with: the next one, or nothing more for this chat."""
        done = line.waiting.popleft().message
        line.may_speak = False
        self.count -= 1
        if not self.count:
            self.nothing_waits.set()
        if line.waiting:
            self._call(line)
            return
        line.called = False
        if line.bucket is None:
            del self._lines[_chat(done)]
        else:
            self._later(KEPT, lambda: self._let_go(_chat(done)))

    def _let_go(self, chat: tuple[str, str]) -> None:
        line = self._lines.get(chat)
        if line is not None and not line.waiting:
            del self._lines[chat]

    def _call(self, line: Line, after: float = 0.0) -> None:
        line.called = True
        if after <= 0:
            self._called.put_nowait(line)
        else:
            self._later(after, lambda: self._called.put_nowait(line))

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        def due() -> None:
            self._timers.discard(timer)
            act()

        timer = asyncio.get_running_loop().call_later(seconds, due)
        self._timers.add(timer)


def _chat(message: Outgoing) -> tuple[str, str]:
    return message.channel, message.address
