"""Broadcasts, measured on the real program against the Bot API server of the tests.

    python -m benchmarks.broadcasts race [--recipients 900]      beside AIORateLimiter, at 30/s
    python -m benchmarks.broadcasts fast [--recipients 20000]    at a limit of 1000/s
    python -m benchmarks.broadcasts kills [--recipients 20000] [--kills 20]
    python -m benchmarks.broadcasts crowd [--recipients 1000000] first message, memory, pause, bytes

``race``: the server keeps Telegram's limits (30/s over all, 1/s a chat, as token buckets with short
bursts). While a broadcast runs, a supporter who never wrote before writes every 0.25 s; the time
until the bot's message reaches the server is the answer's. The same without a broadcast first.
"alone" is this bot with nobody writing meanwhile: the rate of the broadcast by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from tests.broadcast_crowd import fill
from tests.program import PROGRAM, ROOT, environment
from tests.recorded import number, rows
from tests.telegram_rules import Flood
from tests.telegram_server import TOKEN, TelegramServer

FIRST = 5_000_000
OWNER, EDITOR = 111, 222
PROBES = 900_000
SETTINGS = {"BOT_STAFF": "111=owner,222=editor", "BOT_CANARY_MINUTES": "0", "BOT_TOKEN": TOKEN}
OURS = ("ours", "alone")
PEER = [sys.executable, str(Path(__file__).parent / "broadcast_ptb.py")]
DRAFT = 'texts: {fr: "Des nouvelles de Mamat"}\nquiet_hours: false\ncanary: false\n'


@asynccontextmanager
async def started(
    program: list[str], server: TelegramServer, data: Path, **settings: str
) -> AsyncIterator[subprocess.Popen[bytes]]:
    """The bot as a process, once it polls; killed at the end."""
    polls = server._polls
    with (data.parent / "bot.log").open("ab") as log:
        process = subprocess.Popen(
            program,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=ROOT,
            env=environment(data, BOT_API_URL=server.root, **{**SETTINGS, **settings}),
        )
    try:
        await server.until(lambda: server._polls > polls, 60, "the first poll")
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()


async def prepared(server: TelegramServer, data: Path) -> None:
    """Both members have written once, and a draft waits for its review."""
    for member in (OWNER, EDITOR):
        server.text(member, "/staff")
        await server.until(lambda who=member: server.answered[who] > 0, 30)
    file = data / "update.yaml"
    file.write_text(DRAFT)
    await asyncio.to_thread(
        subprocess.run,
        [*PROGRAM, "broadcast", "new", str(file)],
        env=environment(data),
        cwd=ROOT,
        check=True,
        capture_output=True,
    )


async def approve(server: TelegramServer, data: Path, seconds: float = 120) -> float:
    """Have it reviewed and approved; the time of the approval."""
    server.forge(OWNER, "staff.submit:1")
    end = time.monotonic() + seconds
    counted = 'select count(*) from broadcasts where body not like \'%"counted_hash":""%\''
    while not number(data, counted):
        assert time.monotonic() < end, "the recipients were not counted"
        await asyncio.sleep(0.05)
    (detail,) = rows(data, "select detail from audit where act = 'submit'")[0]
    at = time.monotonic()
    mark = hashlib.sha256(str(detail).split()[1].encode()).hexdigest()[:16]
    server.forge(OWNER, f"staff.approve:1:{mark}")
    return at


async def probe(server: TelegramServer, seconds: float, first: int) -> list[float]:
    """New supporters write, one every 0.25 s; how long each waited for the first message."""
    waits: list[float] = []
    end = time.monotonic() + seconds
    asked = []

    async def one(chat: int) -> None:
        at = time.perf_counter()
        server.text(chat, "bonjour")
        while not server.answered[chat]:
            await asyncio.sleep(0.0005)
        waits.append(time.perf_counter() - at)

    chat = first
    while time.monotonic() < end:
        asked.append(asyncio.create_task(one(chat)))
        chat += 1
        await asyncio.sleep(0.25)
    if asked:
        await asyncio.wait(asked, timeout=90)
    return waits


def p95(waits: list[float]) -> float:
    """The wait that one in twenty exceeds, in ms."""
    return statistics.quantiles(waits, n=20)[-1] * 1000


def reached(server: TelegramServer, count: int) -> int:
    """How many recipients have got it."""
    return sum(1 for chat in range(FIRST, FIRST + count) if server.answered[chat])


async def race(recipients: int, programs: list[str]) -> None:
    """Ours and both of AIORateLimiter's ways, one after the other."""
    print(f"{recipients} recipients, server limit 30/s; p95 of the first answer in ms")
    print(
        f"{'':<18}{'quiet':>8}{'during':>9}{'ratio':>7}{'rate/s':>8}{'all/s':>7}{'429':>6}{'missed':>8}"
    )
    for program in programs:
        with tempfile.TemporaryDirectory() as place:
            data = Path(place) / "data"
            data.mkdir()
            async with TelegramServer(flood=Flood(30.0), record=True) as server:
                server.meet(FIRST, recipients)
                if program in OURS:
                    await fill(data, range(FIRST, FIRST + recipients))
                run = PROGRAM if program in OURS else PEER
                async with started(run, server, data, BOT_RATE="30"):
                    await _race(server, data, recipients, program)


