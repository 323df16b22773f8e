"""An hour of work at an even rate, with a broadcast beside it: does anything grow or drift?

    python -m benchmarks.soak --minutes 60 [--rate 30]

The real program, the Bot API server of the tests in this process. People come, read on, sign, write
and leave, thirty updates a second; a tenth of the time in, a broadcast to everybody else begins,
long enough to last. Memory, the database's log and the outbox are looked at all the while, and how
long one answer a second takes. At the end everything must be answered, every recipient reached
once, every signature there, and a recount find nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.broadcasts import approve, prepared, started
from benchmarks.figures import Curve, Figure, Part, in_blocks, slope
from tests.broadcast_crowd import fill
from tests.program import PROGRAM, environment
from tests.recorded import number
from tests.telegram_server import TelegramServer

RECIPIENTS, PEOPLE, PROBES = 5_000_000, 1_000_000, 900_000
BOT_RATE = 100
SETTLED = 0.3
"""The share of the time after which memory is taken to have found its level."""
ACTS = {
    "start": 12,
    "story:mamat:{}": 40,
    "actions:mamat": 10,
    "sign:xinjiang:fr": 12,
    "menu": 10,
    "text": 10,
    "forget:all": 1,
}
PROBE_SECONDS = 30.0


@dataclass(slots=True)
class Seen:
    """Samples: seconds since the beginning, and MiB, or milliseconds."""

    memory: list[tuple[float, float]] = field(default_factory=list)
    log: list[tuple[float, float]] = field(default_factory=list)
    answers: list[tuple[float, float]] = field(default_factory=list)
    late: int = 0
    updates: int = 0
    signed: set[int] = field(default_factory=set)
    """Who has signed and has not left since."""


async def work(server: TelegramServer, seen: Seen, rate: float, until: float) -> None:
    """So many updates a second, evenly."""
    chance = random.Random(60)
    acts, weights = list(ACTS), list(ACTS.values())
    begun, newest = time.monotonic(), PEOPLE
    while (now := time.monotonic()) < until:
        while seen.updates < (now - begun) * rate:
            act = chance.choices(acts, weights)[0]
            # Mostly people of the last minutes, now and then somebody of long ago.
            who = max(PEOPLE, newest - int(chance.expovariate(1 / 300)))
            if act == "start":
                newest += 1
                server.start(newest, "mamat")
            elif act == "text":
                server.text(who, chance.choice(["bonjour", "merci", "pétition", "?"]))
            else:
                server.forge(who, act.format(chance.randint(1, 7)))
            if act.startswith("sign"):
                seen.signed.add(who)
            elif act.startswith("forget"):
                seen.signed.discard(who)
            seen.updates += 1
        await asyncio.sleep(0.01)


async def probe(server: TelegramServer, seen: Seen, begun: float, until: float) -> None:
    """Once a second somebody new writes; how long the first message takes."""
    chat = PROBES
    while time.monotonic() < until:
        chat += 1
        at = time.perf_counter()
        server.text(chat, "bonjour")
        while not server.answered[chat]:
            await asyncio.sleep(0.0005)
            if time.perf_counter() - at > PROBE_SECONDS:
                seen.late += 1
                break
        took = time.perf_counter() - at
        seen.answers.append((time.monotonic() - begun, 1000 * took))
        await asyncio.sleep(max(0.0, 1.0 - took))


async def look(bot: psutil.Process, data: Path, seen: Seen, begun: float, until: float) -> None:
    """What it holds, four hundred times."""
    pause = max(0.5, (until - begun) / 400)
    log = data / "campaign.sqlite3-wal"
    while time.monotonic() < until:
        at = time.monotonic() - begun
        seen.memory.append((at, bot.memory_info().rss / 2**20))
        seen.log.append((at, log.stat().st_size / 2**20 if log.exists() else 0.0))
        await asyncio.sleep(pause)


async def soak(minutes: float, rate: float) -> Part:
    """The hour, and what was found afterwards."""
    crowd = int(minutes * 60 * (BOT_RATE - rate * 1.3) * 0.6)
    seen = Seen()
    told = Part("soak", f"{minutes:g} minutes of work", "python -m benchmarks.soak --minutes 60")
    with tempfile.TemporaryDirectory() as place:
        data = Path(place) / "data"
        data.mkdir()
        await fill(data, range(RECIPIENTS, RECIPIENTS + crowd))
        async with TelegramServer(checks=False, record=False) as server:
            server.meet(RECIPIENTS, crowd)
            async with started(PROGRAM, server, data, BOT_RATE=str(BOT_RATE)) as bot:
                await prepared(server, data)
                begun = time.monotonic()
                until = begun + 60 * minutes
                process = psutil.Process(bot.pid)
                used = sum(process.cpu_times()[:2])
                at_work = [
                    asyncio.create_task(work(server, seen, rate, until)),
                    asyncio.create_task(probe(server, seen, begun, until)),
                    asyncio.create_task(look(process, data, seen, begun, until)),
                ]
                await asyncio.sleep(6 * minutes)
                await approve(server, data)
                await asyncio.gather(*at_work)
                used = sum(process.cpu_times()[:2]) - used
                await server.until(lambda: not server.waiting, 120, "all to be taken")
                await server.until(lambda: _is_over(data), 900, "the broadcast and the answers")
                bot.terminate()
                ended = await asyncio.to_thread(bot.wait, 30)
        reached = Counter(server.answered[chat] for chat in range(RECIPIENTS, RECIPIENTS + crowd))
        _facts(told, seen, data, minutes, ended, reached)
    _figures(told, seen, minutes, used)
    return told


def _is_over(data: Path) -> bool:
    done = number(data, "select count(*) from broadcasts where state = 'done'")
    return bool(done) and not number(data, "select count(*) from outbox")


def _facts(
    told: Part, seen: Seen, data: Path, minutes: float, ended: int, reached: Counter[int]
) -> None:
    recount = subprocess.run(
        [*PROGRAM, "recount", "--only-look"],
        env=environment(data),
        cwd=data,
        check=False,
        capture_output=True,
    )
    signatures = number(data, "select count(*) from signatures")
    told.facts += [
        f"{seen.updates:,} updates at {seen.updates / minutes / 60:.0f} a second, all"
        f" acknowledged; {len(seen.answers):,} answers timed, {seen.late} of them not within"
        f" {PROBE_SECONDS:.0f} s",
        f"broadcast to {reached.total():,}: {reached[1]:,} reached once, {reached[0]} never,"
        f" {sum(n for times, n in reached.items() if times > 1)} more than once",
        f"signatures: {len(seen.signed):,} given and kept, {signatures:,} on record;"
        f" recount {'finds nothing' if recount.returncode == 0 else 'FINDS A DRIFT'}",
        f"dead letters {number(data, 'select count(*) from dead_letters')}, exit code {ended}",
    ]


def _figures(told: Part, seen: Seen, minutes: float, used: float) -> None:
    end = 60 * minutes
    settled = [(at / 3600, mib) for at, mib in seen.memory if at >= SETTLED * end]
    grows, error = slope(in_blocks(settled, 20))
    told.facts.append(
        f"memory after the first {SETTLED:.0%} of the time: {grows:+.1f} ± {error:.1f} MiB an hour"
    )
    for name, first, last in (("first", 0.1, 0.4), ("last", 0.7, 1.0)):
        took = [ms for at, ms in seen.answers if first * end <= at < last * end]
        if len(took) > 20:
            cuts = statistics.quantiles(took, n=20)
            told.facts.append(
                f"an answer in the {name} part ({first:.0%} to {last:.0%}):"
                f" p50 {cuts[9]:.1f} ms, p95 {cuts[18]:.1f} ms"
            )
    told.figures += [
        Figure("memory in the end", "MiB", [seen.memory[-1][1]], digits=0),
        Figure("memory at its most", "MiB", [max(mib for _, mib in seen.memory)], digits=0),
        Figure("the log of the database at its most", "MiB", [max(m for _, m in seen.log)]),
        Figure("cores in use", "", [used / end]),
    ]
    told.curves["soak"] = Curve(
        "minutes",
        "MiB",
        {
            "memory": [(at / 60, mib) for at, mib in seen.memory],
            "log of the database": [(at / 60, mib) for at, mib in seen.log],
        },
    )


def main() -> None:
    """Measure, print, and keep it for the page."""
    from benchmarks.page import keep, load

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=30)
    given = parser.parse_args()
    before = load()
    told = asyncio.run(soak(given.minutes, given.rate))
    keep(told, before)
    for fact in told.facts:
        print(fact)
    for figure in told.figures:
        print(f"{figure.what}: {figure.ours[0]:.2f} {figure.unit}")
    sys.exit(1 if any("DRIFT" in fact for fact in told.facts) else 0)


if __name__ == "__main__":
    main()
