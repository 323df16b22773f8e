"""What a flood of the pages costs those who are not part of it.

    python -m benchmarks.floods [--seconds 60] [--only halves,streams,posts,pdfs,compose]

The real program with a token, a Bot API server of its own process, one supporter who writes on
Telegram and one who talks at the chat page, again and again. A flooder, pinned to one core, asks
from one address as fast as that core can:

halves   1,500 connections with half a request, opened again as soon as they are closed
streams  1,500 open chat pages, each with a key of its own
posts    turns of fresh keys, sixty at a time
pdfs     letters as PDF for a name in rare characters, sixty at a time
compose  the compose page with a letter in it, sixty at a time

The same flooder against a port where nobody listens is the control: what the machine alone costs.
Times are those of whole answers: from the update to the message at the Bot API server, from the
posted turn to the answer that comes down the stream. Nothing may be lost, and the log stays small.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.program import free_port, running
from tests.telegram_control import ServerProcess

FLOODER = "198.51.100.9"
OTHERS = "192.0.2."
CHAT = 77
KINDS = ("halves", "streams", "posts", "pdfs", "compose")
HELD, AT_ONCE = 1_500, 60
GIVE_UP = 30.0
RARE = "Ω𓀀ѬꙮЖ𝔄"


@dataclass
class Figures:
    """Seconds of each answer, and what was not answered."""

    telegram: list[float] = field(default_factory=list)
    page: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    log: int = 0
    asked: int = 0
    refused: int = 0


def key() -> str:
    """A visitor's key."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")