async def _race(server: TelegramServer, data: Path, recipients: int, program: str) -> None:
    assert server.flood is not None
    if program in OURS:
        await prepared(server, data)
    await asyncio.sleep(2)
    quiet = [] if program == "alone" else await probe(server, 30, PROBES)
    await asyncio.sleep(2)
    refused = server.flood.refused
    if program in OURS:
        began = await approve(server, data)
    else:
        began = time.monotonic()
        server.text(OWNER, f"/go {FIRST} {recipients} {program}")
    expected = recipients / 30 + 3
    writing = 0 if program == "alone" else expected - 5
    probing = asyncio.create_task(probe(server, writing, PROBES + 100_000))
    end = began + expected * 6
    first, before = 0.0, 0
    while reached(server, recipients) < recipients and time.monotonic() < end:
        await asyncio.sleep(0.02)
        if not first and reached(server, recipients):
            first, before = time.monotonic(), server.answered.total()
    took = time.monotonic() - first
    everything = server.answered.total() - before
    during = await probing
    print(
        f"{program:<18}{_waits(quiet, during)}"
        f"{reached(server, recipients) / took:>8.2f}{everything / took:>7.2f}"
        f"{server.flood.refused - refused:>6}"
        f"{recipients - reached(server, recipients):>8}",
        flush=True,
    )


def _waits(quiet: list[float], during: list[float]) -> str:
    if not quiet:
        return f"{'':>24}"
    return f"{p95(quiet):>8.1f}{p95(during):>9.1f}{p95(during) / p95(quiet):>7.2f}"


async def fast(recipients: int) -> None:
    """How many a second one process sends at a limit of 1000/s."""
    with tempfile.TemporaryDirectory() as place:
        data = Path(place) / "data"
        data.mkdir()
        await fill(data, range(FIRST, FIRST + recipients))
        async with TelegramServer(flood=Flood(1000.0, burst=1000.0), checks=False) as server:
            server.meet(FIRST, recipients)
            async with started(PROGRAM, server, data, BOT_RATE="1000") as bot:
                await prepared(server, data)
                await approve(server, data)
                while reached(server, recipients) < 200:
                    await asyncio.sleep(0.01)
                before, at = reached(server, recipients), time.monotonic()
                cpu = psutil.Process(bot.pid).cpu_times()
                while reached(server, recipients) < recipients:
                    await asyncio.sleep(0.2)
                took = time.monotonic() - at
                after = psutil.Process(bot.pid).cpu_times()
        used = after.user + after.system - cpu.user - cpu.system
        sent = recipients - before
        assert server.flood is not None
        print(
            f"{sent / took:.0f} messages/s over {took:.1f} s, {server.flood.refused} refusals,"
            f" {used / sent * 1e6:.0f} µs of CPU a message ({used / took:.0%} of a core)"
        )


