"""Make faults, let the tests look for them, count.

    python -m tests.mutants                      200 faults, drawn by the seed 11
    python -m tests.mutants --seed 12 --number 50 upkeep store
    python -m tests.mutants --again              only those that nothing noticed, with more tests

Each result is a line of ``build/mutants/results.jsonl``: what stands there is not tried again while
its file is the same. What the tests touch is measured first, and kept.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.mutants import measuring
from tests.mutants.copying import copy, environment
from tests.mutants.drawing import Mutant, sample
from tests.mutants.touching import QUICK, Touched

TREE = Path(__file__).parent.parent.parent
KEPT = TREE / "build" / "mutants"
ROOMS = ("engine", "store", "sender", "broadcasts", "upkeep", "channels", "campaign")
NEAR, FIRST, MORE = 10.0, 40.0, 300.0
"""Seconds of tests that a fault gets: of those that are most about it, of all that touch it, and of
all that touch it ``--again``."""
NO_TESTS = 5
"""pytest's exit code where it found none."""


@dataclass(frozen=True, slots=True)
class Result:
    """``outcome``: noticed, hung (which is noticed as well), unnoticed, untouched (by no test);
    ``by``: the test that failed; ``tests`` of ``touching`` had their turn."""

    key: str
    path: str
    line: int
    operator: str
    change: str
    outcome: str
    by: str = ""
    tests: int = 0
    touching: int = 0

    @property
    def is_noticed(self) -> bool:
        """Whether somebody would know."""
        return self.outcome in ("noticed", "hung")


def rounds(
    path: str, tests: set[str], seconds: dict[str, float], first: float, limit: float
) -> list[list[str]]:
    """Tests for so many seconds, in two rounds. First those of the two modules that are most about
    that line (called like its file or room, or else of whose tests the largest part touches it);
    then of each module the quickest, of each the next one, again those called alike before others.
    In a round they run the quickest first; at the end those that start the
    program, module by module."""
    size = Counter(map(module_of, seconds))
    by_module: dict[str, list[str]] = {}
    for test in sorted(tests, key=lambda test: seconds[test]):
        by_module.setdefault(module_of(test), []).append(test)
    about = sorted(
        (module for module, listed in by_module.items() if seconds[listed[0]] < QUICK),
        key=lambda module: (not alike(module, path), -len(by_module[module]) / size[module]),
    )
    near = [test for module in about[:2] for test in by_module[module]]
    first_round = within(sorted(near, key=lambda test: seconds[test]), seconds, first)
    turns = sorted(
        (not alike(module, path), rank, seconds[test], test)
        for module, listed in by_module.items()
        for rank, test in enumerate(listed)
        if test not in first_round
    )
    second_round = within([test for *_, test in turns], seconds, limit)
    quickest = {module: seconds[listed[0]] for module, listed in by_module.items()}

    def place(test: str) -> tuple[bool, float, str, float]:
        starts, module = seconds[test] > QUICK, module_of(test)
        return starts, quickest[module] if starts else 0.0, module if starts else "", seconds[test]

    return [sorted(one, key=place) for one in (first_round, second_round) if one]


def alike(module: str, path: str) -> bool:
    """Whether a module of tests is called like a file or its room: test_broadcast_turns is, for
    bot/broadcasts/send_slot.py."""
    told, rooms = (
        {word[:7] for word in re.split(r"\W|_", name) if len(word) > 3}
        for name in (Path(module).stem, str(Path(path).with_suffix("")))
    )
    return bool(told & rooms)


def module_of(test: str) -> str:
    """The file in which it stands."""
    return test.partition("::")[0]


def within(tests: Sequence[str], seconds: dict[str, float], limit: float) -> list[str]:
    """As many of these, in this order, as that time has room for; one at least."""
    taken: list[str] = []
    spent = 0.0
    for test in tests:
        if spent + seconds[test] <= limit or not taken:
            taken.append(test)
            spent += seconds[test]
    return taken


