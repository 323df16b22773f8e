"""Presses of buttons, acknowledged: until Telegram knows, the supporter looks at a spinner.

It is tried again for as long as Telegram would still take it. A repeat harms nobody: a press that
is acknowledged already is answered as one that is too old.
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog
from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bot.channels.telegram.methods import ANSWER_PRESS
from bot.channels.telegram.request import Flooded
from bot.pauses import Pauses

log = structlog.get_logger()

LIVES: Final = 150.0
"""Seconds for which Telegram takes an answer to a press."""
AT_ONCE: Final = 50
"""Acknowledgements on their way; messages have the other connections of their pool."""
MOST: Final = 2_000
"""Presses that wait for another try; in a flood beyond that the oldest spinner goes by itself."""
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 10.0
ANSWERED_WITHIN: Final = 10.0


class Presses:
    """The presses of one bot that are not acknowledged yet."""

    def __init__(self, bot: Bot):
        """Acknowledges by this bot."""
        self._bot = bot
        self._free = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def acknowledge(self, query: str) -> None:
        """Tell Telegram that the press has come, however often that takes; never raises."""
        clock = asyncio.get_running_loop().time
        until = clock() + LIVES
        pauses = Pauses(FIRST_PAUSE, LONGEST_PAUSE)
        while True:
            async with self._free:
                if clock() >= until:
                    return
                problem = await self._try(query)
            if problem is None:
                return
            pause = pauses.next()
            wait = max(pause, problem.seconds) if isinstance(problem, Flooded) else pause
            hopeless = isinstance(problem, BadRequest) or clock() + wait >= until
            if hopeless or self._waiting >= MOST:
                # The answer itself comes all the same.
                log.debug("press_not_acknowledged", kind=type(problem).__name__)
                return
            self._waiting += 1
            try:
                await asyncio.sleep(wait)
            finally:
                self._waiting -= 1

    async def _try(self, query: str) -> TelegramError | None:
        asked = {"callback_query_id": query}
        try:
            await self._bot.do_api_request(ANSWER_PRESS, asked, read_timeout=ANSWERED_WITHIN)
        except TelegramError as problem:
            return problem
        return None
