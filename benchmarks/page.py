"""The page of figures, docs/benchmarks.md, from what the parts have found."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from benchmarks import charts
from benchmarks.figures import Figure, Part, spoken

ROOT = Path(__file__).parent.parent
KEPT = ROOT / "build" / "benchmarks"
PAGE = ROOT / "docs" / "benchmarks.md"
PICTURES = ROOT / "docs" / "benchmarks"
HEAD = """# Benchmarks

Every figure of this project, made by one command on one machine, beside peers in the same rounds.
It writes this page:

<!-- not run: takes two hours and more -->
```sh
.venv/bin/pip install -q -c constraints.txt -e '.[benchmark]'
.venv/bin/python -m benchmarks
```

`--quick` takes some minutes and shows the shape, not the size; names of parts choose. Figures are
medians of rounds in which the bots took turns, with the least and the greatest in brackets. A ratio
is that of a round's two figures: what else the machine did meanwhile was the same for both.
"""


def load() -> float:
    """How many others are at work on this machine (0 where it does not say)."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def keep(part: Part, before: float, *, quick: bool = False) -> None:
    """Until the page is written, also by a later run. ``before``: the load at its beginning."""
    part.circumstances = (
        f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()},"
        f" SQLite {sqlite3.sqlite_version}; load {before:.1f} before it began"
        + ("; a quick run" if quick else "")
    )
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{part.name}.json").write_text(json.dumps(part.as_json(), indent=1))


def kept(names: Sequence[str]) -> list[Part]:
    """What was found so far, in that order."""
    return [
        Part.from_json(json.loads(file.read_text()))
        for file in (KEPT / f"{name}.json" for name in names)
        if file.exists()
    ]


def write(parts: Sequence[Part]) -> None:
    """The page and its pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    text = [HEAD]
    beside = [figure for part in parts for figure in part.figures if figure.peers]
    if beside:
        title = "Beside peers in the same rounds (left of 1: less of it)"
        (PICTURES / "ratios.svg").write_text(charts.ratios(beside, title), encoding="utf-8")
        text.append("![Each figure as a ratio to its peer's](benchmarks/ratios.svg)\n")
    for part in parts:
        text += _section(part)
    PAGE.write_text("\n".join(text).rstrip() + "\n", encoding="utf-8")


def _section(part: Part) -> list[str]:
    lines = [f"## {part.title}", "", f"`{part.how}`. {part.circumstances}.", ""]
    if part.figures:
        lines += ["| what | figure | beside | ratio |", "|---|---|---|---|"]
        lines += [_row(figure) for figure in part.figures]
        lines.append("")
    lines += [f"- {fact}" for fact in part.facts]
    if part.facts:
        lines.append("")
    for name, curve in part.curves.items():
        file = PICTURES / f"{name}.svg"
        file.write_text(charts.curve(curve, part.title), encoding="utf-8")
        lines += [f"![{part.title}](benchmarks/{file.name})", ""]
    if part.lines:
        lines += ["```text", part.lines.rstrip(), "```", ""]
    return lines


def _row(figure: Figure) -> str:
    ours = f"{spoken(figure.ours, figure.digits)} {figure.unit}".rstrip()
    if figure.ratio is None:
        return f"| {figure.what} | {ours} | | |"
    middle, low, high = figure.ratio
    peer = f"{figure.peer}: {spoken(figure.peers, figure.digits)} {figure.unit}".rstrip()
    return f"| {figure.what} | {ours} | {peer} | {middle:.2f} × ({low:.2f} – {high:.2f}) |"
