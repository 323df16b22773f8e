"""What a run of the campaign found, for the terminal and for docs/proof.md."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from tests.faults.table import Fault

HEAD = """# Proof

What may go wrong, what holds all the same, and which test holds it. One command runs them all and
writes this page, where everything held:

<!-- not run: takes some minutes -->
```sh
.venv/bin/python -m tests.faults
```

`--quick` runs what the README's test command runs too, `--long` takes twenty thousand power cuts;
words choose faults.

**How the power goes.** The real program runs once, from its first start, with a small library
between it and its files (`tests/faults/disk.c`) that writes down every write, name and flush in
its order. The Bot API server notes when it was told that an update was taken. From the record the
data directory is made as it is found after a kill (all that was written is there) or a power cut
(of what was not flushed each page, or each sector, is as it was after any of its writes; new
names may be missing) at a moment, and held against what the platform had been told by then. Then
the bot starts there, and the platform brings again what it was not told of. The control makes the
same with a database that flushes less, and has to find losses: otherwise the campaign is blind.

**What nobody can hold.** A disk that says "flushed" and lies. A clock that is wrong and stays
wrong: what has an hour (a broadcast, a reminder, the end of what is kept) has it by that clock. A
platform that forgets updates after a day (Telegram) while the bot is off for longer.
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a test, with all its parameters, ended."""

    runs: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(slots=True)
class Results:
    """Outcomes by ``file::test``; ``figures`` are what tests have counted."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    figures: dict[str, int] = field(default_factory=dict)

    @property
    def failed(self) -> list[str]:
        """The tests that failed."""
        return [name for name, outcome in self.outcomes.items() if outcome.failed]

    def add(self, later: Results) -> None:
        """A later run, which counts where a test had failed."""
        for name, outcome in later.outcomes.items():
            before = self.outcomes.get(name)
            if before is None or before.failed:
                self.outcomes[name] = outcome
        self.figures |= later.figures

    def held(self, fault: Fault, *, skipping: bool = False) -> bool:
        """Whether all its tests ran and passed; ``skipping``: where it is enough that none of them
        failed."""
        ran = [self.outcomes[name] for name in fault.tests if name in self.outcomes]
        whole = len(ran) == len(fault.tests) and not any(one.skipped for one in ran)
        return not any(one.failed for one in ran) and (skipping or whole)

    def all_held(self, faults: Sequence[Fault], *, skipping: bool = False) -> bool:
        """Whether all of these held."""
        return all(self.held(fault, skipping=skipping) for fault in faults)


def read(results: Path) -> Results:
    """What pytest wrote down (JUnit's format)."""
    found = Results()
    for case in ElementTree.parse(results).iter("testcase"):
        file = case.attrib["classname"].removeprefix("tests.").replace(".", "/") + ".py"
        name = f"{file}::{case.attrib['name'].partition('[')[0]}"
        before = found.outcomes.get(name, Outcome())
        failed = case.find("failure") is not None or case.find("error") is not None
        found.outcomes[name] = Outcome(
            before.runs + 1,
            before.failed + failed,
            before.skipped + (case.find("skipped") is not None),
        )
        for one in case.iter("property"):
            figure = one.attrib["name"]
            found.figures[figure] = found.figures.get(figure, 0) + int(one.attrib["value"])
    return found


def summary(faults: Sequence[Fault], found: Results) -> str:
    """A line a fault."""
    words = {True: "held", False: "NOT HELD"}
    lines = []
    for fault in faults:
        ran = sum(name in found.outcomes for name in fault.tests)
        word = words[found.held(fault, skipping=True)] if ran else "not run"
        missing = f" ({ran} of {len(fault.tests)} tests)" if ran < len(fault.tests) else ""
        lines.append(f"{word:<9}{fault.kind:<10}{fault.what}{missing}")
        lines += [
            f"           {name}"
            for name in fault.tests
            if name in found.outcomes and found.outcomes[name].failed
        ]
    return "\n".join(lines)


def page(faults: Sequence[Fault], found: Results) -> str:
    """The page on all of them."""
    parts = [HEAD]
    if "deaths" in found.figures:
        parts.append(
            f"The run behind this page: Python {platform.python_version()}, SQLite"
            f" {sqlite3.sqlite_version}, {platform.system()}; {_spoken(found.figures['deaths'])}"
            f" deaths of a program that did {_spoken(found.figures['acts'])} things to its files,"
            f" {_spoken(found.figures['starts'])} of them followed by a start."
            f" Controls: {_spoken(found.figures['caught'])} of"
            f" {_spoken(found.figures['controls'])} power cuts were seen to lose what was"
            " acknowledged.\n"
        )
    for kind in dict.fromkeys(fault.kind for fault in faults):
        parts.append(f"## {kind}\n\n| fault | what holds | held by |\n|---|---|---|")
        parts.extend(
            f"| {fault.what} | {fault.holds} | {_tests(fault)} |"
            for fault in faults
            if fault.kind == kind
        )
        parts.append("")
    return "\n".join(parts)


def _tests(fault: Fault) -> str:
    """Their files, and how many of each."""
    files: dict[str, int] = {}
    for name in fault.tests:
        file = name.partition("::")[0]
        files[file] = files.get(file, 0) + 1
    return ", ".join(
        f"`{file}`" + (f" ({number})" if number > 1 else "") for file, number in files.items()
    )


def _spoken(number: int) -> str:
    return f"{number:,}"
