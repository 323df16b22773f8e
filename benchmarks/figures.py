"""Figures as they were measured: medians with their spread, beside a peer of the same run."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Figure:
    """Something measured again and again; ``peers`` in the same rounds, where there is a peer."""

    what: str
    unit: str
    ours: Sequence[float]
    peer: str = ""
    peers: Sequence[float] = ()
    digits: int = 2

    @property
    def ratio(self) -> tuple[float, float, float] | None:
        """Ours to the peer's: the median of the rounds, the least and the greatest."""
        if not self.peers:
            return None
        pairs = list(zip(self.ours, self.peers, strict=False))
        ratios = [one / other for one, other in pairs if other]
        return (statistics.median(ratios), min(ratios), max(ratios)) if ratios else None


@dataclass(slots=True)
class Part:
    """What one benchmark found. ``lines`` are its own words, ``facts`` what was counted,
    ``curves`` its charts: label → points, by the chart's name."""

    name: str
    title: str
    how: str
    figures: list[Figure] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    lines: str = ""
    curves: dict[str, Curve] = field(default_factory=dict)
    circumstances: str = ""

    def as_json(self) -> dict[str, Any]:
        """To be kept until the page is written."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """What was kept."""
        figures = [Figure(**one) for one in kept.pop("figures")]
        curves = {name: Curve(**one) for name, one in kept.pop("curves").items()}
        return cls(**kept, figures=figures, curves=curves)


@dataclass(slots=True)
class Curve:
    """A chart of one or several lines over the same axis."""

    x: str
    y: str
    lines: dict[str, list[tuple[float, float]]]
    is_logarithmic: bool = False


def spoken(values: Sequence[float], digits: int = 2) -> str:
    """The median, and in brackets the least and the greatest where there are several."""

    def one(value: float) -> str:
        return f"{value:,.{digits}f}"

    middle = one(statistics.median(values))
    if len(values) < 2:
        return middle
    return f"{middle} ({one(min(values))} – {one(max(values))})"


def slope(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """How much y grows with x (least squares), and twice the error of that."""
    number = len(points)
    if number < 3:
        return math.nan, math.nan
    mean_x = statistics.fmean(x for x, _ in points)
    mean_y = statistics.fmean(y for _, y in points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if not spread:
        return math.nan, math.nan
    grows = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    left = sum((y - mean_y - grows * (x - mean_x)) ** 2 for x, y in points)
    return grows, 2 * math.sqrt(left / (number - 2) / spread)


def exponent(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """k in y ~ x^k, and twice the error of that; of two points there is no error to be known."""
    logs = [(math.log(x), math.log(y)) for x, y in points if x > 0 and y > 0]
    if len(logs) == 2:
        (x0, y0), (x1, y1) = logs
        return (y1 - y0) / (x1 - x0), math.nan
    return slope(logs)


def in_blocks(points: Sequence[tuple[float, float]], blocks: int) -> list[tuple[float, float]]:
    """Means of neighbours: samples that follow each other closely are no samples of their own."""
    size = max(1, len(points) // blocks)
    pieces = [points[at : at + size] for at in range(0, len(points) - size + 1, size)]
    return [
        (statistics.fmean(x for x, _ in piece), statistics.fmean(y for _, y in piece))
        for piece in pieces
    ]
