"""Updates from Telegram, acknowledged only after they were taken.

Telegram keeps an update until it is asked for the next one. So Telegram is the durable inbox: the
offset is moved after ``take`` returned, which is after the commit. python-telegram-bot's own
``Updater`` moves it before anything was handled.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, TypeVar

import structlog
from telegram.error import Conflict, InvalidToken

from bot.campaign.channel import Take
from bot.campaign.events import Event
from bot.channels.service import ChannelTrouble
from bot.channels.splitting import Piece
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.events import number_of
from bot.channels.telegram.request import Flooded
from bot.meters import Meters
from bot.pauses import Pauses

log = structlog.get_logger()

_Result = TypeVar("_Result")

LONGEST_PAUSE: Final = 60.0
SHORT_PAUSE: Final = 5.0
"""Where only some updates cannot be dealt with: others may come behind them."""
CUT_TRIES: Final = 5
"""How often an update that comes without its end is asked for."""


class TokenRefused(ChannelTrouble):
    """Telegram does not know the token. The text says what to do, and does not show it."""

    def __init__(self) -> None:
        super().__init__(
            "Telegram does not accept BOT_TOKEN. Ask @BotFather for the bot's token "
            "(/mybots, API Token) and set it again; if you set BOT_API_URL, check that too."
        )


class _Stopped(Exception):
    """Asked to stop while waiting for something."""


async def poll(
    channel: TelegramChannel,
    take: Take,
    *,
    stop: asyncio.Event | None = None,
    introduced: Callable[[], None] | None = None,
    wait: float = 30.0,
    first_pause: float = 1.0,
    meters: Meters | None = None,
) -> None:
    """Hand every update's event to ``take``, until ``stop`` is set or the task is cancelled.

    ``take`` gets the events of one answer of Telegram (100 at most, as they came), and returns
    once everything they caused is committed.
    When it raises, nothing is acknowledged and the same updates come again, after pauses that grow
    from ``first_pause`` to a minute. The same holds for a lost network: the log says when that
    begins and when it ends, and nothing in between.

    ``introduced`` is called once the channel knows the bot's name. ``stop`` ends a waiting poll at
    once; a ``take`` under way is let finish and acknowledged. Cancelling ends that too, and then
    nothing is acknowledged that was not taken.

    Raises TokenRefused; no other trouble ends it, and nothing that Telegram sends.
    """
    poller = _Poller(
        channel, take, stop or asyncio.Event(), wait, _Trouble(first_pause), meters or Meters()
    )
    await poller.run(introduced or (lambda: None))


class _Poller:
    def __init__(
        self,
        channel: TelegramChannel,
        take: Take,
        stop: asyncio.Event,
        wait: float,
        trouble: _Trouble,
        meters: Meters,
    ) -> None:
        self._channel = channel
        self._take = take
        self._stop = stop
        self._wait = wait
        self._trouble = trouble
        self._meters = meters
        self._acknowledged: set[str] = set()
        self._cut = 0

    async def run(self, introduced: Callable[[], None]) -> None:
        self._meters.heard(self._channel.name)
        try:
            while not await self._introduced():
                continue
            introduced()
            await self._poll()
        except _Stopped:
            log.info("telegram_polling_stopped")

    async def _introduced(self) -> bool:
        try:
            await self._unless_stopped(self._channel.introduce())
        except _Stopped:
            raise
        except Exception as problem:
            await self._recover(problem)
            return False
        self._heard()
        log.info("telegram_polling")
        return True

    async def _poll(self) -> None:
        offset: int | None = None
        while True:
            try:
                updates = await self._unless_stopped(
                    self._channel.updates(offset, self._wait, limit=1 if self._cut else 100)
                )
            except _Stopped:
                raise
            except Exception as problem:
                # Whatever it was that could not be read, it must not end the bot.
                await self._recover(problem)
                continue
            self._heard()
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
                await self._pause("updates_without_number", "updates", at_most=SHORT_PAUSE)
                continue
            self._trouble.over("updates")
            if self._stop.is_set():
                await self._confirm(offset)

    def _heard(self) -> None:
        self._trouble.over("network")
        self._meters.heard(self._channel.name)

    async def _whole(self, updates: list[Piece]) -> list[Piece]:
        """Without a last one that lost its end: it comes again. Where there is no other it is asked
        for alone, and given up where it was never whole."""
        whole = [update for update in updates if not update.cut]
        if whole or not updates:
            self._cut = 0
            return whole
        self._cut += 1
        if self._cut < CUT_TRIES:
            await self._pause("update_cut_off", "updates", at_most=SHORT_PAUSE)
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
            await self._pause("updates_not_taken", "take", problem)
            return False
        self._trouble.over("take")
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
        raise _Stopped

    async def _recover(self, problem: Exception) -> None:
        match problem:
            case InvalidToken():
                raise TokenRefused
            case Conflict():
                advice = "another program polls with this token: stop it, or use a second bot"
                await self._pause("telegram_conflict", "network", problem, advice=advice)
            case Flooded():
                await self._pause(
                    "telegram_says_wait", "network", problem, at_least=problem.seconds
                )
            case _:
                await self._pause("telegram_unreachable", "network", problem)

    async def _pause(
        self,
        event: str,
        kind: str,
        problem: BaseException | None = None,
        at_least: float = 0.0,
        at_most: float = LONGEST_PAUSE,
        **more: object,
    ) -> None:
        if kind == "network":
            self._meters.deaf(self._channel.name, event)
        pause = min(at_most, self._trouble.begins(event, kind, problem, **more))
        seconds = max(at_least, pause)
        await self._unless_stopped(asyncio.sleep(seconds))

    async def _unless_stopped(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """The result of the work, which is given up at once when stopping is asked for."""
        if self._stop.is_set():
            work.close()
            raise _Stopped
        task = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise _Stopped
            return task.result()
        finally:
            stopping.cancel()
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


class _Trouble:
    """Pauses that grow, a line in the log when trouble begins and one when it is over."""

    def __init__(self, first_pause: float) -> None:
        self._first = first_pause
        self._troubles: dict[str, tuple[str, Pauses, float]] = {}

    def begins(self, event: str, kind: str, problem: BaseException | None, **more: object) -> float:
        """How long to pause, longer each time; logged when it is the first or another trouble."""
        known = self._troubles.get(kind)
        since = known[2] if known else time.monotonic()
        pauses = known[1] if known else Pauses(self._first, LONGEST_PAUSE)
        if known is None or known[0] != event:
            # Of libraries' exceptions only the kind: their texts can quote what was sent.
            log.warning(event, kind=type(problem).__name__ if problem else "", **more)
        self._troubles[kind] = (event, pauses, since)
        return pauses.next()

    def over(self, kind: str = "network") -> None:
        """It works again."""
        known = self._troubles.pop(kind, None)
        if known is not None:
            log.info("telegram_trouble_over", trouble=known[0], seconds=_since(known[2]))


def _since(moment: float) -> float:
    return round(time.monotonic() - moment, 1)


def _behind(updates: Sequence[Piece]) -> int | None:
    """The offset that confirms these: one more than the last that has a number. The numbers are
    not compared, they may jump down after a quiet week."""
    for update in reversed(updates):
        number = number_of(update.update)
        if number is not None:
            return number + 1
    return None
