"""Updates from Telegram, acknowledged only after they were taken.

Telegram keeps an update until it is asked for the next one. So Telegram is the durable inbox: the
offset is moved after ``take`` returned, which is after the commit. python-telegram-bot's own
``Updater`` moves it before anything was handled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

import structlog

from bot.campaign.channel import Take
from bot.campaign.events import Event
from bot.channels.splitting import Piece
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.events import number_of
from bot.channels.telegram.patience import Patience, Stopped
from bot.meters import Hearing

log = structlog.get_logger()

SHORT_PAUSE: Final = 5.0
"""Where only some updates cannot be dealt with: others may come behind them."""
CUT_TRIES: Final = 5
"""How often an update that comes without its end is asked for."""


async def poll(
    channel: TelegramChannel,
    take: Take,
    *,
    stop: asyncio.Event | None = None,
    introduced: Callable[[], None] | None = None,
    wait: float = 30.0,
    first_pause: float = 1.0,
    hearing: Hearing | None = None,
) -> None:
    """Hand every update's event to ``take``, until ``stop`` is set or the task is cancelled.

    ``take`` gets the events of one answer of Telegram (100 at most, as they came), and returns
    once everything they caused is committed.
    When it raises, nothing is acknowledged and the same updates come again, after pauses that grow
    from ``first_pause`` to a minute. The same holds for a lost network: the log says when that
    begins and when it ends, and nothing in between.

    ``introduced`` is called once the channel knows the bot's name; ``hearing`` is told how Telegram
    answers. ``stop`` ends a waiting poll at
    once; a ``take`` under way is let finish and acknowledged. Cancelling ends that too, and then
    nothing is acknowledged that was not taken.

    Raises TokenRefused; no other trouble ends it, and nothing that Telegram sends.
    """
    patience = Patience(stop or asyncio.Event(), first_pause, hearing)
    poller = _Poller(channel, take, wait, patience)
    await poller.run(introduced or (lambda: None))


class _Poller:
    def __init__(
        self,
        channel: TelegramChannel,
        take: Take,
        wait: float,
        patience: Patience,
    ) -> None:
        self._channel = channel
        self._take = take
        self._wait = wait
        self._patience = patience
        self._acknowledged: set[str] = set()
        self._cut = 0

    async def run(self, introduced: Callable[[], None]) -> None:
        try:
            await self._patience.until_done(self._channel.introduce)
            log.info("telegram_polling")
            introduced()
            await self._poll()
        except Stopped:
            log.info("telegram_polling_stopped")

    async def _poll(self) -> None:
        offset: int | None = None
        while True:
            try:
                updates = await self._patience.unless_stopped(
                    self._channel.updates(offset, self._wait, limit=1 if self._cut else 100)
                )
            except Stopped:
                raise
            except Exception as problem:
                # Whatever it was that could not be read, it must not end the bot.
                await self._patience.recover(problem)
                continue
            self._patience.over("network")
            updates = await self._whole(updates)
            if not updates:
                # Everything before the offset is confirmed now. Without one Telegram begins at the
                # oldest update it holds, wherever the numbers went on after a quiet week.
                offset = None
                continue
            if not await self._taken(updates):
                continue
            offset = _behind(updates)
            if offset is None:
                await self._patience.pause("updates_without_number", "updates", at_most=SHORT_PAUSE)
                continue
            self._patience.over("updates")
            if self._patience.stop.is_set():
                await self._confirm(offset)

    async def _whole(self, updates: list[Piece]) -> list[Piece]:
        """Without a last one that lost its end: it comes again. Where there is no other it is asked
        for alone, and given up where it was never whole."""
        whole = [update for update in updates if not update.cut]
        if whole or not updates:
            self._cut = 0
            return whole
        self._cut += 1
        if self._cut < CUT_TRIES:
            await self._patience.pause("update_cut_off", "updates", at_most=SHORT_PAUSE)
            return []
        self._cut = 0
        return updates

    async def _taken(self, updates: list[Piece]) -> bool:
        events: list[Event] = []
        for update in updates:
            self._acknowledge_once(update.update)
            event = self._channel.parse(update)
            if event is not None:
                events.append(event)
        try:
            if events:
                await self._take(events)
        except Exception as problem:
            await self._patience.pause("updates_not_taken", "take", problem)
            return False
        self._patience.over("take")
        self._acknowledged.clear()
        return True

    def _acknowledge_once(self, update: Any) -> None:
        """Updates that come again because they were not taken have been acknowledged already."""
        number = str(update.get("update_id")) if isinstance(update, dict) else ""
        if number not in self._acknowledged:
            self._acknowledged.add(number)
            self._channel.acknowledge(update)

    async def _confirm(self, offset: int) -> None:
        """Tell Telegram what was taken before stopping. Where that fails, it comes again, and a
        repeat changes nothing."""
        try:
            async with asyncio.timeout(2.0):
                await self._channel.updates(offset, 0, limit=1)
        except Exception as problem:
            log.info("last_updates_come_again", kind=type(problem).__name__)
        raise Stopped


def _behind(updates: Sequence[Piece]) -> int | None:
    """The offset that confirms these: one more than the last that has a number. The numbers are
    not compared, they may jump down after a quiet week."""
    for update in reversed(updates):
        number = number_of(update.update)
        if number is not None:
            return number + 1
    return None
