"""Sending what was recorded: many chats at a time, no faster than the platform allows.

Answers to supporters are taken from memory as soon as they are committed; what a crash or a burst
left behind is read from the outbox. A message leaves the outbox when it was sent or never will be.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime

import structlog

from bot.campaign.delivery import Channel, Keeping, Made, Outgoing, Refused, Result, Sent, Unknown
from bot.campaign.messages import Attachment, Markup, Rendered
from bot.keys import Keys
from bot.pacing import SharedRate
from bot.sender.lines import Line, Lines
from bot.sender.results import LONGEST_PAUSE, Results
from bot.store import outbox
from bot.store.database import Store
from bot.store.outbox import Leftover

log = structlog.get_logger()

AT_ONCE = 64
"""Messages on their way at the same time, each to another chat."""
IN_MEMORY = 10_000
"""Messages kept ready; what comes beyond waits in the outbox and is read from there in order."""
PAGE = 1_000
UNKNOWN_TRIES = 3
"""How often an answer goes out whose arrival stayed unknown: each time may be a repeat."""
TRIES = 1_500
"""About a day of pauses: what did not get through until then answers nothing any more."""

Make = Callable[[Attachment, str], Awaitable[tuple[Made, ...]]]
"""(attachment, language) → documents. Raises where it cannot be made."""


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
        self._lines = Lines()
        self._results = Results(store, keys)
        self._all_wait_until = 0.0
        self._last_flood: tuple[float, str] = (0.0, "")
        self._last_taken = 0
        self._behind = True
        self._caught_up = asyncio.Event()
        self._left_in_outbox = 0
        self._room = asyncio.Event()
        self._room.set()

    def deliver(self, messages: Sequence[Outgoing]) -> None:
        """Take what was just committed, in the order of the outbox; returns at once.

        Call it straight after the transaction, with no ``await`` between: so the numbers rise.
        """
        if self._behind or self._lines.count + len(messages) > IN_MEMORY:
            self._behind = True
            self._caught_up.clear()
            self._left_in_outbox += 1
            self._room.set()
            return
        for message in messages:
            # Catching up may have read it already, between its commit and now.
            if message.id > self._last_taken:
                self._last_taken = message.id
                self._lines.add(message)

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
                await self._caught_up.wait()
                await self._lines.nothing_waits.wait()
                await self._results.written()
        except TimeoutError:
            return False
        return True

    @property
    def backlog(self) -> int:
        """How many messages wait in memory."""
        return self._lines.count

    async def _catch_up(self) -> None:
        """Read from the outbox what is not in memory, page by page."""
        pause = 1.0
        while True:
            await self._room.wait()
            self._room.clear()
            while self._behind and self._lines.count <= IN_MEMORY - PAGE:
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
                    self._take_leftover(leftover)
                if len(page) < PAGE and before == self._left_in_outbox:
                    self._behind = False
                    self._caught_up.set()

    def _take_leftover(self, leftover: Leftover) -> None:
        self._last_taken = leftover.id
        if leftover.outgoing is None:
            log.error("message_unreadable", advice="was a key taken away too early?")
            self._results.done(leftover.id)
        elif leftover.outgoing.channel in self._channels:
            # That of a channel that is switched off stays in the outbox for a later start.
            self._lines.add(
                leftover.outgoing, leftover.attempts, _seconds_until(leftover.not_before)
            )

    async def _work(self) -> None:
        while True:
            line = await self._lines.turn()
            message = line.first.message
            channel = self._channels[message.channel]
            if self._lines.pause(line, channel.limits):
                continue
            await self._pass(channel)
            self._settle(line, await self._send(channel, message))
            if self._behind and self._lines.count <= IN_MEMORY - PAGE:
                self._room.set()

    async def _pass(self, channel: Channel) -> None:
        """Wait for the rate over all chats, and for the end of a pause that the platform set."""
        if not channel.limits.chat_rate:
            return
        now = time.monotonic()
        pause = max(self._pace.take(now), self._all_wait_until - now)
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
            except Exception:
                log.error("document_not_made", document=rendered.attachment.kind, exc_info=True)
                rendered = self._without(rendered, channel.limits.markup)
        try:
            return await channel.send(message.address, rendered, made, message.lane)
        except Exception as problem:
            log.error("channel_failed", channel=channel.name, exc_info=True)
            return Refused(type(problem).__name__)

    def _settle(self, line: Line, result: Result) -> None:
        waiting = line.first
        message = waiting.message
        match result:
            case Sent():
                self._done(line)
            case Refused(retry_after=float() | int() as pause):
                self._flooded(message, pause)
                self._lines.again(line, pause)
            case Refused(gone=True):
                self._results.gone(message.channel, message.address)
                self._done(line)
            case Refused(permanent=True):
                log.warning("message_refused", reason=result.reason, channel=message.channel)
                self._done(line)
            case Unknown() | Refused():
                waiting.tries += 1
                most = UNKNOWN_TRIES if isinstance(result, Unknown) else TRIES
                if waiting.tries >= most:
                    log.warning("message_given_up", reason=result.reason, tries=waiting.tries)
                    self._done(line)
                    return
                pause = min(2.0 ** (waiting.tries - 1), LONGEST_PAUSE)
                self._results.again(message.id, pause)
                self._lines.again(line, pause)

    def _done(self, line: Line) -> None:
        self._results.done(line.first.message.id)
        self._lines.sent(line)

    def _flooded(self, message: Outgoing, pause: float) -> None:
        """429: the chat waits as told; all chats too where a second one is told so."""
        now = time.monotonic()
        last, address = self._last_flood
        if now - last < 2.0 and address != message.address:
            self._all_wait_until = max(self._all_wait_until, now + pause)
        self._last_flood = (now, message.address)
        log.warning("told_to_wait", seconds=pause, channel=message.channel)


def _seconds_until(moment: datetime | None) -> float:
    if moment is None:
        return 0.0
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
