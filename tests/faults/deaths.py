"""Deaths of a program whose life was recorded, and what each leaves behind."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path

from tests.faults.recorded_disk import FLUSH, Act, Disk

SEED = int(os.environ.get("FAULTS_SEED", "14"))
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where directories are made that nobody keeps: thousands of them."""


@dataclass(frozen=True, slots=True)
class Death:
    """Before that act; ``kill``: of the process alone, else the power went."""

    before: int
    kill: bool
    chance: int = 0


def left_behind(
    began: Path, acts: list[Act], deaths: Iterable[Death]
) -> Iterator[tuple[float, Path]]:
    """After each death: the moment until which the world was told something, and the directory as
    it is found. ``began`` is the directory before the first act."""
    disk, done = Disk(began), 0
    for death in sorted(deaths, key=lambda one: one.before):
        while done < death.before:
            disk.do(acts[done])
            done += 1
        at = acts[death.before].at if death.before < len(acts) else inf
        with tempfile.TemporaryDirectory(dir=MEMORY) as place:
            then = Path(place) / "data"
            if death.kill:
                disk.killed(then)
            else:
                disk.cut(then, random.Random(f"{SEED} {death.before} {death.chance}"))
            yield at, then


def flushes(acts: list[Act]) -> list[int]:
    """The moments before and after each flush: when most is at stake, and when nothing may be."""
    return [
        moment
        for number, act in enumerate(acts)
        if act.kind == FLUSH
        for moment in (number, number + 1)
    ]


def cuts(acts: list[Act], number: int) -> list[Death]:
    """So many power cuts, most of them about a flush."""
    chance = random.Random(SEED)
    near = flushes(acts)
    return [
        Death(chance.choice(near) if n % 3 else chance.randint(0, len(acts)), False, n)
        for n in range(number)
    ]