def request(method: str, path: str, port: int, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of a request, as if a proxy had handed it on."""
    given = {
        "Host": f"127.0.0.1:{port}",
        "Origin": f"http://127.0.0.1:{port}",
        "X-Forwarded-For": FLOODER,
        "Content-Length": str(len(body)),
        **headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def turn(kind: str, **more: str) -> bytes:
    """The body of a turn."""
    return json.dumps(
        {"id": secrets.token_hex(16), "kind": kind, "language": "fr", **more}
    ).encode()


class Flooder:
    """Asks as fast as it can until the time is over."""

    def __init__(self, kind: str, port: int, keys: list[tuple[str, int]]) -> None:
        self.kind = kind
        self.port = port
        self.keys = keys
        self.asked = 0
        self.refused = 0

    async def run(self, seconds: float) -> None:
        """Flood for so long."""
        holds = self.kind in ("halves", "streams")
        tasks = [
            asyncio.create_task(self._hold() if holds else self._ask(number))
            for number in range(HELD if holds else AT_ONCE)
        ]
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        print(json.dumps({"asked": self.asked, "refused": self.refused}))

    async def _hold(self) -> None:
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                self.asked += 1
                if self.kind == "halves":
                    writer.write(request("GET", "/", self.port)[:40])
                else:
                    asked = {"Authorization": f"Bearer {key()}"}
                    writer.write(request("GET", "/chat/stream", self.port, **asked))
                while piece := await reader.read(65536):
                    if piece.startswith(b"HTTP/1.1 429"):
                        self.refused += 1
                        break
                writer.close()
            await asyncio.sleep(0)

    async def _ask(self, number: int) -> None:
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                while True:
                    writer.write(self._request(number))
                    self.asked += 1
                    head = await reader.readuntil(b"\r\n\r\n")
                    self.refused += head.startswith(b"HTTP/1.1 429")
                    lines = head.lower().split(b"\r\n")
                    length = next((one for one in lines if one.startswith(b"content-length")), b"")
                    await reader.readexactly(int(length.partition(b":")[2] or 0))
            await asyncio.sleep(0)

    def _request(self, number: int) -> bytes:
        if self.kind == "compose":
            return request("GET", "/ecrire?cas=mamat&geste=letter", self.port)
        if self.kind == "pdfs":
            whose, place = self.keys[number % len(self.keys)]
            asked = {"Authorization": f"Bearer {whose}"}
            return request("POST", f"/chat/documents/{place}", self.port, **asked)
        asked = {"Authorization": f"Bearer {key()}"}
        return request("POST", "/chat/turns", self.port, turn("command", text="/help"), **asked)


class Visitor:
    """Somebody at the chat page, with an address of their own."""

    def __init__(self, session: aiohttp.ClientSession, port: int, address: str):
        self.key = key()
        self._session = session
        self._url = f"http://127.0.0.1:{port}/chat/"
        self._headers = {
            "Authorization": f"Bearer {self.key}",
            "Origin": f"http://127.0.0.1:{port}",
            "X-Forwarded-For": address,
        }
        self._came = asyncio.Event()
        self.last: dict[str, object] = {}
        self.number = 0
        self.open = asyncio.Event()

    async def listen(self) -> None:
        """Read the stream until cancelled, and come back where it is cut."""
        while True:
            with suppress(aiohttp.ClientError):
                headers = {**self._headers, "Last-Event-ID": str(self.number)}
                async with self._session.get(f"{self._url}stream", headers=headers) as stream:
                    async for line in stream.content:
                        self.open.set()
                        if line.startswith(b"data:"):
                            for one in json.loads(line[5:]).get("turns", ()):
                                self.number = one["n"]
                                if "message" in one:
                                    self.last = one
                                    self._came.set()
            await asyncio.sleep(0.2)

    async def does(self, kind: str, **more: str) -> float:
        """Post a turn; the seconds until its answer came."""
        self._came.clear()
        begun = time.perf_counter()
        async with self._session.post(
            f"{self._url}turns", data=turn(kind, **more), headers=self._headers
        ) as answer:
            answer.raise_for_status()
        await asyncio.wait_for(self._came.wait(), GIVE_UP)
        return time.perf_counter() - begun


async def measure(kind: str, seconds: float, *, dead: bool = False) -> Figures:
    """One flood, or its control."""
    found = Figures()
    with tempfile.TemporaryDirectory() as place, ServerProcess("--no-record") as server:
        data = Path(place, "data")
        data.mkdir()
        port = free_port()
        with running(data, server.root, BOT_PORT=str(port)) as bot:
            bot.has_said("telegram_polling")
            connector = aiohttp.TCPConnector(limit=0)
            async with aiohttp.ClientSession(connector=connector) as session:
                visitor = Visitor(session, port, f"{OTHERS}1")
                listening = [asyncio.create_task(visitor.listen())]
                await asyncio.wait_for(visitor.open.wait(), GIVE_UP)
                await visitor.does("start", data="mamat")
                keys = await _papers(session, port, listening) if kind == "pdfs" else []
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "benchmarks.floods", "--flooder", kind),
                    *("--port", str(free_port() if dead else port), "--seconds", str(seconds)),
                    *("--keys", json.dumps(keys)),
                    stdout=subprocess.PIPE,
                )
                end = time.monotonic() + seconds
                await asyncio.gather(
                    _write(server, found, end),
                    _talk(visitor, found, end),
                )
                told, _ = await process.communicate()
                for task in listening:
                    task.cancel()
            found.asked, found.refused = json.loads(told).values()
            found.log = len(bot.log)
            if bot.process.poll() is not None:
                found.lost.append("the bot ended")
    return found


async def _papers(
    session: aiohttp.ClientSession, port: int, listening: list[asyncio.Task[None]]
) -> list[tuple[str, int]]:
    """Visitors whose last answer carries a letter for a name in rare characters."""
    keys = []
    for number in range(12):
        visitor = Visitor(session, port, f"203.0.113.{number}")
        listening.append(asyncio.create_task(visitor.listen()))
        await asyncio.wait_for(visitor.open.wait(), GIVE_UP)
        await visitor.does("start", data="mamat")
        await visitor.does("choose", data="pdf:mamat:letter:fr:0")
        for _ in range(6):  # what it asks first: risk, name, town
            message = visitor.last["message"]
            assert isinstance(message, dict)
            if message["attachment"]:
                keys.append((visitor.key, visitor.number))
                break
            buttons = [button for row in message["buttons"] for button in row]
            no = next((one for one in buttons if str(one[1]).endswith(("no", ":safe"))), None)
            if no is not None:
                await visitor.does("choose", data=no[1], label=no[0], on=str(visitor.number))
            else:
                await visitor.does("say", text=f"{RARE}{chr(0x4E00 + number)}")
    assert keys, "no visitor was given a letter"
    return keys


async def _write(server: ServerProcess, found: Figures, end: float) -> None:
    chat = CHAT
    while time.monotonic() < end:
        # A chat gets a message a second: another supporter each time.
        chat += 1
        begun = time.perf_counter()
        try:
            await asyncio.to_thread(server.call, "text", chat=chat, text="/help")
            await asyncio.to_thread(server.call, "answer", chat=chat, after=0, seconds=GIVE_UP)
        except AssertionError as problem:
            found.lost.append(f"Telegram: {problem}")
        else:
            found.telegram.append(time.perf_counter() - begun)
        await asyncio.sleep(0.2)


async def _talk(visitor: Visitor, found: Figures, end: float) -> None:
    while time.monotonic() < end:
        try:
            found.page.append(await visitor.does("command", text="/help"))
        except (TimeoutError, aiohttp.ClientError) as problem:
            found.lost.append(f"page: {type(problem).__name__}")
        await asyncio.sleep(1.1)


def p95(times: list[float]) -> str:
    """In milliseconds, with the median before it."""
    if len(times) < 2:
        return "–"
    cuts = statistics.quantiles(times, n=20, method="inclusive")
    return f"{cuts[9] * 1000:.0f} / {cuts[18] * 1000:.0f}"


def main() -> None:
    """All floods, or one as the flooder."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=60)
    asked.add_argument("--only", default=",".join(KINDS))
    asked.add_argument("--flooder", default="")
    asked.add_argument("--port", type=int, default=0)
    asked.add_argument("--keys", default="[]")
    asked.add_argument("--no-control", action="store_true")
    given = asked.parse_args()
    if given.flooder:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        flooder = Flooder(given.flooder, given.port, json.loads(given.keys))
        asyncio.run(flooder.run(given.seconds))
        return
    print("flood     port   Telegram p50/p95 ms   page p50/p95 ms   lost   asked   429   log kB")
    for kind in given.only.split(","):
        for dead in (True, False):
            if dead and given.no_control:
                continue
            found = asyncio.run(measure(kind, given.seconds, dead=dead))
            print(
                f"{kind:<9} {'dead' if dead else 'bot':<6} {p95(found.telegram):>19}"
                f"   {p95(found.page):>15}   {len(found.lost):>4}   {found.asked:>5}"
                f"   {found.refused:>5}   {found.log / 1000:.1f}",
                *dict.fromkeys(found.lost),
                flush=True,
            )


if __name__ == "__main__":
    main()
