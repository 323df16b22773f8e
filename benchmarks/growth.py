"""What it costs to have many supporters: each step measured at a thousand, and at up to a million.

    python -m benchmarks.growth [--sizes 1000,10000,100000,1000000]

A database is filled set-wise with supporters who take news and have signed, two days ago. Then, in
a process of its own for each size, on the real engine and its real file: an update of somebody who
was seen before (alone, and a hundred at once), a claim of a hundred deliveries of a broadcast to
all of them, a look of upkeep by day, and the night's recount and purge. The exponent k says how
each grows: cost ~ supporters^k, 0 for not at all, 1 for in proportion.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from benchmarks.figures import Curve, Figure, Part, exponent
from benchmarks.signatures import UNGUARDED
from bot.campaign.events import Chose
from bot.campaign.signatures import Signer
from bot.keys import Keys
from bot.store import counters
from bot.store.broadcasts import deliveries
from bot.store.petitions import tallies
from bot.store.petitions.tables import signatures
from bot.store.sqlite.database import FILE_NAME, SqliteDatabase
from bot.upkeep import UnaskedMessages, Upkeep, milestones, purging, recounting
from tests.broadcast_crowd import fill
from tests.house import PETITION, WORDING, House, house

FIRST = 5_000_000
LOT = 10_000
STEPS = {
    "lone": "an update, alone",
    "lone_cpu": "CPU of it",
    "many": "an update, a hundred at once",
    "claim": "a claim of a hundred deliveries",
    "look": "a look of upkeep by day",
    "night": "a night's recount and purge",
}


async def filled(data: Path, supporters: int) -> None:
    """So many supporters who take news and have signed."""
    await fill(data, range(FIRST, FIRST + supporters))
    store = await SqliteDatabase.open(data)
    keys = Keys.open(data / "keys", database_exists=True)
    day = (datetime.now(UTC) - timedelta(days=2)).date()
    same = {
        "petition": PETITION,
        "state": "counted",
        "signer": Signer.ACCOUNT.value,
        "day": day,
        "language": "fr",
        "text_version": 1,
        "text_hash": UNGUARDED.petition_hashes[(PETITION, "fr")],
    }
    try:
        for start in range(FIRST, FIRST + supporters, LOT):
            lot = range(start, min(start + LOT, FIRST + supporters))
            async with store.writing() as connection:
                await connection.execute(
                    signatures.insert(),
                    [
                        {**same, "pseudonym": keys.petition_pseudonym(PETITION, "telegram", str(n))}
                        for n in lot
                    ],
                )
        async with store.writing() as connection:
            change = tallies.Change.SIGNED
            await tallies.count(connection, {(PETITION, Signer.ACCOUNT, day, change): supporters})
            await counters.repair(connection, await counters.recount(connection))
            await connection.exec_driver_sql(
                "INSERT INTO deliveries (broadcast, pseudonym, state)"
                f" SELECT 1, pseudonym, {deliveries.Fate.QUEUED.value} FROM supporters"
            )
        await store.checkpoint()
    finally:
        await store.close()


async def timed(work: Callable[[], Awaitable[object]], times: int) -> list[float]:
    """Milliseconds of each."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        await work()
        took.append(1000 * (time.perf_counter() - begun))
    return took


