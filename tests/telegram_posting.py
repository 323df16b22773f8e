"""How the test server posts updates to a webhook: those of a chat one after the other, again and
again until they were answered with 2xx, as Telegram does; only the pauses are shorter."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

from tests.telegram_rules import bad

LONGEST_PAUSE = 0.1


@dataclass(slots=True)
class Posted:
    """One try: which update, and what came back (0: no answer)."""

    update: int
    status: int


@dataclass(slots=True)
class Posting:
    """The webhook that is set, and what came of posting to it.

    ``lost`` answers of the next posts are lost on their way, ``posted`` holds all tries.
    """

    url: str
    secret: str
    connections: int
    confirm: Callable[[int], None]
    changed: Callable[[], None]
    lost: int = 0
    posted: list[Posted] = field(default_factory=list)
    tries: Counter[int] = field(default_factory=Counter)
    complaint: tuple[int, str] | None = None
    _busy: dict[str, int] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _session: aiohttp.ClientSession | None = None

    def go_on(self, waiting: Sequence[tuple[int, bytes]]) -> None:
        """Begin with what may be posted now."""
        for number, raw in waiting:
            if len(self._busy) >= self.connections:
                return
            queue = _queue(raw)
            if queue not in self._busy:
                self._busy[queue] = number
                task = asyncio.get_running_loop().create_task(self._post(queue, number, raw))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _post(self, queue: str, number: int, raw: bytes) -> None:
        while True:
            status, again = await self._try(raw)
            if status == 200 and self.lost:
                self.lost -= 1
                status = 0
            self.tries[number] += 1
            self.posted.append(Posted(number, status))
            if 200 <= status < 300:
                break
            reason = f"Wrong response from the webhook: {status}" if status else "Connection failed"
            self.complaint = int(time.time()), reason
            self.changed()
            await asyncio.sleep(min(again, LONGEST_PAUSE))
        del self._busy[queue]
        self.confirm(number)

    async def _try(self, raw: bytes) -> tuple[int, float]:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        headers = {"Content-Type": "application/json"}
        if self.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.secret
        try:
            async with self._session.post(self.url, data=raw, headers=headers) as answer:
                await answer.read()
                return answer.status, float(answer.headers.get("Retry-After", 0.02))
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0, 0.02

    async def end(self) -> None:
        """Post nothing more; what was not answered is still waiting."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None
        self._busy.clear()


def checked(params: Mapping[str, Any]) -> tuple[str, str, int]:
    """Address, secret and connections, or the refusal that Telegram gives."""
    url = str(params.get("url") or "")
    # As a server of one's own: http and any port. What api.telegram.org wants is for the settings.
    if url and not url.startswith(("https://", "http://")):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    secret = str(params.get("secret_token") or "")
    if not set(secret) <= set(_SECRET) or len(secret) > 256:
        raise bad("secret token contains unallowed characters")
    return url, secret, max(1, min(100, int(params.get("max_connections") or 40)))


_SECRET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"


def _queue(raw: bytes) -> str:
    """Messages of a chat go one after the other, presses of a person as well, apart from them."""
    try:
        update = orjson.loads(raw)
        if "callback_query" in update:
            return f"press {update['callback_query']['from']['id']}"
        for kind in ("message", "edited_message", "my_chat_member"):
            if kind in update:
                return f"chat {update[kind]['chat']['id']}"
        return f"update {update['update_id']}"
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return f"raw {raw[:80]!r}"
