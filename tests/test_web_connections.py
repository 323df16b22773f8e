"""Whoever asks by halves, reads by drops or comes in thousands keeps nobody else from an answer."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.web import connections, serving

WHOLE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
HALF = WHOLE[:20]
A_BODY = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345"
LARGE = b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"

Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Served:
    """A small application behind the real server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.order: list[str] = []
        self.written = asyncio.Event()
        self._open: list[Pair] = []

    async def connect(self, said: bytes = b"") -> Pair:
        pair = await asyncio.open_connection("127.0.0.1", self.port)
        self._open.append(pair)
        pair[1].write(said)
        return pair

    async def close(self) -> None:
        for _, writer in self._open:
            writer.transport.abort()


@asynccontextmanager
async def served(most: int = 50, within: float = 30.0) -> AsyncIterator[Served]:
    listening = serving.listen("127.0.0.1", 0)
    place = Served(listening.port)

    async def page(request: Request) -> Response:
        place.order.append(request.url.path)
        return PlainTextResponse(f"{len(await request.body())} bytes")

    async def large(request: Request) -> Response:
        return StreamingResponse(pieces())

    async def pieces() -> AsyncIterator[bytes]:
        # As long as nobody reads, the next one is not asked for.
        for _ in range(20):
            yield b"x" * 1_000_000
        place.written.set()

    app = Starlette(
        routes=[Route("/large", large), Route("/{rest:path}", page, methods=["GET", "POST"])]
    )
    task = asyncio.create_task(
        serving.serve(app, listening, closing=lambda: None, most=most, within=within)
    )
    try:
        yield place
    finally:
        await place.close()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def answer(pair: Pair) -> bytes:
    async with asyncio.timeout(30):
        return await pair[0].readuntil(b"bytes")


async def ended(pair: Pair) -> bool:
    """Waits until the server has ended the connection."""
    async with asyncio.timeout(30):
        with suppress(ConnectionError):
            while await pair[0].read(1000):
                pass
    return True


@pytest.mark.parametrize("said", [b"", HALF, A_BODY, WHOLE + HALF], ids=repr)
async def test_whoever_leaves_a_request_half_said_is_let_go(said: bytes) -> None:
    async with served(within=0.2) as place:
        assert await ended(await place.connect(said))


async def test_dripping_does_not_put_the_deadline_off() -> None:
    async with served(within=0.3) as place:
        pair = await place.connect(b"GET / HTTP/1.1\r\n")

        async def drip() -> None:
            for number in range(10_000):
                pair[1].write(b"X-%d: 1\r\n" % number)
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        assert await ended(pair)
        dripping.cancel()


async def test_whoever_does_not_read_an_answer_is_let_go() -> None:
    async with served(within=0.2) as place:
        _, writer = await place.connect()
        writer.transport.pause_reading()  # type: ignore[attr-defined] # a transport of a socket
        writer.write(LARGE)
        # Nothing is read: it comes to its end only because the connection was ended.
        await asyncio.wait_for(place.written.wait(), 30)


@pytest.mark.slow
async def test_whoever_reads_slowly_gets_all_of_it() -> None:
    async with served(within=3) as place:
        reader, _ = await place.connect(LARGE)
        size, begun = 0, asyncio.get_running_loop().time()
        while piece := await asyncio.wait_for(reader.read(1_000_000), 30):
            size += len(piece)
            if size > 20_000_000:
                break
            await asyncio.sleep(0.05)
        assert size > 20_000_000
        assert asyncio.get_running_loop().time() - begun > 3, "this was not slow"


class Owing:
    """Stands for a connection that owes something."""

    def __init__(self, *, reading: bool) -> None:
        self.reading = reading
        self.is_over = False
        self.transport = self

    def reads_on(self) -> bool:
        return self.reading

    def abort(self) -> None:
        self.is_over = True


async def test_whoever_reads_on_is_given_more_time() -> None:
    among: Any = connections.Connections(10, within=0.0)
    reading, idle = Owing(reading=True), Owing(reading=False)
    for one in (reading, idle):
        assert among.came(one)
    for _ in range(3):
        among._look()
    assert (reading.is_over, idle.is_over) == (False, True)
    assert len(among) == 1
    among.went(reading)


async def test_a_request_in_time_is_answered_and_another_on_the_same_connection() -> None:
    async with served(within=5) as place:
        pair = await place.connect(A_BODY)
        await asyncio.sleep(0.05)
        pair[1].write(b"67890")
        assert b"10 bytes" in await answer(pair)
        pair[1].write(WHOLE)
        assert b"0 bytes" in await answer(pair)


async def test_where_all_room_is_taken_by_halves_the_oldest_makes_place() -> None:
    async with served(most=20) as place:
        halves = [await place.connect(HALF) for _ in range(60)]
        assert b"0 bytes" in await answer(await place.connect(WHOLE))
        assert await ended(halves[0])
        # The youngest ones are still there: they may be visitors whose request is on its way.
        halves[-1][1].write(WHOLE[20:])
        assert b"0 bytes" in await answer(halves[-1])


async def test_while_many_ask_at_once_the_loop_goes_on() -> None:
    async with served(most=300) as place:
        pairs = [await place.connect() for _ in range(200)]
        await asyncio.sleep(0.1)
        for _, writer in pairs:
            writer.write(WHOLE)
        rounds = 0
        while len(place.order) < 200:
            await asyncio.sleep(0)
            rounds += 1
        # Two requests a round: everything else had its turn again and again meanwhile.
        assert rounds >= 200 / connections.A_ROUND
        for pair in pairs:
            assert b"0 bytes" in await answer(pair)


async def test_nonsense_during_an_answer_ends_that_connection_only() -> None:
    async with served() as place:
        pair = await place.connect(LARGE + b"\0\xff nonsense\r\n\r\n" * 3)
        assert await ended(pair)
        assert b"0 bytes" in await answer(await place.connect(WHOLE))


def test_connections_stay_below_the_file_limit_with_a_reserve(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: asked.append(limits))
    for (soft, hard), most in {
        (1024, 1024): 1024 - connections.RESERVE,
        (256, 256): 128,
        (1024, 524_288): connections.MOST,
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY): connections.MOST,
    }.items():
        monkeypatch.setattr(resource, "getrlimit", lambda _, of=(soft, hard): of)
        assert connections.room() == most
    assert asked == [(connections.FILES, 524_288)]