async def measure(data: Path, supporters: int, rounds: int) -> dict[str, float]:
    """Medians in milliseconds, by step; memory in MiB."""
    chance = random.Random(supporters)
    async with house(data, UNGUARDED, at=datetime.now(UTC)) as opened:

        def pressed() -> Chose:
            who = str(FIRST + chance.randrange(supporters))
            return opened.event(who, Chose, data=f"story:mamat:{chance.randint(1, 6)}")  # type: ignore[return-value]

        async def lone() -> None:
            await opened.take(pressed())

        async def many() -> None:
            await opened.take(*(pressed() for _ in range(100)))

        after = [b""]

        async def claim() -> None:
            async with opened.store.reading() as connection:
                found = await deliveries.waiting(connection, 1, "cases", after=after[0], limit=100)
            after[0] = found[-1].pseudonym
            async with opened.store.writing() as connection:
                await deliveries.claim(connection, 1, [one.pseudonym for one in found])

        upkeep = Upkeep(opened.store, unasked(opened), (), lambda: opened.now)
        upkeep._last_night = datetime.max.date()

        async def by_day() -> None:
            upkeep._last_night = upkeep._local(opened.now).date()
            await upkeep.look()

        async def night() -> None:
            await recounting.recount(opened.store, opened.now.date(), repair=False)
            await purging.purge(opened.store, opened.keys, UNGUARDED, opened.now)

        # What was reached long ago was told long ago: a look is at a day on which nothing is due.
        await milestones.note(opened.store, unasked(opened), opened.now)
        async with opened.store.writing() as connection:
            await connection.exec_driver_sql("UPDATE milestones SET told = 1")
        await timed(lone, 20)
        gc.collect()
        gc.freeze()
        cpu = time.process_time()
        alone = await timed(lone, rounds)
        cpu = time.process_time() - cpu
        together = await timed(many, max(3, rounds // 10))
        found = {
            "lone": statistics.median(alone),
            "lone_cpu": 1000 * cpu / rounds,
            "many": statistics.median(together) / 100,
            "claim": statistics.median(await timed(claim, min(rounds, supporters // 100))),
            "look": statistics.median(await timed(by_day, 10)),
            "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "night": statistics.median(await timed(night, 3)),
        }
    found["bytes"] = (data / FILE_NAME).stat().st_size / supporters
    return found


def unasked(opened: House) -> UnaskedMessages:
    """What upkeep says goes into the outbox, and no further."""
    return UnaskedMessages(
        keys=opened.keys,
        render=lambda message, language, markup, replaces: WORDING.render(
            message, language, markup, replaces
        ),
        campaign=lambda: UNGUARDED,
        markup_of={"telegram": "plain"},
        deliver=lambda messages: None,
    )


def at_size(supporters: int, rounds: int) -> dict[str, float]:
    """Filled in one process, measured in another, which has only done that."""
    with tempfile.TemporaryDirectory() as place:
        data = Path(place, "data")
        data.mkdir(mode=0o700)
        asyncio.run(filled(data, supporters))
        told = subprocess.run(
            [
                *(sys.executable, "-m", "benchmarks.growth", "--measure", str(data)),
                *("--sizes", str(supporters), "--rounds", str(rounds)),
            ],
            check=True,
            capture_output=True,
            text=True,
        )
    found: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return found


def part(sizes: list[int], rounds: int = 200) -> Part:
    """All sizes, and how each step grows."""
    found = {size: at_size(size, rounds) for size in sizes}
    told = Part("growth", "From a thousand supporters to a million", "python -m benchmarks.growth")
    lines = {
        name: [(float(size), at[step]) for size, at in found.items()]
        for step, name in STEPS.items()
    }
    told.curves["growth"] = Curve("supporters", "milliseconds", lines, is_logarithmic=True)
    for name, points in lines.items():
        grows, error = exponent(points)
        within = "" if error != error else f" ± {error:.2f}"
        told.facts.append(
            f"{name}: {points[0][1]:.2f} ms at {sizes[0]:,}, {points[-1][1]:.2f} ms at"
            f" {sizes[-1]:,}; k = {grows:.2f}{within}"
        )
    memory = [at["memory"] for at in found.values()]
    told.facts.append(
        f"memory of the process at its most, before the night: {memory[0]:.0f} MiB at"
        f" {sizes[0]:,}, {memory[-1]:.0f} MiB at {sizes[-1]:,}"
    )
    told.figures.append(
        Figure("on the disk, a supporter", "bytes", [found[sizes[-1]]["bytes"]], digits=0)
    )
    return told


def main() -> None:
    """Measure and print."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", default="1000,10000,100000,1000000")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    sizes = [int(size) for size in given.sizes.split(",")]
    if given.measure:
        print(json.dumps(asyncio.run(measure(given.measure, sizes[0], given.rounds))))
        return
    for fact in part(sizes, given.rounds).facts:
        print(fact)


if __name__ == "__main__":
    main()