async def kills(recipients: int, how_many: int) -> None:
    """kill -9 again and again; who was missed, who got it twice, what the report says."""
    with tempfile.TemporaryDirectory() as place:
        data = Path(place) / "data"
        data.mkdir()
        await fill(data, range(FIRST, FIRST + recipients))
        async with TelegramServer(checks=False) as server:
            server.meet(FIRST, recipients)
            share = recipients // (how_many + 1)
            for turn in range(how_many + 1):
                async with started(PROGRAM, server, data, BOT_RATE="1000") as bot:
                    if turn == 0:
                        await prepared(server, data)
                        await approve(server, data)
                    goal = recipients if turn == how_many else share * (turn + 1)
                    await server.until(
                        lambda wanted=goal: reached(server, recipients) >= wanted, 300
                    )
                    if turn == how_many:
                        await server.until(
                            lambda: (
                                number(data, "select count(*) from broadcasts where state='done'")
                                == 1
                            ),
                            60,
                        )
                    bot.send_signal(signal.SIGKILL)
                    bot.wait()
            times = [server.answered[chat] for chat in range(FIRST, FIRST + recipients)]
            told = number(data, "select sent from broadcasts")
            print(
                f"{recipients} recipients, {how_many} kills: {times.count(0)} missed,"
                f" {sum(times) - recipients} repeats"
                f" ({(sum(times) - recipients) / how_many:.1f} a kill),"
                f" most for one recipient {max(times)}; report says {told} sent,"
                f" the server knows {sum(1 for n in times if n)}"
            )


async def crowd(recipients: int) -> None:
    """A million recipients: how soon it begins, what it takes, how soon it pauses."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCHMARK_DIR")) as place:
        data = Path(place) / "data"
        data.mkdir()
        at = time.monotonic()
        await fill(data, range(FIRST, FIRST + recipients))
        size = _size(data)
        print(f"load of the machine {os.getloadavg()[0]:.1f} (2 cores)")
        print(f"filled in {time.monotonic() - at:.0f} s, {size / recipients:.0f} bytes a supporter")
        async with TelegramServer(checks=False, record=True) as server:
            server.meet(FIRST, recipients)
            async with started(PROGRAM, server, data, BOT_RATE="30") as bot:
                await prepared(server, data)
                quiet = await probe(server, 10, PROBES + 200_000)
                print(f"answers before: p95 {p95(quiet):.0f} ms")
                asked = time.monotonic()
                began = await approve(server, data)
                print(f"counted and asked for review in {began - asked:.1f} s")
                while not _sent(server):
                    await asyncio.sleep(0.005)
                print(f"first message {time.monotonic() - began:.2f} s after the approval")
                await _watch(server, data, bot, recipients, began)
            grown = _size(data) - size
            print(f"the database grew by {grown / recipients:.1f} bytes a recipient")


async def _watch(
    server: TelegramServer,
    data: Path,
    bot: subprocess.Popen[bytes],
    recipients: int,
    began: float,
) -> None:
    process = psutil.Process(bot.pid)
    memory = 0
    waits: list[float] = []
    chat = PROBES
    while True:
        memory = max(memory, process.memory_info().rss)
        at = time.perf_counter()
        server.text(chat, "bonjour")
        while not server.answered[chat]:
            await asyncio.sleep(0.0005)
        waits.append(time.perf_counter() - at)
        chat += 1
        await asyncio.sleep(0.2)
        if number(data, "select fixed from broadcasts"):
            break
    print(f"all recipients fixed {time.monotonic() - began:.0f} s after the approval")
    print(f"answers meanwhile: p95 {p95(waits):.0f} ms, longest {max(waits) * 1000:.0f} ms")
    pressed = time.monotonic()
    server.forge(OWNER, "staff.pause:1")
    last = time.monotonic()
    seen = _sent(server)
    while time.monotonic() - pressed < 4:
        await asyncio.sleep(0.005)
        if _sent(server) != seen:
            seen, last = _sent(server), time.monotonic()
    memory = max(memory, process.memory_info().rss)
    print(f"last message {last - pressed:.2f} s after the pause was pressed")
    print(f"memory {memory / 2**20:.0f} MiB at most")


def _sent(server: TelegramServer) -> int:
    return sum(times for chat, times in server.answered.items() if chat >= FIRST)


def _size(data: Path) -> int:
    return sum(file.stat().st_size for file in data.glob("campaign.sqlite3*"))


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("what", choices=("race", "fast", "kills", "crowd"))
    parser.add_argument("--recipients", type=int, default=0)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--only", default="ours,alone,loop,tasks")
    given = parser.parse_args()
    match given.what:
        case "race":
            asyncio.run(race(given.recipients or 900, given.only.split(",")))
        case "fast":
            asyncio.run(fast(given.recipients or 20_000))
        case "kills":
            asyncio.run(kills(given.recipients or 20_000, given.kills))
        case "crowd":
            asyncio.run(crowd(given.recipients or 1_000_000))


if __name__ == "__main__":
    main()
