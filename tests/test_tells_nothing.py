"""Who has the disk and no keys: of people who did the same and differ in one answer or act, nothing
tells which are which – not the database, nor its log, nor a backup.

Guessed from everything about a visitor that is not sealed: which rows are there, how many, how long
each value is, what stands in clear columns, how often their pseudonym occurs in the bytes, and
where rows lie within their pages.
"""

from __future__ import annotations

import random
import secrets
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest

from bot.app import App, opened
from bot.backups import making
from bot.channels.web_chat.channel import Posted
from bot.engine.clearing import AT_ONCE, Clearing
from bot.settings import Settings
from bot.store.sqlite import maintenance
from tests import shipped
from tests.chat_page import new_key
from tests.house import PETITION

EACH = 8
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)

BEFORE = ("start:mamat", "actions:mamat", "act:mamat:letter")
AFTER = (
    "actions:mamat",
    "remind:mamat:letter:three",
    "share:mamat",
    f"petition:{PETITION}",
    "menu",
)
SAFETY = {answer: (*BEFORE, f"risk:mamat:letter:{answer}", *AFTER) for answer in ("yes", "no")}
SIGNED = {
    act: ("start:mamat", f"petition:{PETITION}", data, "menu", "actions:mamat")
    for act, data in (("signed", f"sign:{PETITION}:fr"), ("read", f"text:{PETITION}:fr"))
}
NAMED = ("start:mamat", f"sign:{PETITION}:fr", f"listed:{PETITION}", f"namerisk:{PETITION}:no")
LISTED = {
    "listed": (*NAMED, "say:Anna Petrowna", "menu"),
    "unlisted": (*NAMED, f"petition:{PETITION}", "menu"),
}
HANDOVER_KEY = str(pyrage.x25519.Identity.generate().to_public())


class Disk:
    """A bot at whose page people have been, and what lies on its disk."""

    def __init__(self, app: App, clock: list[datetime], data: Path):
        self.app = app
        self.clock = clock
        self.data = data
        self.truth: dict[bytes, str] = {}

    async def visits(self, paths: dict[str, Sequence[str]], rng: random.Random) -> None:
        """Some of each kind, all at once, their steps in no order."""
        waiting = [
            (new_key(), kind, iter(path)) for kind, path in paths.items() for _ in range(EACH)
        ]
        for key, kind, _ in waiting:
            self.truth[self.app.keys.pseudonym("web", key)] = kind
        while waiting:
            key, kind, path = rng.choice(waiting)
            step = next(path, None)
            if step is None:
                waiting.remove((key, kind, path))
                continue
            await self.does(key, step)
            self.clock[0] += timedelta(seconds=1)

    async def does(self, key: str, data: str) -> None:
        kind, _, rest = data.partition(":")
        posted = {
            "start": Posted(id=secrets.token_hex(16), kind="start", data=rest, language="fr"),
            "say": Posted(id=secrets.token_hex(16), kind="say", text=rest, language="fr"),
        }.get(kind) or Posted(
            id=secrets.token_hex(16), kind="choose", data=data, label="Oui, ou non", language="fr"
        )
        with self.app.chat.showing(key, posted) as event:
            await self.app.engine.take([event])

    async def a_minute_later(self) -> None:
        store, retention = self.app.store, lambda: self.app.content.now[0].retention
        at_work = Clearing(store, self.app.keys, lambda: self.clock[0], retention)
        for _ in range(2):
            await at_work._by_the_clock()
            await at_work._take_away_order()
            self.clock[0] += AT_ONCE
        assert store.log_size() == 0

    def files(self) -> Iterator[Path]:
        """The database as it lies there, and a backup of it."""
        yield self.data / "campaign.sqlite3"
        backups = self.data / "backups"
        yield making.make(
            maintenance, self.data / "campaign.sqlite3", backups, timedelta(days=30), self.clock[0]
        ).file


@asynccontextmanager
async def disk(data: Path, handover_key: str = "") -> AsyncIterator[Disk]:
    clock = [NOON]
    given = Settings(  # type: ignore[call-arg]
        _env_file=None,
        data_dir=data,
        content=shipped.CONTENT,
        port=0,
        handover_key=handover_key,
    )
    async with opened(given, shipped.content(), {}, lambda: clock[0]) as app:
        yield Disk(app, clock, data)


def shapes(file: Path, people: Sequence[bytes]) -> dict[bytes, str]:
    """Of each of them all that can be seen without keys."""
    raw = file.read_bytes()
    seen: dict[bytes, list[str]] = {one: [f"{raw.count(one)} times"] for one in people}
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            rows = database.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in rows.description]
            for row in rows:
                told = ", ".join(
                    f"{name} of {len(value)}" if isinstance(value, bytes) else f"{name} {value}"
                    for name, value in zip(names, row, strict=True)
                    # Numbers rise with the time of writing, whoever writes.
                    if name != "number"
                )
                for one in people:
                    if one in row:
                        seen[one].append(f"{table}: {told}")
    return {one: "\n".join(sorted(lines)) for one, lines in seen.items()}


def guessed(seen: dict[bytes, str], truth: dict[bytes, str]) -> int:
    """How many are guessed right, each by what most of the others are who look the same."""
    right = 0
    for one, shape in seen.items():
        others = Counter(
            truth[who] for who, theirs in seen.items() if theirs == shape and who != one
        )
        right += bool(others) and others.most_common(1)[0][0] == truth[one]
    return right


def order(file: Path, keys: Sequence[bytes]) -> list[bytes]:
    """These rows in the order in which their pages have taken them up, from their ends."""
    raw = file.read_bytes()
    size = int.from_bytes(raw[16:18], "big")
    return sorted(keys, key=lambda key: ((at := raw.index(key)) // size, -(at % size)))


@pytest.mark.parametrize(
    ("paths", "key"),
    [(SAFETY, ""), (SIGNED, ""), (LISTED, ""), (LISTED, HANDOVER_KEY)],
    ids=["safety", "signed", "listed", "listed and closed"],
)
async def test_neither_an_answer_nor_an_act_can_be_guessed(
    data: Path, paths: dict[str, Sequence[str]], key: str
) -> None:
    async with disk(data, key) as there:
        await there.visits(paths, random.Random(7))
        assert len(set(there.truth.values())) == 2
        await there.a_minute_later()
        for file in there.files():
            seen = shapes(file, list(there.truth))
            assert guessed(seen, there.truth) <= EACH, file.name
            assert len(set(seen.values())) == 1, file.name


async def test_a_signature_is_not_found_by_when_it_was_written(data: Path) -> None:
    async with disk(data) as there:
        await there.visits(SIGNED, random.Random(8))
        await there.a_minute_later()
        async with there.app.store.reading() as connection:
            rows = await connection.exec_driver_sql("SELECT pseudonym FROM signatures")
            signed = sorted(rows.scalars())
        assert len(signed) == EACH
        for file in there.files():
            assert order(file, signed) == signed, "in the order of their pseudonyms, not of time"


async def test_times_of_people_are_hours(data: Path) -> None:
    async with disk(data) as there:
        there.clock[0] += timedelta(minutes=34, seconds=56)
        await there.visits(SAFETY, random.Random(9))
        there.clock[0] += timedelta(minutes=5)
        with closing(sqlite3.connect(data / "campaign.sqlite3")) as database:
            for table, column in (
                ("supporters", "seen_at"),
                ("supporters", "answers_at"),
                ("web_turns", "at"),
                ("events_seen", "at"),
            ):
                times = {when for (when,) in database.execute(f"SELECT {column} FROM {table}")}
                assert times == {round(NOON.timestamp() * 1000)}, table
