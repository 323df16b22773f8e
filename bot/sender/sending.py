"""Sending: one line a chat, many chats at a time, no faster than the platform allows.

Answers to supporters are taken from memory as soon as they are committed; what a crash or a burst
left behind is read from the outbox. A message leaves the outbox when it was sent or never will be.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from bot.campaign.delivery import Channel, Keeping, Made, Outgoing, Refused, Result, Sent, Unknown
from bot.campaign.messages import Attachment, Markup, Rendered
from bot.keys import Keys
from bot.pacing import Bucket, SharedRate
from bot.sender.results import LONGEST_PAUSE, Results
from bot.store import outbox
from bot.store.database import Store

log = structlog.get_logger()

AT_ONCE = 64
"""Messages on their way at the same time, each to another chat."""
IN_MEMORY = 10_000
"""Messages kept ready; what comes beyond waits in the outbox and is read from there in order."""
PAGE = 1_000
TRIES = 8
"""Then a message that never gets through is given up: the answer is stale by then."""

Make = Callable[[Attachment, str], Awaitable[tuple[Made, ...]]]
"""(attachment, language) → documents. Raises where it cannot be made."""


@dataclass(slots=True)
class Chat:
    """The messages of one chat, sent one after the other."""

    waiting: deque[tuple[Outgoing, int]] = field(default_factory=deque)
    bucket: Bucket | None = None
    on_its_way: bool = False
    may_speak: bool = False
    """Its own bucket has let the next message through."""


class Sender:
    """Sends what the engine recorded. One a process."""

    def __init__(
        self,
        store: Store,
        keys: Keys,
        channels: Mapping[str, Channel],
        *,
        make: Make,
        without: Callable[[Rendered, Markup], Rendered],
        pace: SharedRate,
    ):
        """``make`` makes attachments; ``without`` is what is said where one could not be made.

        ``pace``: the rate over all chats of channels that limit a chat's rate.
        """
        self._store = store
        self._keys = keys
        self._channels = channels
        self._make = make
        self._without = without
        self._pace = pace
        self._lane_until = 0.0
        self._last_flood: tuple[float, str] = (0.0, "")
        self._chats: dict[tuple[str, str], Chat] = {}
        self._ready: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self._in_memory = 0
        self._last_taken = 0
        self._behind = True
        self._left_in_outbox = 0
        self._room = asyncio.Event()
        self._room.set()
        self._results = Results(store, keys)
        self._timers: set[asyncio.TimerHandle] = set()
        self._empty = asyncio.Event()

    def deliver(self, messages: Sequence[Outgoing]) -> None:
        """Take what was just committed, in the order of the outbox; returns at once."""
        if self._behind or self._in_memory + len(messages) > IN_MEMORY:
            self._behind = True
            self._empty.clear()
            self._left_in_outbox += 1
            self._room.set()
            return
        for message in messages:
            self._take(message, 0)

    async def run(self) -> None:
        """Send until cancelled: first what an earlier run left behind, then what comes."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._catch_up())
            group.create_task(self._results.record())
            for _ in range(AT_ONCE):
                group.create_task(self._work())

    async def finish(self, within: float) -> bool:
        """Wait until nothing is left to send, so many seconds at most; True where that worked.

        Call it while ``run`` runs. What is left stays in the outbox for the next start.
        """
        try:
            async with asyncio.timeout(within):
                await self._empty.wait()
                await self._results.written()
        except TimeoutError:
            return False
        return True

    @property
    def backlog(self) -> int:
        """How many messages wait in memory."""
        return self._in_memory

    def _take(self, message: Outgoing, attempts: int, after: float = 0.0) -> None:
        self._last_taken = max(self._last_taken, message.id)
        self._in_memory += 1
        self._empty.clear()
        where = (message.channel, message.address)
        chat = self._chats.get(where)
        if chat is None:
            chat = self._chats[where] = Chat()
        chat.waiting.append((message, attempts))
        if not chat.on_its_way:
            self._call_up(where, chat, after)

    def _mark_empty(self) -> None:
        if not self._in_memory and not self._behind:
            self._empty.set()

    def _call_up(self, where: tuple[str, str], chat: Chat, after: float = 0.0) -> None:
        """Put the chat in the line, now or when it may be spoken to again."""
        chat.on_its_way = True
        if after <= 0:
            self._ready.put_nowait(where)
            return

        def due() -> None:
            self._timers.discard(timer)
            self._ready.put_nowait(where)

        timer = asyncio.get_running_loop().call_later(after, due)
        self._timers.add(timer)

    async def _catch_up(self) -> None:
        """Read from the outbox what is not in memory, page by page."""
        pause = 1.0
        while True:
            await self._room.wait()
            self._room.clear()
            while self._behind and self._in_memory <= IN_MEMORY - PAGE:
                before = self._left_in_outbox
                try:
                    async with self._store.reading() as connection:
                        page = await outbox.waiting(
                            connection, self._keys, after=self._last_taken, limit=PAGE
                        )
                except Exception as problem:
                    log.error("outbox_unreadable", kind=type(problem).__name__, pause=pause)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)
                    continue
                pause = 1.0
                for leftover in page:
                    wait = _seconds_until(leftover.not_before)
                    self._take(leftover.outgoing, leftover.attempts, wait)
                if len(page) < PAGE and before == self._left_in_outbox:
                    self._behind = False
                    self._mark_empty()

    async def _work(self) -> None:
        while True:
            where = await self._ready.get()
            chat = self._chats[where]
            message, attempts = chat.waiting[0]
            channel = self._channels.get(message.channel)
            if channel is None:
                # A channel that is switched off now: its messages wait in the outbox.
                self._call_up(where, chat, LONGEST_PAUSE)
                continue
            pause = self._chat_pause(chat, channel)
            if pause > 0:
                self._call_up(where, chat, pause)
                continue
            chat.may_speak = False
            await self._pass(channel)
            result = await self._send(channel, message)
            self._settle(where, chat, message, attempts, result)

    def _chat_pause(self, chat: Chat, channel: Channel) -> float:
        """Seconds until this chat may be written to; asked once a message."""
        if chat.may_speak or not channel.limits.chat_rate:
            return 0.0
        if chat.bucket is None:
            chat.bucket = Bucket(channel.limits.chat_rate, channel.limits.chat_burst)
        chat.may_speak = True
        return chat.bucket.take(time.monotonic())

    async def _pass(self, channel: Channel) -> None:
        """Wait for the rate over all chats, and for the end of a pause that the platform set."""
        if not channel.limits.chat_rate:
            return
        now = time.monotonic()
        pause = max(self._pace.take(now), self._lane_until - now)
        if pause > 0:
            await asyncio.sleep(pause)

    async def _send(self, channel: Channel, message: Outgoing) -> Result:
        if isinstance(channel, Keeping):
            return await channel.keep(message)
        rendered = message.message
        made: tuple[Made, ...] = ()
        if rendered.attachment is not None:
            await channel.busy(message.address)
            try:
                made = await self._make(rendered.attachment, rendered.language)
            except Exception as problem:
                log.error(
                    "document_not_made",
                    document=rendered.attachment.kind,
                    kind=type(problem).__name__,
                    exc_info=True,
                )
                rendered = self._without(rendered, channel.limits.markup)
        try:
            return await channel.send(message.address, rendered, made, message.lane)
        except Exception as problem:
            log.error("channel_failed", channel=channel.name, exc_info=True)
            return Refused(type(problem).__name__)

    def _settle(
        self, where: tuple[str, str], chat: Chat, message: Outgoing, attempts: int, result: Result
    ) -> None:
        match result:
            case Sent():
                self._finished(where, chat, message)
            case Refused(retry_after=float() | int() as pause):
                self._flooded(message, pause)
                self._later(where, chat, message, attempts, pause, counts=False)
            case Refused(gone=True):
                self._results.gone(message.channel, message.address)
                self._finished(where, chat, message)
            case Refused(permanent=True):
                log.warning("message_refused", reason=result.reason, channel=message.channel)
                self._finished(where, chat, message)
            case Unknown() | Refused():
                if attempts + 1 >= TRIES:
                    log.warning("message_given_up", reason=result.reason, tries=attempts + 1)
                    self._finished(where, chat, message)
                else:
                    pause = min(2.0**attempts, LONGEST_PAUSE)
                    self._later(where, chat, message, attempts + 1, pause, counts=True)

    def _finished(self, where: tuple[str, str], chat: Chat, message: Outgoing) -> None:
        self._results.done(message.id)
        chat.waiting.popleft()
        self._in_memory -= 1
        self._mark_empty()
        if self._behind and self._in_memory <= IN_MEMORY - PAGE:
            self._room.set()
        if chat.waiting:
            self._call_up(where, chat)
            return
        chat.on_its_way = False
        if chat.bucket is None or chat.bucket.is_rested(time.monotonic()):
            del self._chats[where]
        else:
            self._forget_later(where)

    def _forget_later(self, where: tuple[str, str]) -> None:
        """Keep the chat's bucket until it is full again."""

        def look() -> None:
            self._timers.discard(timer)
            chat = self._chats.get(where)
            if chat is not None and not chat.waiting and not chat.on_its_way:
                del self._chats[where]

        timer = asyncio.get_running_loop().call_later(10.0, look)
        self._timers.add(timer)

    def _later(
        self,
        where: tuple[str, str],
        chat: Chat,
        message: Outgoing,
        attempts: int,
        pause: float,
        *,
        counts: bool,
    ) -> None:
        chat.waiting[0] = (message, attempts)
        if counts:
            self._results.again(message.id, pause)
        self._call_up(where, chat, pause)

    def _flooded(self, message: Outgoing, pause: float) -> None:
        """429: the chat waits as told; the whole lane too where a second chat is told so."""
        now = time.monotonic()
        last, address = self._last_flood
        if now - last < 2.0 and address != message.address:
            self._lane_until = max(self._lane_until, now + pause)
        self._last_flood = (now, message.address)
        log.warning("told_to_wait", seconds=pause, channel=message.channel)


def _seconds_until(moment: datetime | None) -> float:
    if moment is None:
        return 0.0
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