class Copy:
    """A copy of the tree in which one fault at a time is made."""

    def __init__(self, place: Path):
        """Make it."""
        self.tree = copy(TREE, place)
        self._at = 0
        self._running: subprocess.Popen[bytes] | None = None

    def tried(self, mutant: Mutant, touched: Touched, limit: float) -> Result:
        """What the tests say of it."""
        file = self.tree / mutant.path
        source = file.read_text(encoding="utf-8")
        mutated = mutant.code(source)
        touching = touched.by(self.tree, mutant.path, mutant.line)
        outcome, by, tried = "untouched", "", 0
        try:
            self._put(file, mutated)
            for tests in rounds(mutant.path, touching, touched.seconds, NEAR, limit):
                tried += len(tests)
                outcome, by = self._judged(tests, touched.seconds)
                if outcome != "unnoticed":
                    break
        finally:
            self._put(file, source)
        return Result(
            mutant.key,
            mutant.path,
            mutant.line,
            mutant.operator,
            difference(source, mutated),
            outcome,
            by,
            tried,
            len(touching),
        )

    def stop(self) -> None:
        """End the tests that run here, and the programs that they started."""
        if self._running is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait()

    def _put(self, file: Path, code: str) -> None:
        file.write_text(code, encoding="utf-8")
        # Compiled files are known by the second of the change and the length: no two are the same.
        self._at += 1
        os.utime(file, (self._at, self._at))

    def _judged(self, tests: list[str], seconds: dict[str, float]) -> tuple[str, str]:
        while tests:
            failed = self._first_failed(tests, seconds)
            if failed in ("", "hung"):
                return failed or "unnoticed", ""
            # What waits for processes and clocks may fail for another reason: it gets a second try.
            if seconds.get(failed, 0.0) < QUICK or self._first_failed([failed], seconds) in (
                failed,
                "hung",
            ):
                return "noticed", failed
            tests = tests[tests.index(failed) + 1 :]
        return "unnoticed", ""

    def _first_failed(self, tests: list[str], seconds: dict[str, float]) -> str:
        """The first test that fails, "hung" where they do not end, "" where none fails."""
        order, times = self.tree / "order.json", self.tree / "times.json"
        order.write_text(json.dumps(tests), encoding="utf-8")
        times.unlink(missing_ok=True)
        told = {measuring.ORDER: str(order), measuring.TIMES: str(times)}
        self._running = process = subprocess.Popen(
            [*measuring.PYTEST, "-x", "-n", "0", "--tb", "no", *tests],
            cwd=self.tree,
            env=environment(self.tree, **told),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            code = process.wait(60 + 4 * sum(seconds[test] for test in tests))
        except subprocess.TimeoutExpired:
            return "hung"
        finally:
            self.stop()
        if code == NO_TESTS:
            raise RuntimeError(f"no such tests: {tests}")
        if not code:
            return ""
        failed = json.loads(times.read_text())["failed"] if times.exists() else []
        return next((test for test in tests if test in failed), "the import")


def difference(source: str, mutated: str) -> str:
    """The change, as a difference has it."""
    lines = difflib.unified_diff(source.splitlines(), mutated.splitlines(), n=0, lineterm="")
    return "\n".join(list(lines)[3:])


def known(results: Path) -> dict[str, Result]:
    """What was found before; the last word counts."""
    if not results.exists():
        return {}
    lines = map(json.loads, results.read_text(encoding="utf-8").splitlines())
    return {line["key"]: Result(**line) for line in lines}


def main(told: Sequence[str] | None = None) -> int:
    """The exit code: 0 where nine of ten were noticed."""
    asked = argparse.ArgumentParser(
        prog="python -m tests.mutants",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    asked.add_argument("rooms", nargs="*", default=ROOMS, help="folders of bot/")
    asked.add_argument("--number", type=int, default=200, help="how many faults")
    asked.add_argument("--seed", type=int, default=11, help="which ones")
    asked.add_argument("--workers", type=int, default=2, help="how many at a time")
    asked.add_argument("--again", action="store_true", help="what was unnoticed, with more tests")
    options = asked.parse_args(told)

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    KEPT.mkdir(parents=True, exist_ok=True)
    results = KEPT / "results.jsonl"
    with tempfile.TemporaryDirectory(prefix="mutants-") as directory:
        places = [Copy(Path(directory) / str(number)) for number in range(options.workers)]
        copies: queue.SimpleQueue[Copy] = queue.SimpleQueue()
        for place in places:
            copies.put(place)
        measured = copy(TREE, Path(directory) / "measured")
        touched = Touched.of(TREE, measured, KEPT / "touched.json")
        drawn = sample(measured, options.rooms, options.number, options.seed)
        before = known(results)
        waiting = [
            one
            for one in drawn
            if one.key not in before or (options.again and not before[one.key].is_noticed)
        ]

        stopped = threading.Event()

        def tried(mutant: Mutant) -> None:
            place = copies.get()
            begun = time.monotonic()
            try:
                result = place.tried(mutant, touched, MORE if options.again else FIRST)
            finally:
                copies.put(place)
            if stopped.is_set():
                return
            with results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(result)) + "\n")
            took = time.monotonic() - begun
            print(f"{result.outcome:9} {took:4.0f} s  {mutant.path}:{mutant.line}", flush=True)

        with ThreadPoolExecutor(options.workers) as pool:
            try:
                for _ in pool.map(tried, waiting):
                    pass
            except BaseException:
                # Told to stop: what is under way ends without a result.
                pool.shutdown(wait=False, cancel_futures=True)
                stopped.set()
                for place in places:
                    place.stop()
                raise
    return report([one for key, one in known(results).items() if key in {m.key for m in drawn}])


def report(results: Sequence[Result]) -> int:
    """Print what nobody noticed, and the share."""
    for result in results:
        if not result.is_noticed:
            of = f"{result.tests} of {result.touching} tests"
            print(f"\n{result.path}:{result.line} {result.outcome} ({result.operator}, {of})")
            print(result.change)
    counted = Counter(result.outcome for result in results)
    noticed = sum(result.is_noticed for result in results)
    print(f"\n{noticed} of {len(results)} noticed: {noticed / max(1, len(results)):.1%}")
    print(", ".join(f"{number} {outcome}" for outcome, number in counted.most_common()))
    return 0 if noticed >= 0.9 * len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
