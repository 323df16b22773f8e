"""Charts of the benchmarks' page as plain SVG: what is drawn can be read in the file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from benchmarks.figures import Curve, Figure

INK, FAINT, GRID = "#26323a", "#6b7780", "#e6eaec"
COLOURS = ("#0b5f6b", "#b4552d", "#5a5aa8", "#6b7780")
WIDTH = 720
FONT = "font-family='system-ui, sans-serif' font-size='12'"


def _frame(height: float, inside: list[str], title: str) -> str:
    return "\n".join(
        [
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height:.0f}' {FONT}"
            f" role='img' aria-label='{escape(title, quote=True)}'>",
            f"<rect width='{WIDTH}' height='{height:.0f}' fill='white'/>",
            *inside,
            "</svg>",
            "",
        ]
    )


def _text(x: float, y: float, words: str, *, anchor: str = "start", fill: str = INK) -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' fill='{fill}'>{escape(words)}</text>"
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1) -> str:
    return (
        f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' stroke='{colour}'"
        f" stroke-width='{width}'/>"
    )


def ratios(figures: Sequence[Figure], title: str) -> str:
    """Each figure beside its peer: where the dot stands left of 1, ours needs less. The line
    through it goes from the least to the greatest of the rounds."""
    known = [(figure, ratio) for figure in figures if (ratio := figure.ratio) is not None]
    left, right, row = 300, WIDTH - 90, 38
    lowest = min(0.1, *(low for _, (_, low, _) in known)) if known else 0.1
    highest = max(2.0, *(high for _, (_, _, high) in known)) if known else 2.0
    span = math.log(highest / lowest)

    def x(ratio: float) -> float:
        return left + (right - left) * math.log(ratio / lowest) / span

    height = 64 + row * len(known)
    inside = [_text(0, 16, title)]
    for mark in (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100):
        if lowest <= mark <= highest:
            colour = FAINT if mark == 1 else GRID
            inside.append(_line(x(mark), 30, x(mark), height - 24, colour))
            inside.append(_text(x(mark), height - 8, f"{mark:g} ×", anchor="middle", fill=FAINT))
    for number, (figure, (middle, low, high)) in enumerate(known):
        y = 48 + row * number
        inside.append(_text(0, y - 1, figure.what))
        inside.append(_text(0, y + 14, f"beside {figure.peer}", fill=FAINT))
        inside.append(_line(x(low), y, x(high), y, COLOURS[0], 2))
        inside.append(f"<circle cx='{x(middle):.1f}' cy='{y}' r='5' fill='{COLOURS[0]}'/>")
        inside.append(_text(right + 12, y + 4, f"{middle:.2f} ×"))
    return _frame(height, inside, title)


def curve(drawn: Curve, title: str) -> str:
    """Lines over an axis; both axes by powers of ten where it is logarithmic."""
    left, right, top, bottom = 70, WIDTH - 210, 46, 290
    points = [point for line in drawn.lines.values() for point in line]
    if not points:
        return _frame(60, [_text(0, 16, title)], title)
    scale = math.log10 if drawn.is_logarithmic else float
    xs = [scale(x) for x, _ in points]
    ys = [scale(y) for _, y in points]
    low_x, high_x = min(xs), max(xs)
    low_y = math.floor(min(ys)) if drawn.is_logarithmic else 0.0
    high_y = math.ceil(max(ys)) if drawn.is_logarithmic else max(ys) * 1.1 or 1.0

    def place(x: float, y: float) -> tuple[float, float]:
        across = (scale(x) - low_x) / ((high_x - low_x) or 1)
        up = (scale(y) - low_y) / ((high_y - low_y) or 1)
        return left + (right - left) * across, bottom - (bottom - top) * up

    inside = [_text(0, 16, title), _text(left, bottom + 38, drawn.x, fill=FAINT)]
    inside.append(_text(left, top - 10, drawn.y, fill=FAINT))
    for mark in _marks(low_y, high_y, drawn.is_logarithmic):
        y = place(points[0][0], mark)[1]
        inside.append(_line(left, y, right, y, GRID))
        inside.append(_text(left - 8, y + 4, _number(mark), anchor="end", fill=FAINT))
    for mark in _marks(low_x, high_x, drawn.is_logarithmic):
        x = place(mark, points[0][1])[0]
        inside.append(_text(x, bottom + 18, _number(mark), anchor="middle", fill=FAINT))
    for number, (name, line) in enumerate(drawn.lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        way = " ".join("{:.1f},{:.1f}".format(*place(x, y)) for x, y in line)
        inside.append(f"<polyline points='{way}' fill='none' stroke='{colour}' stroke-width='2'/>")
        if len(line) < 20:
            for x, y in line:
                cx, cy = place(x, y)
                inside.append(f"<circle cx='{cx:.1f}' cy='{cy:.1f}' r='3.5' fill='{colour}'/>")
        inside.append(_text(right + 10, top + 14 + 20 * number, name, fill=colour))
    return _frame(bottom + 50, inside, title)


def _number(mark: float) -> str:
    return f"{mark:,.0f}" if mark >= 1 else f"{mark:g}"


def _marks(low: float, high: float, is_logarithmic: bool) -> list[float]:
    if is_logarithmic:
        return [10.0**power for power in range(math.ceil(low), math.floor(high) + 1)]
    step = 10 ** math.floor(math.log10((high - low) or 1))
    for factor in (1, 2, 5):
        if (high - low) / (step * factor) <= 6:
            step *= factor
            break
    first = math.ceil(low / step)
    return [number * step for number in range(first, math.floor(high / step) + 1)]
