"""Held signatures and lots from the shell, beside a running bot or alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bot.store import audit
from tests.house import house
from tests.program import PROGRAM, environment
from tests.test_web_votes import DAY, FALSE, HONEST, NO_GUARD, keys, numbers, states

pytestmark = pytest.mark.slow


def run(*arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments],
        capture_output=True,
        text=True,
        env=environment(data),
        timeout=60,
        check=False,
    )


async def test_a_lot_goes_out_and_back_from_the_shell(data: Path) -> None:
    day = DAY.isoformat()
    async with house(data, NO_GUARD) as opened:
        await opened.sign_in_browsers(FALSE, *keys(30))
        await opened.sign_in_browsers(HONEST, *keys(5, "neighbour"))
        before = await numbers(opened)
    taken = run("pending", "take-out", "xinjiang", day, "--from", "20", data=data)
    assert taken.stdout == "30 signatures changed\n", taken.stderr
    listed = run("pending", "lots", "xinjiang", day, data=data).stdout
    assert listed.splitlines() == [
        f"{FALSE}: taken out about 30",
        f"{HONEST}: counted fewer than 20",
    ]
    back = run("pending", "put-back", "xinjiang", day, data=data)
    assert back.stdout == "30 signatures changed\n", back.stderr
    async with house(data, NO_GUARD) as opened:
        assert await numbers(opened) == before
        assert await states(opened) == {"counted": 25, "pending": 10}
        async with opened.store.reading() as connection:
            log = [one.entry.detail for one in await audit.newest(connection, 5)]
        assert all(FALSE in detail and "1 lots" in detail for detail in log)
        assert len(log) == 2
