"""Messages in line: in order within a chat, whichever chat's turn it is across them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.campaign.delivery import Outgoing
from bot.campaign.limits import Limits
from bot.pacing import Bucket, SharedRate
from bot.trouble import Waiter

MOST = 20
"""Answers that one chat may have waiting; a chat that floods gets its newest ones."""
KEPT = 10.0
"""Seconds after which a chat that is silent has a full bucket again and need not be kept."""


@dataclass(slots=True)
class Waiting:
    """A message, and what came of it so far."""

    message: Outgoing
    until: float
    """When it answers nothing any more, in the event loop's time."""
    failed: Waiter | None = None
    """How it waits for another try, once one was in vain."""
    tries: int = 0
    counted: bool = False
    """The try under way is on record already, as one that may have arrived."""
    found: bool = False
    """An earlier run left it: nobody knows whether that run had sent it."""


@dataclass(slots=True)
class Line:
    """The messages of one chat; the first one is next, or on its way."""

    key: tuple[str, ...]
    waiting: deque[Waiting] = field(default_factory=deque)
    bucket: Bucket | None = None
    called: bool = False
    may_speak: bool = False
    """The chat's own bucket has let the first message through."""
    may_leave: bool = False
    """So has the rate over all chats."""

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
        self._lines: dict[tuple[str, ...], Line] = {}
        self._called: asyncio.Queue[Line] = asyncio.Queue()
        self._timers: set[asyncio.TimerHandle] = set()

    def add(self, added: Waiting) -> Outgoing | None:
        """Put the message at the end of its chat's line.

        Returns what gave way: a screen that this one takes the place of before anybody saw it (who
        taps quickly does not watch each step a second late), or where the line was full the oldest
        that is not on its way.
        """
        message = added.message
        line = self._of(_chat(message))
        if len(line.waiting) > 1 and _hides(message, line.waiting[-1].message):
            hidden = line.waiting[-1].message
            line.waiting[-1] = added
            return hidden
        line.waiting.append(added)
        if len(line.waiting) > MOST:
            oldest = line.waiting[1].message
            del line.waiting[1]
            return oldest
        self.count += 1
        self.nothing_waits.clear()
        if not line.called:
            self.call(line)
        return None

    async def turn(self) -> Line:
        """The next chat in line. Each chat has at most one message on its way."""
        return await self._called.get()

    def pause(self, line: Line, limits: Limits, pace: SharedRate) -> float:
        """Seconds until the first message may leave: for the chat's sake, then for all chats'."""
        now = time.monotonic()
        if not line.may_speak:
            line.may_speak = True
            if line.bucket is None:
                line.bucket = Bucket(limits.chat_rate, limits.chat_burst)
            seconds = line.bucket.take(now)
            if seconds > 0:
                return seconds
        if not line.may_leave:
            line.may_leave = True
            return pace.take(now)
        return 0.0

    def beside(self, channel: str, address: str, limits: Limits) -> float:
        """Seconds until something that stands in no line may go to this chat."""
        line = self._of((channel, address))
        if line.bucket is None:
            line.bucket = Bucket(limits.chat_rate, limits.chat_burst)
        if not line.waiting:
            self._later(KEPT, lambda: self._let_go((channel, address)))
        return line.bucket.take(time.monotonic())

    def again(self, line: Line, after: float) -> None:
        """The first message did not get through: it stays first, for so many seconds."""
        self.keep(line)
        self.call(line, after)

    def keep(self, line: Line) -> None:
        """The same, until the line is called."""
        line.may_speak = line.may_leave = False

    def hold(self, line: Line, pace: SharedRate) -> None:
        """The first message waits for something else: others take what it had of the rates."""
        if line.may_speak and line.bucket is not None:
            line.bucket.put_back()
        if line.may_leave:
            pace.put_back()
        self.keep(line)

    def sent(self, line: Line) -> None:
        """The first message is done with: the next one, or nothing more for this chat."""
        line.waiting.popleft()
        self.count -= 1
        if not self.count:
            self.nothing_waits.set()
        self._next(line)

    def apart(self, line: Line) -> Line:
        """The first message fails again and again while others get through: it gets a line of its
        own, which is given back, and those behind it go on."""
        stubborn = line.waiting.popleft()
        own = Line((*line.key, str(stubborn.message.id)), bucket=line.bucket, called=True)
        own.waiting.append(stubborn)
        self._lines[own.key] = own
        self._next(line)
        return own

    def _of(self, chat: tuple[str, str]) -> Line:
        line = self._lines.get(chat)
        if line is None:
            line = self._lines[chat] = Line(chat)
        return line

    def _next(self, line: Line) -> None:
        line.may_speak = line.may_leave = False
        if line.waiting:
            self.call(line)
            return
        line.called = False
        if line.bucket is None:
            del self._lines[line.key]
        else:
            self._later(KEPT, lambda: self._let_go(line.key))

    def _let_go(self, key: tuple[str, ...]) -> None:
        line = self._lines.get(key)
        if line is not None and not line.waiting:
            del self._lines[key]

    def call(self, line: Line, after: float = 0.0) -> None:
        """Give the line its turn, in so many seconds."""
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


def _hides(message: Outgoing, before: Outgoing) -> bool:
    """Whether both change the same message, so that the earlier change would not be seen."""
    replaced = message.message.replaces
    return bool(replaced) and replaced == before.message.replaces


def _chat(message: Outgoing) -> tuple[str, str]:
    return message.channel, message.address
