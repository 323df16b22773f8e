"""Programs elsewhere that are told: one is called while all is well, the other when it is not."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Self

import aiohttp
import structlog

from bot.channels.proxies import proxy_to

log = structlog.get_logger(__name__)

LONGEST = aiohttp.ClientTimeout(total=10)


class Outside:
    """Requests to an address that may be a secret: no log names it. Use as ``async with``."""

    def __init__(self, ping: str | None, alarm: str | None):
        """BOT_PING_URL and BOT_ALARM_URL. Raises ``ProxyTrouble``."""
        self._ping = ping
        self._alarm = alarm
        self._proxies = {url: proxy_to(url) for url in (ping, alarm) if url}
        self._failing: set[str] = set()
        self._session: aiohttp.ClientSession | None = None

    @property
    def hears_alarms(self) -> bool:
        """Whether a program is told what is wrong."""
        return self._alarm is not None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=LONGEST, cookie_jar=aiohttp.DummyCookieJar())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def all_is_well(self) -> None:
        """Call the dead man's switch: who is not called for a while says so."""
        if self._ping:
            await self._ask("ping", "GET", self._ping)

    async def post(self, told: Mapping[str, object]) -> bool:
        """Tell it; whether it has heard."""
        return bool(self._alarm) and await self._ask("alarm", "POST", self._alarm or "", told)

    async def _ask(
        self, what: str, method: str, url: str, told: Mapping[str, object] | None = None
    ) -> bool:
        if self._session is None:
            return False
        try:
            async with self._session.request(
                method, url, json=told, proxy=self._proxies[url]
            ) as answer:
                reason = "" if answer.status < 300 else f"status {answer.status}"
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as problem:
            reason = type(problem).__name__
        if reason and what not in self._failing:
            log.warning("not_heard_outside", what=what, reason=reason)
            self._failing.add(what)
        if not reason:
            self._failing.discard(what)
        return not reason
