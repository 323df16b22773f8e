"""How quickly a turn is answered while many chat pages are open, beside a bare Starlette echo.

    python -m benchmarks.open_pages [--pages 500] [--every 5] [--seconds 30]

Each page holds its stream open and takes a turn every few seconds: it posts, and the clock stops
when the answer has come down the stream. The bot is the real program, which records each turn and
each answer durably; the echo keeps nothing, and sends what is posted down the stream at once. Both
run as processes of their own; the pages share this one. Memory per page is what the process grows
by from no page to all of them, before the first turn.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import random
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import psutil

ROOT = Path(__file__).parent.parent
STEPS = 6


@dataclass
class Figures:
    """One server under load."""

    turns: list[float] = field(default_factory=list)
    posts: list[float] = field(default_factory=list)
    failed: int = 0
    page_kib: float = 0.0
    cpu_share: float = 0.0


class OpenPage:
    """A page as a browser holds it: one stream, and a turn now and then."""

    def __init__(self, session: aiohttp.ClientSession, url: str, number: int, figures: Figures):
        self._session = session
        self._url = url
        self._figures = figures
        key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        self._headers = {
            "Authorization": f"Bearer {key}",
            "Origin": url.rstrip("/"),
            # As behind a proxy: every visitor has an address of their own.
            "X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
        }
        self._answered = asyncio.Event()
        self._last = 0
        self.is_open = asyncio.Event()

    async def listen(self) -> None:
        """Read the stream until cancelled."""
        async with self._session.get(f"{self._url}chat/stream", headers=self._headers) as stream:
            async for line in stream.content:
                self.is_open.set()
                if line.startswith(b"data:"):
                    for turn in json.loads(line[5:]).get("turns", ()):
                        if "message" in turn:
                            self._last = turn["n"]
                            if turn["message"]["buttons"]:
                                self._answered.set()

    async def converse(self, every: float, until: float) -> None:
        """Take turns."""
        await asyncio.sleep(random.uniform(0, every))
        step = 0
        while time.monotonic() < until:
            began = time.perf_counter()
            await self._turn(step)
            step += 1
            await asyncio.sleep(max(0.0, every - (time.perf_counter() - began)))

    async def _turn(self, step: int) -> None:
        turn = {"id": secrets.token_hex(16), "kind": "start", "data": "mamat", "language": "fr"}
        if step:
            data = f"story:mamat:{step % STEPS + 1}"
            turn |= {"kind": "choose", "data": data, "on": str(self._last), "label": "Suite"}
        self._answered.clear()
        began = time.perf_counter()
        try:
            async with asyncio.timeout(20):
                async with self._session.post(
                    f"{self._url}chat/turns", json=turn, headers=self._headers
                ) as answer:
                    recorded = answer.status == 204
                self._figures.posts.append(time.perf_counter() - began)
                if not recorded:
                    self._figures.failed += 1
                    return
                await self._answered.wait()
        except (TimeoutError, aiohttp.ClientError):
            self._figures.failed += 1
            return
        self._figures.turns.append(time.perf_counter() - began)


async def load(
    url: str, process: psutil.Process, pages: int, every: float, seconds: float
) -> Figures:
    """Open the pages, let them converse, close them."""
    figures = Figures()
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        connector=connector, timeout=aiohttp.ClientTimeout(total=None)
    ) as session:
        async with session.get(url):
            pass
        before = process.memory_info().rss
        opened = [OpenPage(session, url, number, figures) for number in range(pages)]
        streams = [asyncio.create_task(page.listen()) for page in opened]
        await asyncio.gather(*(page.is_open.wait() for page in opened))
        await asyncio.sleep(0.5)
        figures.page_kib = (process.memory_info().rss - before) / pages / 1024
        used, began = sum(process.cpu_times()[:2]), time.monotonic()
        await asyncio.gather(*(page.converse(every, began + seconds) for page in opened))
        figures.cpu_share = (sum(process.cpu_times()[:2]) - used) / (time.monotonic() - began)
        for stream in streams:
            stream.cancel()
        await asyncio.gather(*streams, return_exceptions=True)
    return figures


def echo(port: int) -> None:
    """A bare Starlette application: what is posted comes down the stream, and that is all."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse, Response, StreamingResponse
    from starlette.routing import Route

    queues: dict[str, asyncio.Queue[bytes]] = {}

    async def page(_: Request) -> Response:
        return PlainTextResponse("echo")

    async def stream(request: Request) -> Response:
        queue = queues[request.headers["authorization"]] = asyncio.Queue()

        async def come() -> AsyncIterator[bytes]:
            yield b"retry: 1000\n\n"
            while True:
                yield b"data: " + await queue.get() + b"\n\n"

        return StreamingResponse(come(), media_type="text/event-stream")

    async def turns(request: Request) -> Response:
        posted = await request.json()
        said = {"n": 1, "message": {"text": posted["data"], "buttons": [["ok"]]}}
        told = json.dumps({"turns": [said]}).encode()
        queues[request.headers["authorization"]].put_nowait(told)
        return Response(status_code=204)

    app = Starlette(
        routes=[
            Route("/", page),
            Route("/chat/stream", stream),
            Route("/chat/turns", turns, methods=["POST"]),
        ]
    )
    uvicorn.run(app, port=port, log_level="error", access_log=False)


@asynccontextmanager
async def served(command: list[str], port: int, data: str) -> AsyncIterator[psutil.Process]:
    """The server as a process, once it answers."""
    settings = {"BOT_PORT": str(port), "BOT_DATA_DIR": data, "BOT_CONTENT": str(ROOT / "content")}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BOT_")}
    process = subprocess.Popen(
        command,
        env={**kept, **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            await asyncio.sleep(0.1)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(15)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def row(name: str, figures: Figures) -> str:
    """A line of the table."""

    def spread(seconds: list[float]) -> str:
        if len(seconds) < 20:
            return f"{'-':>8} {'-':>8} {'-':>8}"
        cuts = statistics.quantiles(seconds, n=100)
        return " ".join(f"{1000 * one:8.1f}" for one in (cuts[49], cuts[94], cuts[98]))

    return (
        f"{name:14} {len(figures.turns):6} {spread(figures.turns)} {spread(figures.posts)}"
        f" {figures.failed:7} {figures.page_kib:9.1f} {100 * figures.cpu_share:6.1f}"
    )


async def main() -> None:
    """Measure one after the other and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--every", type=float, default=5.0)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--echo", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    servers = {
        "this bot": [sys.executable, str(ROOT / "run_bot.py")],
        "Starlette echo": [sys.executable, "-m", "benchmarks.open_pages", "--echo"],
    }
    print(f"{given.pages} pages, a turn every {given.every:g} s each, {given.seconds:g} s")
    print(
        f"{'':14} {'turns':>6} {'turn p50':>8} {'p95':>8} {'p99 ms':>8}"
        f" {'post p50':>8} {'p95':>8} {'p99 ms':>8} {'failed':>7} {'KiB/page':>9} {'CPU %':>6}"
    )
    for name, command in servers.items():
        port = free_port()
        whole = [*command, str(port)] if name != "this bot" else command
        with tempfile.TemporaryDirectory() as data:
            async with served(whole, port, data) as process:
                url = f"http://127.0.0.1:{port}/"
                figures = await load(url, process, given.pages, given.every, given.seconds)
        print(row(name, figures), flush=True)


if __name__ == "__main__":
    if "--echo" in sys.argv:
        echo(int(sys.argv[sys.argv.index("--echo") + 1]))
    else:
        asyncio.run(main())
