"""Sending what was recorded: many chats at a time, no faster than the platform allows.

Answers to supporters are taken from memory as soon as they are committed; what a crash or a burst
left behind is read from the outbox. A message leaves the outbox when it was sent or never will be.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import structlog

from bot.campaign.channel import (
    Channel,
    Keeping,
    Made,
    Make,
    Marking,
    Outgoing,
    Refused,
    Result,
    Sent,
    Unknown,
)
from bot.campaign.messages import Markup, Rendered
from bot.campaign.pictures import is_pictured, with_room
from bot.clock import Clock, utc_now
from bot.keys import Keys
from bot.meters import Meters
from bot.pacing import SharedRate
from bot.pauses import Pauses
from bot.sender.chat_queues import ChatQueue, ChatQueues, Waiting
from bot.sender.results import LONGEST_PAUSE, Results
from bot.sender.tries import Tries
from bot.store import outbox, sequences
from bot.store.database import Database
from bot.store.outbox import Leftover
from bot.trouble import PlatformTrouble

log = structlog.get_logger()

AT_ONCE = 64
"""Messages on their way at the same time, each to another chat."""
DOCUMENTS_AT_ONCE = 8
"""Messages with documents in the making; plain answers do not wait for them."""
MAKING = 30.0
"""Seconds in which a document must be made."""
TOLD_WITHIN = 10.0
"""Seconds in which a platform that tells later what became of a message has told, as a rule."""
IN_MEMORY = 10_000
"""Messages kept ready; what comes beyond waits in the outbox and is read from there in order."""
PAGE = 1_000

"""(attachment, language) → documents. Raises where it cannot be made."""


class Sender:
    """Sends what the engine recorded. One a process."""

    def __init__(
        self,
        store: Database,
        keys: Keys,
        channels: Mapping[str, Channel],
        *,
        make: Make,
        without: Callable[[Rendered, Markup], Rendered],
        pace: SharedRate,
        clock: Clock = utc_now,
        meters: Meters | None = None,
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
        self._meters = meters or Meters()
        self._queues = ChatQueues()
        self._documents: asyncio.Queue[ChatQueue] = asyncio.Queue()
        self._results = Results(store, keys, clock)
        self.troubles = {name: PlatformTrouble(channel) for name, channel in channels.items()}
        """Of each channel, for whatever else sends there."""
        self._tries = Tries(self._queues, self._results, pace, self.troubles, clock)
        self._doubtful: dict[str, Waiting] = {}
        """Messages of which a platform may still say what became of them, by their marks."""
        self._all_wait_until = 0.0
        self._last_flood: tuple[float, str] = (0.0, "")
        self._last_taken = 0
        self._behind = True
        self._caught_up = asyncio.Event()
        self._was_caught_up = False
        self._left_in_outbox = 0
        self._room = asyncio.Event()
        self._room.set()

    def deliver(self, messages: Sequence[Outgoing]) -> None:
        """Take what was just committed, in the order of the outbox; returns at once.

        Call it straight after the transaction, with no ``await`` between: so the numbers rise. With
        none in hand, or where numbers before them are missing, another process has committed some:
        then all are read from the outbox.
        """
        elsewhere = not messages or messages[0].id > self._last_taken + 1
        if self._behind or elsewhere or self._queues.count + len(messages) > IN_MEMORY:
            self._behind = True
            self._caught_up.clear()
            self._left_in_outbox += 1
            self._room.set()
            return
        for message in messages:
            # Catching up may have read it already, between its commit and now.
            if message.id > self._last_taken:
                self._take(self._tries.fresh(message))

    def settled(self, mark: str, result: Result) -> None:
        """A platform says what became of the message of that mark. Where its send had told so,
        nothing changes."""
        waiting = self._doubtful.pop(mark, None)
        if waiting is not None:
            waiting.told = result
            self._tries.told(waiting)

    async def run(self) -> None:
        """Send until cancelled, once this process leads: first what an earlier run left behind,
        then what comes."""
        await self._store.leader.elected()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._catch_up())
            group.create_task(self._results.record())
            for trouble in self.troubles.values():
                group.create_task(trouble.watch())
            for _ in range(AT_ONCE):
                group.create_task(self._work())
            for _ in range(DOCUMENTS_AT_ONCE):
                group.create_task(self._work_on_documents())

    async def finish(self, within: float) -> bool:
        """Wait until nothing is left to send, so many seconds at most; True where that worked.

        Call it while ``run`` runs. What is left stays in the outbox for the next start.
        """
        if not self._store.leader.leads:
            return True
        try:
            async with asyncio.timeout(within):
                await self._caught_up.wait()
                await self._queues.nothing_waits.wait()
                await self._results.written()
        except TimeoutError:
            return False
        return True

    def beside(self, channel: str, address: str) -> float:
        """Seconds to wait before something is sent to this chat that was never given to
        ``deliver``: it counts for the chat's rate and for the rate over all."""
        of_chat = self._queues.beside(channel, address, self._channels[channel].capabilities)
        return max(of_chat, self._pace.take(time.monotonic()))

    @property
    def backlog(self) -> int:
        """How many messages wait in memory."""
        return self._queues.count

    async def _catch_up(self) -> None:
        """Read from the outbox what is not in memory, page by page."""
        pauses = Pauses(1.0, LONGEST_PAUSE)
        while True:
            await self._room.wait()
            self._room.clear()
            while self._behind and self._queues.count <= IN_MEMORY - PAGE:
                before = self._left_in_outbox
                try:
                    async with self._store.reading() as connection:
                        newest = await sequences.last(connection, outbox.NUMBERS)
                        page = await outbox.waiting(
                            connection, self._keys, after=self._last_taken, limit=PAGE
                        )
                except Exception as problem:
                    pause = pauses.next()
                    log.error("outbox_unreadable", kind=type(problem).__name__, pause=pause)
                    await asyncio.sleep(pause)
                    continue
                pauses.over()
                for leftover in page:
                    self._take_leftover(leftover)
                if len(page) < PAGE and before == self._left_in_outbox:
                    # What is missing up to there has been sent.
                    self._last_taken = max(self._last_taken, newest)
                    self._behind = False
                    self._was_caught_up = True
                    self._caught_up.set()

    def _take(self, waiting: Waiting) -> None:
        self._last_taken = max(self._last_taken, waiting.message.id)
        gave_way = self._queues.add(waiting)
        if gave_way is not None:
            self._forget(gave_way)
            self._results.done(gave_way.id)

    def _take_leftover(self, leftover: Leftover) -> None:
        self._last_taken = max(self._last_taken, leftover.id)
        if leftover.outgoing is None:
            log.error("message_unreadable", advice="was a key taken away too early?")
            self._results.done(leftover.id)
        elif leftover.outgoing.channel in self._channels:
            # That of a channel that is switched off stays in the outbox for a later start.
            earlier = not self._was_caught_up
            outgoing = leftover.outgoing
            within = self._told_within(outgoing)
            waiting = self._tries.found(leftover, outgoing, earlier=earlier, told_within=within)
            if within:
                self._doubtful[outgoing.mark] = waiting
            self._take(waiting)

    async def _work(self) -> None:
        """Send plain messages; no worker sleeps while a chat or all chats have to wait."""
        while True:
            queue = await self._queues.turn()
            told, queue.first.told = queue.first.told, None
            if told is not None:
                self._settle(queue, told)
                continue
            if not self._tries.lets(queue):
                continue
            if self._tries.too_late(queue):
                self._done(queue)
                continue
            message = queue.first.message
            channel = self._channels[message.channel]
            pause = self._pause(queue, channel)
            if pause > 0:
                self._queues.call(queue, pause)
                continue
            fitting = with_room(message.message, channel.capabilities)
            if fitting is not message.message:
                message = queue.first.message = replace(message, message=fitting)
            if message.message.attachment is not None and not isinstance(channel, Keeping):
                self._documents.put_nowait(queue)
            else:
                self._settle(queue, await self._hand_over(queue, channel, message, ()))

    async def _work_on_documents(self) -> None:
        while True:
            queue = await self._documents.get()
            message = queue.first.message
            channel = self._channels[message.channel]
            if not is_pictured(message.message):  # made in no time
                await channel.busy(message.address)
            made = await self._made(message.message)
            if made is None:
                plain = self._without(message.message, channel.capabilities.markup)
                message = replace(message, message=plain)
            self._settle(queue, await self._hand_over(queue, channel, message, made or ()))

    def _pause(self, queue: ChatQueue, channel: Channel) -> float:
        """Seconds to wait: for the chat, for the rate over all, for a pause of the platform."""
        if not channel.capabilities.chat_rate:
            return 0.0
        pause = self._queues.pause(queue, channel.capabilities, self._pace)
        return max(pause, self._all_wait_until - time.monotonic())

    async def _made(self, rendered: Rendered) -> tuple[Made, ...] | None:
        """The documents of a message; None where they cannot be made (in time)."""
        if rendered.attachment is None:
            return ()
        try:
            async with asyncio.timeout(MAKING):
                return await self._make(rendered.attachment, rendered.language)
        except Exception:
            log.error("document_not_made", document=rendered.attachment.kind, exc_info=True)
            return None

    async def _hand_over(
        self, queue: ChatQueue, channel: Channel, message: Outgoing, made: tuple[Made, ...]
    ) -> Result:
        await self._tries.count(queue)
        try:
            if isinstance(channel, Keeping):
                return await channel.keep(message)
            if isinstance(channel, Marking):
                self._doubtful[message.mark] = queue.first
                return await channel.send_marked(message, made)
            return await channel.send(message.address, message.message, made, message.lane)
        except Exception as problem:
            log.error("channel_failed", channel=channel.name, exc_info=True)
            return Refused(type(problem).__name__)

    def _settle(self, queue: ChatQueue, result: Result) -> None:
        message = queue.first.message
        self._meters.came(message.channel, message.lane, result)
        if isinstance(result, Unknown) and queue.first.told is not None:
            # The platform was quicker to say it in another way.
            result, queue.first.told = queue.first.told, None
        match result:
            case Unknown() | Refused(permanent=False, gone=False, retry_after=None):
                self._tries.failed(queue, result, told_within=self._told_within(message))
                return
        self._tries.answered(queue)
        match result:
            case Sent():
                self._meters.answering.note(self._tries.age(queue))
                self._done(queue)
            case Refused(retry_after=float() | int() as pause):
                if not result.alone:
                    self._flooded(message, pause)
                self._tries.put_off(queue)
                self._queues.again(queue, pause)
            case Refused(gone=True):
                self._results.gone(message.channel, message.address)
                self._done(queue)
            case Refused():
                log.warning("message_refused", reason=result.reason, channel=message.channel)
                self._simpler_or_never(queue)

    def _simpler_or_never(self, queue: ChatQueue) -> None:
        """Never silence: once more without what a platform may refuse, links and documents."""
        waiting = queue.first
        simpler = _simpler(waiting.message.message)
        if simpler == waiting.message.message:
            self._done(queue)
            return
        self._tries.put_off(queue)
        waiting.message = replace(waiting.message, message=simpler)
        self._queues.again(queue, 0)

    def _done(self, queue: ChatQueue) -> None:
        self._forget(queue.first.message)
        self._results.done(queue.first.message.id)
        self._queues.sent(queue)
        if self._behind and self._queues.count <= IN_MEMORY - PAGE:
            self._room.set()

    def _told_within(self, message: Outgoing) -> float:
        return TOLD_WITHIN if isinstance(self._channels[message.channel], Marking) else 0.0

    def _forget(self, message: Outgoing) -> None:
        if self._doubtful:
            self._doubtful.pop(message.mark, None)

    def _flooded(self, message: Outgoing, pause: float) -> None:
        """429: the chat waits as told; all chats too where a second one is told so."""
        now = time.monotonic()
        last, address = self._last_flood
        if now - last < 2.0 and address != message.address:
            self._all_wait_until = max(self._all_wait_until, now + pause)
        self._last_flood = (now, message.address)
        log.warning("told_to_wait", seconds=pause, channel=message.channel)


def _simpler(rendered: Rendered) -> Rendered:
    rows = (tuple(button for button in row if button.data) for row in rendered.buttons)
    return replace(
        rendered, buttons=tuple(row for row in rows if row), attachment=None, replaces=""
    )
