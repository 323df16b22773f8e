"""The web part on loopback, in this process, and a visitor who posts turns and reads the stream."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

from bot.app import App, opened
from bot.campaign.events import Event
from bot.channels.registered import ALL
from bot.content_files import Content
from bot.settings import Settings
from bot.store.every_table import metadata
from bot.web import app as web
from bot.web import serving
from bot.web.rates import Allowed, Rate
from tests import shipped

GENEROUS = Allowed(*(Rate(1e4, 1e4) for _ in range(8)), *(Rate(1e9, 1e9) for _ in range(2)))


def new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")


@dataclass
class Page:
    """A running web part. ``broken`` makes the recording of turns fail."""

    app: App
    url: str
    broken: bool = False
    taken: int = 0

    async def take(self, events: Sequence[Event]) -> None:
        if self.broken:
            raise OSError("the disk is full")
        self.taken += len(events)
        await self.app.engine.take(events)

    @property
    def origin(self) -> str:
        return self.url.rstrip("/")

    @asynccontextmanager
    async def visitor(self, key: str = "") -> AsyncIterator[Visitor]:
        # Certificates are of no use on loopback, and each client would take 30 ms to read them.
        async with httpx.AsyncClient(
            base_url=self.url, timeout=60, trust_env=False, verify=False
        ) as client:
            visitor = Visitor(self, client, key or new_key())
            try:
                yield visitor
            finally:
                await visitor.leaves()


class Visitor:
    """Somebody at the page: posts turns, and has seen what came down."""

    def __init__(self, page: Page, client: httpx.AsyncClient, key: str):
        self.page = page
        self.client = client
        self.key = key
        self.seen: list[dict[str, Any]] = []
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.last = 0
        self._came = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}", "Origin": self.page.origin}

    async def looks(self, after: int | None = None) -> None:
        """Open the page's stream."""
        if after is not None:
            self.last = after
        self._reading = asyncio.create_task(self._read())
        await self.until(lambda: bool(self.events))

    async def leaves(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading
            self._reading = None

    async def posts(self, kind: str, *, id: str = "", **more: str) -> httpx.Response:
        turn = {"id": id or secrets.token_hex(16), "kind": kind, "language": "fr", **more}
        return await self.client.post("chat/turns", json=turn, headers=self.headers)

    async def does(self, kind: str, **more: str) -> dict[str, Any]:
        """Post a turn and wait for its answer."""
        before = len(self.answers)
        response = await self.posts(kind, **more)
        assert response.status_code == 204, response.text
        await self.until(lambda: len(self.answers) > before)
        # A first contact is answered by two messages.
        if not self.answers[-1]["message"]["buttons"]:
            await self.until(lambda: len(self.answers) > before + 1)
        return self.answers[-1]

    async def presses(self, label: str) -> dict[str, Any]:
        last = self.answers[-1]
        buttons = [button for row in last["message"]["buttons"] for button in row]
        data = next(one[1] for one in buttons if one[0] == label)
        return await self.does("choose", data=data, on=str(last["n"]), label=label)

    @property
    def answers(self) -> list[dict[str, Any]]:
        return [turn for turn in self.seen if "message" in turn]

    @property
    def own(self) -> list[dict[str, Any]]:
        return [turn["own"] for turn in self.seen if "own" in turn]

    async def until(self, is_so: Any, seconds: float = 30) -> None:
        async with asyncio.timeout(seconds):
            while not is_so():
                self._came.clear()
                await self._came.wait()

    async def _read(self) -> None:
        headers = {"Authorization": f"Bearer {self.key}"}
        if self.last:
            headers["Last-Event-ID"] = str(self.last)
        async with self.client.stream("GET", "chat/stream", headers=headers) as answer:
            assert answer.status_code == 200
            name = ""
            async for line in answer.aiter_lines():
                field, _, value = line.partition(":")
                if field == "event":
                    name = value.strip()
                elif field == "id":
                    self.last = int(value)
                elif field == "data":
                    data = json.loads(value)
                    self.events.append((name, data))
                    self.seen += data.get("turns", [])
                self._came.set()


@asynccontextmanager
async def opened_page(
    data: Path, *, allowed: Allowed = GENEROUS, content: Path = shipped.CONTENT, **settings: Any
) -> AsyncIterator[Page]:
    """Store, engine, sender and web part, as the program wires them."""
    given = Settings(_env_file=None, data_dir=data, content=content, port=0, **settings)  # type: ignore[call-arg]
    listening = serving.listen("127.0.0.1", 0)
    held = shipped.content() if content == shipped.CONTENT else Content(content, ALL)
    async with opened(given, held, {}) as app:
        page = Page(app, listening.url)
        built = web.build(
            desk=app.desk,
            settings=given,
            content=app.content,
            channel=app.chat,
            take=page.take,
            make=app.make,
            allowed=allowed,
            vitals=app.health,
            keys=app.keys,
        )
        task = asyncio.create_task(serving.serve(built, listening, closing=app.chat.close))
        try:
            yield page
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def ask(page: Page, method: str, path: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=page.url, trust_env=False, verify=False) as client:
        return await client.request(method, path, headers=headers)


async def rows(page: Page, name: str) -> int:
    """How many rows a table has."""
    async with page.app.store.reading() as connection:
        return await connection.scalar(select(func.count()).select_from(metadata.tables[name])) or 0
