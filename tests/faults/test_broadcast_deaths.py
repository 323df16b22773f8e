"""Whenever the process dies or the power goes while a broadcast goes out: nobody is missed, and
nobody whose message had left is taken for somebody whose had not."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from math import inf
from pathlib import Path

import pytest

from bot.keys import Keys
from bot.store.broadcasts.deliveries import Fate
from tests.broadcast_crowd import fill
from tests.faults.deaths import SEED, Death, cuts, flushes, left_behind
from tests.faults.recorded_disk import Act, built, compiler, read, without_flushes
from tests.faults.recorded_life import watched
from tests.program import running
from tests.recorded import number
from tests.telegram_server import TelegramServer
from tests.test_broadcasts import FIRST, SENDER, STAFF, found
from tests.test_broadcasts_survive import sent_to

CROWD = range(FIRST, FIRST + 200)
SETTINGS = STAFF | {"BOT_RATE": "150"}
TOO_SOON = "it left before that was on record"
IN_FLIGHT = 30
"""Messages on their way at once: no more may come twice after a death."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        compiler() is None or not Path("/proc/self/fd").exists(),
        reason="the record of the disk needs Linux and a C compiler",
    ),
]


def fates(data: Path) -> dict[bytes, int]:
    """What is on record of each recipient; empty while no broadcast has begun."""
    with closing(sqlite3.connect(data / "campaign.sqlite3")) as raw:
        raw.execute("pragma synchronous = off")  # to look, not to keep
        assert raw.execute("pragma integrity_check").fetchall() == [("ok",)]
        return dict(raw.execute("select pseudonym, state from deliveries"))


def reached(server: TelegramServer, before: float) -> set[int]:
    """Whom the news had reached by then."""
    return {
        int(asked.params["chat_id"])
        for asked in server.asked("sendMessage")
        if asked.at < before and asked.status == 200
    } & set(CROWD)


def broken(fate: dict[bytes, int], mark: dict[int, bytes], got: set[int]) -> Iterator[str]:
    """Which promises do not hold in what was left behind; none, it is hoped."""
    for chat, whose in mark.items():
        if fate.get(whose) == Fate.SENT and chat not in got:
            yield "taken for sent, and never left"
        if chat in got and fate.get(whose) not in (Fate.SENDING, Fate.SENT):
            yield TOO_SOON
    if sum(fate.get(mark[chat]) == Fate.SENDING for chat in got) > IN_FLIGHT:
        yield "more than was in flight comes twice"


async def test_a_death_at_any_moment_of_a_broadcast_misses_nobody(
    server: TelegramServer, data: Path, tmp_path: Path
) -> None:
    await fill(data, CROWD)
    server.meet(FIRST, len(CROWD))
    with running(data, server.root, **SETTINGS, **watched(data, tmp_path, built(tmp_path))):
        await sent_to(server)
        await found(server, SENDER, "terminée", seconds=120)
    assert reached(server, inf) == set(CROWD)
    acts = read(tmp_path / "record")
    keys = Keys.open(data / "keys", database_exists=True)
    mark = {chat: keys.pseudonym("telegram", str(chat)) for chat in CROWD}

    def problems(acts: list[Act], deaths: list[Death]) -> Counter[str]:
        return Counter(
            problem
            for at, then in left_behind(tmp_path / "began", acts, deaths)
            for problem in set(broken(fates(then), mark, reached(server, at)))
        )

    deaths = [Death(moment, True) for moment in flushes(acts)]
    midst = [death for death in deaths if 0 < len(reached(server, acts[death.before - 1].at)) < 180]
    assert len(midst) > 10
    assert problems(acts, [*deaths, *cuts(acts, 200)]) == {}
    flushed_less = without_flushes(acts, until_checkpoint=True)
    assert problems(flushed_less, cuts(flushed_less, 60))[TOO_SOON] > 1, "the control"

    chance = random.Random(SEED)
    for at, then in left_behind(tmp_path / "began", acts, chance.sample(midst, 2)):
        await goes_on(then, reached(server, at))


async def goes_on(data: Path, had_it: set[int]) -> None:
    """Started where it died, the broadcast comes to its end, for everybody."""
    async with TelegramServer() as server:
        server.meet(1, FIRST + len(CROWD))
        with running(data, server.root, **SETTINGS):
            await server.until(lambda: is_done(data), 120, "the end of the broadcast")
        again = {chat for chat in CROWD if server.answered[chat]}
    assert had_it | again == set(CROWD)
    assert len(had_it & again) <= IN_FLIGHT


def is_done(data: Path) -> bool:
    return number(data, "select count(*) from broadcasts where state = 'done'") == 1
