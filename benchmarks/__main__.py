"""All benchmarks in one go, and the page of their figures (docs/benchmarks.md).

    python -m benchmarks                    all of it, two hours and more; leave the machine alone
    python -m benchmarks --quick            every part in small, some minutes
    python -m benchmarks starts pages       only these parts; the others stay as they were found
    python -m benchmarks --page             only write the page anew

What a part has found is kept in build/benchmarks/, so a run that was cut short can be gone on with.
"""

from __future__ import annotations

import argparse
import sys
import time

from benchmarks import page
from benchmarks.parts import PARTS, measured


def main() -> None:
    """Run what is asked for, and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--page", action="store_true")
    given = parser.parse_args()
    unknown = [name for name in given.parts if name not in PARTS]
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}: choose from {', '.join(PARTS)}")
    failed = []
    for name in [] if given.page else given.parts or PARTS:
        begun = time.monotonic()
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            before = page.load()
            page.keep(measured(name, given.quick), before, quick=given.quick)
        except Exception as problem:
            # The others are worth having all the same.
            failed.append(name)
            print(f"{name} failed: {problem!r}", file=sys.stderr)
        print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    page.write(page.kept(list(PARTS)))
    print(f"written to {page.PAGE.relative_to(page.ROOT)}")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
