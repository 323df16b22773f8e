"""The fault campaign: run every test that the table names, and write down what was found.

    python -m tests.faults              all of it, some minutes; writes docs/proof.md
    python -m tests.faults --quick      what the README's test command runs too; writes nothing
    python -m tests.faults --long       with twenty thousand power cuts
    python -m tests.faults power page   only faults whose words hold one of these; writes nothing

The exit code is 0 where everything held.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.faults.report import Results, page, read, summary
from tests.faults.table import FAULTS, Fault

ROOT = Path(__file__).parent.parent.parent
REPORT = ROOT / "docs" / "proof.md"


def run(faults: Sequence[Fault], *, quick: bool, long: bool, jobs: int) -> Results:
    """Run their tests, each once however many faults name it."""
    names = sorted({f"tests/{name}" for fault in faults for name in fault.tests})
    given = {"FAULTS_CUTS": "20000"} if long else {}
    with tempfile.TemporaryDirectory() as place:
        told = Path(place) / "results.xml"
        options = ["-q", "--strict-markers", f"--junit-xml={told}"]
        found = Results()
        for alone in (False, True):
            chosen = [f"tests/{name}" for name in found.failed] if alone else names
            if not chosen:
                break
            # As .ci/run does it: what fails beside others is tried once more by itself.
            subprocess.run(
                [sys.executable, "-m", "pytest", "-o", "addopts=", *options]
                + ["-n", "0" if alone else str(jobs)]
                + (["-m", "not slow"] if quick else [])
                + chosen,
                cwd=ROOT,
                env={**os.environ, **given},
                check=False,
            )
            if told.exists():
                found.add(read(told))
                told.unlink()
    return found


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("words", nargs="*")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--jobs", type=int, default=4)
    given = parser.parse_args()
    chosen = [
        fault
        for fault in FAULTS
        if not given.words
        or any(word.lower() in f"{fault.kind} {fault.what}".lower() for word in given.words)
    ]
    if not chosen:
        parser.error(f"no fault is called {' or '.join(given.words)}: see tests/faults/table.py")
    found = run(chosen, quick=given.quick, long=given.long, jobs=given.jobs)
    print(summary(chosen, found))
    if not given.quick and not given.words and found.all_held(FAULTS):
        REPORT.write_text(page(FAULTS, found), encoding="utf-8")
        print(f"written to {REPORT.relative_to(ROOT)}")
    sys.exit(0 if found.all_held(chosen, skipping=given.quick) else 1)


if __name__ == "__main__":
    main()
