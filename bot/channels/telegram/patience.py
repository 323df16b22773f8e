"""Going on whatever Telegram answers: pauses that grow, a line in the log at the beginning and at
the end of a trouble, and stopping at once in between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import structlog
from telegram.error import Conflict, InvalidToken

from bot.channels.service import ChannelTrouble
from bot.channels.telegram.request import Flooded
from bot.meters import Hearing, Silence
from bot.pauses import Pauses

log = structlog.get_logger()

_Result = TypeVar("_Result")
Request = Callable[[], Coroutine[Any, Any, object]]

LONGEST_PAUSE: Final = 60.0
DEAF: Final = frozenset({"network", "posts"})
"""Kinds of trouble in which nothing comes from Telegram."""
WHY: Final = {
    "telegram_conflict": Silence.RIVAL,
    "webhook_changed": Silence.RIVAL,
    "webhook_not_reached": Silence.UNREACHED,
}


class TokenRefused(ChannelTrouble):
    """Telegram does not know the token. The text says what to do, and does not show it."""

    def __init__(self) -> None:
        super().__init__(
            "Telegram does not accept BOT_TOKEN. Ask @BotFather for the bot's token "
            "(/mybots, API Token) and set it again; if you set BOT_API_URL, check that too."
        )


class Stopped(Exception):
    """Asked to stop while waiting for something."""


class Patience:
    """What came of requests to Telegram, and how long to wait before the next one."""

    def __init__(
        self, stop: asyncio.Event, first_pause: float, hearing: Hearing | None = None
    ) -> None:
        """``stop`` ends all waiting; pauses grow from ``first_pause`` to a minute. ``hearing`` is
        told whether Telegram answers."""
        self.stop = stop
        self._hearing = hearing or Hearing()
        self._first = first_pause
        self._troubles: dict[str, tuple[str, Pauses, float]] = {}

    async def recover(self, problem: Exception) -> None:
        """Wait as this failure wants it. Raises TokenRefused and Stopped."""
        match problem:
            case InvalidToken():
                raise TokenRefused
            case Conflict():
                advice = "another program polls with this token: stop it, or use a second bot"
                await self.pause("telegram_conflict", "network", problem, advice=advice)
            case Flooded():
                await self.pause("telegram_says_wait", "network", problem, at_least=problem.seconds)
            case _:
                await self.pause("telegram_unreachable", "network", problem)

    async def pause(
        self,
        event: str,
        kind: str,
        problem: BaseException | None = None,
        at_least: float = 0.0,
        at_most: float = LONGEST_PAUSE,
        **more: object,
    ) -> None:
        """Wait, longer each time that a trouble of this kind goes on. Raises Stopped."""
        pause = min(at_most, self.begins(event, kind, problem, **more))
        seconds = max(at_least, pause)
        await self.unless_stopped(asyncio.sleep(seconds))

    def begins(self, event: str, kind: str, problem: BaseException | None, **more: object) -> float:
        """How long to pause, longer each time; logged when it is the first or another trouble."""
        known = self._troubles.get(kind)
        since = known[2] if known else time.monotonic()
        pauses = known[1] if known else Pauses(self._first, LONGEST_PAUSE)
        if known is None or known[0] != event:
            # Of libraries' exceptions only the kind: their texts can quote what was sent.
            log.warning(event, kind=type(problem).__name__ if problem else "", **more)
        self._troubles[kind] = (event, pauses, since)
        if kind in DEAF:
            self._hearing.lost(event, WHY.get(event, Silence.NO_ANSWER))
        return pauses.next()

    def over(self, kind: str = "network") -> None:
        """It works again."""
        known = self._troubles.pop(kind, None)
        if known is not None:
            seconds = round(time.monotonic() - known[2], 1)
            log.info("telegram_trouble_over", trouble=known[0], seconds=seconds)
        if DEAF.isdisjoint(self._troubles):
            self._hearing.heard()

    async def unless_stopped(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """The result of the work, which is given up at once when stopping is asked for: then
        raises Stopped."""
        if self.stop.is_set():
            work.close()
            raise Stopped
        task = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self.stop.wait())
        try:
            await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise Stopped
            return task.result()
        finally:
            stopping.cancel()
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def until_done(self, request: Request) -> None:
        """Ask Telegram for something until it was done. Raises TokenRefused and Stopped."""
        while True:
            try:
                await self.unless_stopped(request())
            except Stopped:
                raise
            except Exception as problem:
                # Whatever it was that could not be read, it must not end the bot.
                await self.recover(problem)
            else:
                self.over()
                return
