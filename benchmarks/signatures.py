"""What is promised of signatures, measured: rate, kills, canaries, and a year of the clock.

    python -m benchmarks.signatures rate [--signatures 30000]
    python -m benchmarks.signatures kills [--times 200]
    python -m benchmarks.signatures canaries [--people 1000]
    python -m benchmarks.signatures year [--supporters 100000]

``rate``: people who were never seen sign through the engine, as the real content has it, each
acknowledged after its commit (``synchronous=FULL``). ``kills``: a process that signs is killed with
SIGKILL again and again; afterwards every acknowledged signature must be there, and every counter be
what the rows say. ``canaries``: people with everything that can leave a trace are forgotten, and
every byte of the data directory is searched for them. ``year``: supporters of all ages live through
a year of nights; then nothing may be overdue. Each is a quick test in tests/ as well.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import structlog

from bot.campaign.events import Chose
from bot.campaign.rules import BurstRule
from bot.campaign.signatures import Signer
from bot.keys import Keys
from bot.store import counters, dead_letters
from bot.store.database import Database
from bot.store.people import reminders, supporters
from bot.store.people.tables import acts, subscriptions
from bot.store.people.tables import supporters as supporters_table
from bot.store.petitions import tallies
from bot.store.petitions.tables import signatures
from bot.store.sqlite.database import FILE_NAME, SqliteDatabase
from bot.upkeep import UnaskedMessages, purging, recounting
from tests.house import CAMPAIGN, PETITION, WORDING, house
from tests.test_privacy import canary, lives, occurrences, traces

UNGUARDED = CAMPAIGN.model_copy(update={"burst_guard": BurstRule(signatures=0)})
CALLERS = 8
AT_ONCE = 100
"""As many updates as Telegram gives in one answer."""


async def rate(many: int) -> float:
    """Signatures a second, each committed before it is acknowledged."""
    with tempfile.TemporaryDirectory() as place:
        async with house(Path(place), UNGUARDED) as opened:
            events = [
                Chose(
                    id=str(n),
                    channel="telegram",
                    address=str(7_000_000_000 + n),
                    language="fr",
                    data=f"sign:{PETITION}:fr",
                )
                for n in range(many)
            ]
            lots = [events[n : n + AT_ONCE] for n in range(0, many, AT_ONCE)]

            async def caller(mine: list[list[Chose]]) -> None:
                for lot in mine:
                    await opened.engine.take(lot)

            # As the running bot does it (see bot/app.py).
            gc.collect()
            gc.freeze()
            begun, cpu = time.perf_counter(), time.process_time()
            await asyncio.gather(*(caller(lots[n::CALLERS]) for n in range(CALLERS)))
            took, used = time.perf_counter() - begun, time.process_time() - cpu
            found = await recounting.recount(opened.store, date(2026, 3, 4), repair=False)
            async with opened.store.reading() as connection:
                name = counters.of_signatures(PETITION, Signer.ACCOUNT)
                counted = (await counters.values(connection, [name]))[name]
    print(f"{many} signatures in {took:.2f} s: {many / took:.0f} a second, {used / took:.2f} cores")
    print(f"counter {counted}, recount {'equal' if found.is_right else 'DIFFERENT'}")
    return many / took


async def _sign_forever(data: Path) -> None:
    """For ``kills``: sign, and say which signatures were acknowledged."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    first = int(time.time() * 1000) * 1000
    async with house(data, UNGUARDED, at=datetime.now(UTC)) as opened:

        async def caller(lane: int) -> None:
            number = first + lane
            while True:
                event = Chose(
                    id=str(number),
                    channel="telegram",
                    address=str(number),
                    language="fr",
                    data=f"sign:{PETITION}:fr",
                )
                await opened.engine.take([event])
                os.write(sys.stdout.fileno(), f"{number}\n".encode())
                number += 40

        await asyncio.gather(*map(caller, range(40)))


async def kills(times: int) -> None:
    """Kill a signing process so many times; then compare."""
    with tempfile.TemporaryDirectory() as place:
        data = Path(place)
        acknowledged: set[str] = set()
        for time_ in range(times):
            process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.signatures", "_sign", "--data", place],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.02 + 0.0007 * (time_ % 100))
            process.send_signal(signal.SIGKILL)
            # The first line was read; a last one may be cut short.
            rest = process.stdout.read().split(b"\n")[:-1]
            acknowledged.update(line.decode() for line in rest)
            process.wait()
        async with house(data, UNGUARDED) as opened:
            found = await recounting.recount(opened.store, date(2026, 3, 4), repair=False)
            async with opened.store.reading() as connection:
                there = set(
                    (await connection.execute(signatures.select())).scalars()  # the pseudonyms
                )
                _, dead = await dead_letters.numbers(connection, datetime.now(UTC))
            lost = [
                number
                for number in acknowledged
                if opened.keys.petition_pseudonym(PETITION, "telegram", number) not in there
            ]
    print(f"{times} kills, {len(acknowledged)} acknowledged, {len(there)} recorded")
    print(f"lost: {len(lost)}; counter = recount: {found.is_right}; dead letters: {dead}")


