"""The page of figures says what was measured: medians, ratios of a round, how a cost grows."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import page
from benchmarks.figures import Curve, Figure, Part, exponent, in_blocks, slope, spoken


def test_a_ratio_is_that_of_the_same_round() -> None:
    calm_then_busy = Figure("an update", "ms", [1.0, 10.0, 2.0], "a peer", [2.0, 20.0, 4.0])
    assert calm_then_busy.ratio == (0.5, 0.5, 0.5)
    assert Figure("an update", "ms", [1.0]).ratio is None
    assert spoken([3.0, 1.0, 2.0], 1) == "2.0 (1.0 – 3.0)"
    assert spoken([1234.0], 0) == "1,234"


def test_how_a_cost_grows_is_found_with_its_error() -> None:
    sizes = (1e3, 1e4, 1e5, 1e6)
    grows, error = exponent([(size, 0.5 * size**0.7) for size in sizes])
    assert grows == pytest.approx(0.7)
    assert error < 1e-6
    flat, error = exponent(
        [(size, 4.0 * noise) for size, noise in zip(sizes, (1, 1.1, 0.9, 1), strict=True)]
    )
    assert abs(flat) < error
    assert math.isnan(exponent([(1e3, 1), (1e4, 10)])[1])


def test_memory_that_is_flat_and_memory_that_grows_are_told_apart() -> None:
    chance = random.Random(1)
    hours = [number / 400 for number in range(400)]
    for wanted in (0.0, 20.0):
        seen = [(at, 180 + wanted * at + chance.gauss(0, 2)) for at in hours]
        grows, error = slope(in_blocks(seen, 20))
        assert abs(grows - wanted) < 2 * error < 6


def test_the_page_is_written_from_what_was_kept_by_several_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(page, "PAGE", tmp_path / "benchmarks.md")
    monkeypatch.setattr(page, "PICTURES", tmp_path / "benchmarks")
    starts = Part("starts", "A start", "python -m benchmarks.starts")
    starts.figures.append(Figure("a start", "s", [0.7, 0.8], "aiogram <echo>", [2.3, 2.4]))
    growth = Part("growth", "From a thousand", "python -m benchmarks.growth", facts=["k = 0.1"])
    growth.curves["growth"] = Curve("people", "ms", {"an update": [(1e3, 3), (1e6, 4)]}, True)
    growth.lines = "as it was said"
    page.keep(starts, 0.1)
    page.keep(growth, 0.1, quick=True)
    parts = page.kept(["growth", "never run", "starts"])
    assert [part.name for part in parts] == ["growth", "starts"]
    assert parts[1].figures[0].ratio == starts.figures[0].ratio
    page.write(parts)
    written = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert "| a start | 0.75 (0.70 – 0.80) s | aiogram <echo>: 2.35" in written
    assert "0.32 × (0.30 – 0.33)" in written
    for told in ("k = 0.1", "as it was said", "a quick run", "benchmarks/growth.svg"):
        assert told in written
    for picture in ("growth", "ratios"):
        ElementTree.parse(tmp_path / "benchmarks" / f"{picture}.svg")
    assert json.loads((tmp_path / "kept" / "growth.json").read_text())["curves"]
