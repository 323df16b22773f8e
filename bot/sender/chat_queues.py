"""Messages in line: in order within a chat, whichever chat's turn it is across them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.campaign.capabilities import Capabilities
from bot.campaign.channel import Outgoing, Result
from bot.pacing import Bucket, SharedRate
from bot.trouble import Waiter

MOST = 20
"""Answers that one chat may have waiting; a chat that floods gets its newest ones."""
KEPT = 10.0
"""Seconds for which a chat that is silent is kept, or until its bucket is full again."""


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
    told: Result | None = None
    """What the platform said of it after its send had ended without an answer."""


@dataclass(slots=True)
class ChatQueue:
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


class ChatQueues:
    """All chats that wait for something. ``turn`` gives a queue whose first message may be sent;
    it is then closed with ``sent`` or put back with ``again``."""

    def __init__(self) -> None:
        self.count = 0
        """Messages in all queues, those on their way included."""
        self.nothing_waits = asyncio.Event()
        self.nothing_waits.set()
        self._queues: dict[tuple[str, ...], ChatQueue] = {}
        self._called: asyncio.Queue[ChatQueue] = asyncio.Queue()
        self._timers: set[asyncio.TimerHandle] = set()

    def add(self, added: Waiting) -> Outgoing | None:
        """Put the message at the end of its chat's queue.

        Returns what gave way: a screen that this one takes the place of before anybody saw it (who
        taps quickly does not watch each step a second late), or where the queue was full the oldest
        that is not on its way.
        """
        message = added.message
        queue = self._of(_chat(message))
        if len(queue.waiting) > 1 and _hides(message, queue.waiting[-1].message):
            hidden = queue.waiting[-1].message
            queue.waiting[-1] = added
            return hidden
        queue.waiting.append(added)
        if len(queue.waiting) > MOST:
            oldest = queue.waiting[1].message
            del queue.waiting[1]
            return oldest
        self.count += 1
        self.nothing_waits.clear()
        if not queue.called:
            self.call(queue)
        return None

    async def turn(self) -> ChatQueue:
        """The next chat in line. Each chat has at most one message on its way."""
        return await self._called.get()

    def pause(self, queue: ChatQueue, able: Capabilities, pace: SharedRate) -> float:
        """Seconds until the first message may leave: for the chat's sake, then for all chats'."""
        now = time.monotonic()
        if not queue.may_speak:
            queue.may_speak = True
            if queue.bucket is None:
                queue.bucket = Bucket(able.chat_rate, able.chat_burst)
            seconds = queue.bucket.take(now)
            if seconds > 0:
                return seconds
        if not queue.may_leave:
            queue.may_leave = True
            return pace.take(now)
        return 0.0

    def beside(self, channel: str, address: str, able: Capabilities) -> float:
        """Seconds until something that stands in no queue may go to this chat."""
        queue = self._of((channel, address))
        if queue.bucket is None:
            queue.bucket = Bucket(able.chat_rate, able.chat_burst)
        if not queue.waiting:
            self._later(_kept(queue.bucket), lambda: self._let_go((channel, address)))
        return queue.bucket.take(time.monotonic())

    def again(self, queue: ChatQueue, after: float) -> None:
        """The first message did not get through: it stays first, for so many seconds."""
        self.keep(queue)
        self.call(queue, after)

    def keep(self, queue: ChatQueue) -> None:
        """The same, until the queue is called."""
        queue.may_speak = queue.may_leave = False

    def hold(self, queue: ChatQueue, pace: SharedRate) -> None:
        """The first message waits for something else: others take what it had of the rates."""
        if queue.may_speak and queue.bucket is not None:
            queue.bucket.put_back()
        if queue.may_leave:
            pace.put_back()
        self.keep(queue)

    def sent(self, queue: ChatQueue) -> None:
        """The first message is done with: the next one, or nothing more for this chat."""
        queue.waiting.popleft()
        self.count -= 1
        if not self.count:
            self.nothing_waits.set()
        self._next(queue)

    def apart(self, queue: ChatQueue) -> ChatQueue:
        """The first message fails again and again while others get through: it gets a queue of its
        own, which is given back, and those behind it go on."""
        stubborn = queue.waiting.popleft()
        own = ChatQueue((*queue.key, str(stubborn.message.id)), bucket=queue.bucket, called=True)
        own.waiting.append(stubborn)
        self._queues[own.key] = own
        self._next(queue)
        return own

    def _of(self, chat: tuple[str, str]) -> ChatQueue:
        queue = self._queues.get(chat)
        if queue is None:
            queue = self._queues[chat] = ChatQueue(chat)
        return queue

    def _next(self, queue: ChatQueue) -> None:
        queue.may_speak = queue.may_leave = False
        if queue.waiting:
            self.call(queue)
            return
        queue.called = False
        if queue.bucket is None:
            del self._queues[queue.key]
        else:
            self._later(_kept(queue.bucket), lambda: self._let_go(queue.key))

    def _let_go(self, key: tuple[str, ...]) -> None:
        queue = self._queues.get(key)
        if queue is not None and not queue.waiting:
            del self._queues[key]

    def call(self, queue: ChatQueue, after: float = 0.0) -> None:
        """Give the queue its turn, in so many seconds."""
        queue.called = True
        if after <= 0:
            self._called.put_nowait(queue)
        else:
            self._later(after, lambda: self._called.put_nowait(queue))

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        def due() -> None:
            self._timers.discard(timer)
            act()

        timer = asyncio.get_running_loop().call_later(seconds, due)
        self._timers.add(timer)


def _kept(bucket: Bucket) -> float:
    return max(KEPT, bucket.full_in(time.monotonic()))


def _hides(message: Outgoing, before: Outgoing) -> bool:
    """Whether both change the same message, so that the earlier change would not be seen."""
    replaced = message.message.replaces
    return bool(replaced) and replaced == before.message.replaces


def _chat(message: Outgoing) -> tuple[str, str]:
    return message.channel, message.address
