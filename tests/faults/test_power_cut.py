"""Whenever the process dies or the power goes: what was acknowledged is there, and nothing twice.

The real program runs once, with a record of all that it did to its files. From it the directory is
made as it would have been found after a death at any moment; thousands of deaths cost one life.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.app import opened
from bot.channels.registered import ALL
from bot.channels.telegram.channel import TelegramChannel
from bot.content_files import Content
from bot.keys import Keys
from bot.settings import Settings
from bot.upkeep import recounting
from tests.faults.deaths import SEED, Death, cuts, flushes, left_behind
from tests.faults.recorded_disk import LEFT_OUT, Act, built, compiler, without_flushes
from tests.faults.recorded_life import LEAVING, NAMED, SIGNERS, Life, Told, broken, found, lived
from tests.shipped import ROOT
from tests.telegram_server import TOKEN, TelegramServer

CUTS = int(os.environ.get("FAULTS_CUTS", "1000"))
"""Deaths in the long form; a quick run has some hundred."""
CONTENT = Content(ROOT / "content", ALL)

pytestmark = pytest.mark.skipif(
    compiler() is None or not Path("/proc/self/fd").exists(),
    reason="the record of the disk needs Linux and a C compiler",
)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return built(tmp_path)


def problems(life: Life, acts: list[Act], deaths: Iterable[Death]) -> Counter[str]:
    keys = Keys.open(life.ended / "keys", database_exists=True)
    return Counter(
        problem
        for at, then in left_behind(life.began, acts, deaths)
        for problem in set(broken(life, keys, life.told(at), then))
    )


def files(directory: Path) -> dict[str, bytes]:
    """What stands there, but for what is made anew after a crash."""
    return {
        str(file.relative_to(directory)): file.read_bytes()
        for file in directory.rglob("*")
        if file.is_file() and file.stat().st_size and not file.name.endswith(LEFT_OUT)
    }


async def starts_and_takes_the_rest(life: Life, told: Told, place: Path) -> None:
    """The bot starts with what it finds, the platform brings again what it was not told of, and
    everything is there once, and everybody answered."""
    settings = Settings(data_dir=place)
    read = life.events()
    async with TelegramServer(checks=False) as server:
        server.meet(1, NAMED[-1])
        async with (
            TelegramChannel(TOKEN, base_url=f"{server.root}/bot") as channel,
            opened(settings, CONTENT, {channel.name: channel}) as app,
        ):
            await app.engine.take([read[n] for n in sorted(read) if n not in told.taken])
            today = datetime.now(UTC).date()
            assert (await recounting.recount(app.store, today, repair=False)).is_right
        assert told.answered | set(server.answered) == {*SIGNERS, *NAMED}
    now = found(place)
    assert now.is_sound
    assert now.waiting == set()
    assert len(now.signed) == now.counted == len(SIGNERS) - len(LEAVING)


Count = Callable[[str, int], None]


@pytest.mark.slow
async def test_no_kill_and_no_power_cut_takes_back_what_was_acknowledged(
    tmp_path: Path, library: Path
) -> None:
    life = await lived(tmp_path, library)
    assert len(flushes(life.acts)) > 40, "the record shows the commits"
    for _, then in left_behind(life.began, life.acts, [Death(len(life.acts), True)]):
        assert files(then) == files(life.ended), "the record is whole"
    kills = [Death(moment, True) for moment in flushes(life.acts)]
    assert problems(life, life.acts, [*kills, *cuts(life.acts, 100)]) == {}
    chance = random.Random(SEED)
    deaths = [Death(chance.choice(kills).before, kill) for kill in (True, False)]
    for at, then in left_behind(life.began, life.acts, deaths):
        await starts_and_takes_the_rest(life, life.told(at), then)

    # The quick control: the very writes of the program, had it flushed its log less often.
    for until_checkpoint in (True, False):
        acts = without_flushes(life.acts, until_checkpoint=until_checkpoint)
        assert problems(life, acts, cuts(acts, 40))["a signature that was acknowledged is lost"] > 1


@pytest.mark.slow
async def test_thousands_of_deaths_at_any_moment_take_nothing_back(
    tmp_path: Path, library: Path, record_property: Count
) -> None:
    life = await lived(tmp_path, library)
    every = [Death(moment, True) for moment in range(len(life.acts) + 1)]
    every += cuts(life.acts, CUTS)
    assert problems(life, life.acts, every) == {}

    deaths = [Death(moment, n % 2 == 0, n) for n, moment in enumerate(flushes(life.acts)[::6])]
    record_property("acts", len(life.acts))
    record_property("deaths", len(every))
    record_property("starts", len(deaths))
    for at, then in left_behind(life.began, life.acts, deaths):
        await starts_and_takes_the_rest(life, life.told(at), then)


@pytest.mark.slow
@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
async def test_a_database_that_flushes_less_is_caught(
    tmp_path: Path, library: Path, synchronous: str, record_property: Count
) -> None:
    """The control: what finds nothing here would find nothing anywhere."""
    life = await lived(tmp_path, library, synchronous)
    tried = cuts(life.acts, 300)
    lost = problems(life, life.acts, tried)
    caught = lost["a signature that was acknowledged is lost"] + lost["the database is damaged"]
    record_property("controls", len(tried))
    record_property("caught", caught)
    assert caught > 10
    if synchronous == "NORMAL":
        assert not lost["the database is damaged"]