async def canaries(people: int) -> None:
    """Forget them all, then search every byte."""
    with tempfile.TemporaryDirectory() as place:
        data = Path(place)
        log = data / "bot.log"
        with log.open("w") as handle:
            structlog.configure(logger_factory=structlog.PrintLoggerFactory(handle))
            async with house(data, UNGUARDED) as opened:
                named = [canary(number) for number in range(people)]
                for who in named:
                    await lives(opened, who)
                marks = await traces(opened, named)
                await opened.store.checkpoint()
                before = len(occurrences(data, list(marks)[:50]))
                begun = time.perf_counter()
                for who in named:
                    await opened.press(who, "forget:all")
                took = time.perf_counter() - begun
                async with opened.store.writing() as connection:
                    # The farewells, which a sender would have sent by now.
                    await connection.exec_driver_sql("DELETE FROM outbox")
                begun = time.perf_counter()
                await opened.store.checkpoint()
                after_checkpoint = len(occurrences(data, marks))
                await opened.store.scrub()
                scrubbed = time.perf_counter() - begun
                handle.flush()
                left = occurrences(data, marks)
    print(f"{people} people forgotten in {took:.1f} s; {len(marks)} marks searched for")
    print(f"found before: {before} of 50 tried; after a checkpoint: {after_checkpoint};")
    print(f"after the scrub ({scrubbed:.1f} s with the search): {len(left)}")


async def year(many: int) -> None:
    """A year of nights over supporters who were last seen at any time of the year before."""
    begins = datetime(2026, 3, 4, 2, 30, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as place:
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
        store = await SqliteDatabase.open(Path(place))
        keys = Keys.open(Path(place) / "keys", database_exists=False)
        await _populate(store, keys, many, begins)
        poster = UnaskedMessages(
            keys=keys,
            render=lambda message, language, markup, replaces: WORDING.render(
                message, language, markup, replaces
            ),
            campaign=lambda: CAMPAIGN,
            markup_of={"telegram": "html"},
            deliver=lambda messages: None,
        )
        size = (Path(place) / FILE_NAME).stat().st_size / 2**20
        nights: list[float] = []
        notices = 0
        for day in range(366):
            now = begins + timedelta(days=day)
            evening = now - timedelta(hours=8)
            while told := await purging.give_notice(store, poster, evening):
                notices += told
            async with store.writing() as connection:
                await connection.exec_driver_sql("DELETE FROM outbox")
            begun = time.perf_counter()
            await purging.purge(store, keys, CAMPAIGN, now)
            nights.append(time.perf_counter() - begun)
        over = await purging.purge(store, keys, CAMPAIGN, now, dry_run=True)
        found = await recounting.recount(store, now.date(), repair=False)
        async with store.reading() as connection:
            left = (await counters.values(connection, [counters.SUPPORTERS]))["supporters"]
        await store.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{many} supporters ({size:.0f} MiB), 366 nights, {notices} notices, {left} left")
    print(f"overdue afterwards: {sum(over.gone.values())}; counter = recount: {found.is_right}")
    middle = sorted(nights)[len(nights) // 2] * 1000
    print(
        f"purge: {sum(nights):.1f} s in all, {middle:.0f} ms in the middle, {max(nights):.2f} s at"
        f" most; memory of the whole run {memory:.0f} MiB"
    )


async def _populate(store: Database, keys: Keys, many: int, begins: datetime) -> None:
    """Supporters with acts, updates and reminders; a tenth comes back within the year."""
    for start in range(0, many, 10_000):
        whole = range(start, min(start + 10_000, many))
        mine = [keys.pseudonym("telegram", str(number)) for number in whole]
        seen = [begins - timedelta(days=365 * (number % 1000) / 1000) for number in whole]
        async with store.writing() as connection:
            await connection.execute(
                supporters_table.insert(),
                [
                    {
                        "pseudonym": pseudonym,
                        "channel": "telegram",
                        "address_sealed": keys.seal(
                            str(number).encode(), supporters.ADDRESS, pseudonym
                        ),
                        "language": "fr",
                        "case": "mamat",
                        "source": "",
                        "joined_on": at.date(),
                        "seen_at": at,
                        "answers_sealed": supporters.seal_answers(
                            keys, supporters.NOTHING_TOLD, pseudonym
                        ),
                        "answers_at": at,
                        "ended_at": at if number % 20 == 0 else None,
                    }
                    for number, pseudonym, at in zip(whole, mine, seen, strict=True)
                ],
            )
            await connection.execute(
                acts.insert(),
                [
                    {
                        "pseudonym": keys.aside(pseudonym, "acts"),
                        "case": "mamat",
                        "action": "letter",
                        "evidence": "prepared",
                        "day": at.date(),
                    }
                    for pseudonym, at in zip(mine, seen, strict=True)
                ],
            )
            await connection.execute(
                subscriptions.insert(),
                [
                    {"pseudonym": p, "topic": "cases", "wording_version": "1", "day": at.date()}
                    for p, at in zip(mine[::2], seen[::2], strict=True)
                ],
            )
            await reminders.add(
                connection,
                keys,
                [
                    reminders.Reminder(p, "mamat", "letter", at.date(), at)
                    for p, at in zip(mine[::5], seen[::5], strict=True)
                ],
            )
            await counters.repair(connection, await counters.recount(connection))
            await tallies.count(connection, {})


def main() -> None:
    """Run what was asked for."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("rate").add_argument("--signatures", type=int, default=30_000)
    what.add_parser("kills").add_argument("--times", type=int, default=200)
    what.add_parser("canaries").add_argument("--people", type=int, default=1_000)
    what.add_parser("year").add_argument("--supporters", type=int, default=100_000)
    what.add_parser("_sign").add_argument("--data", type=Path)
    asked = parser.parse_args()
    work = {
        "rate": lambda: rate(asked.signatures),
        "kills": lambda: kills(asked.times),
        "canaries": lambda: canaries(asked.people),
        "year": lambda: year(asked.supporters),
        "_sign": lambda: _sign_forever(asked.data),
    }
    asyncio.run(work[asked.what]())


if __name__ == "__main__":
    main()
