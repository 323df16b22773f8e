"""The picture in a broadcast's report: deliveries over time, and by language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor, log10
from typing import Any

from babel import Locale
from babel.dates import format_datetime, format_skeleton, format_time
from babel.numbers import format_decimal

from bot.campaign.channel import Made
from bot.documents.naming import file_name
from bot.documents.typesetting import CannotTypesetError, off_the_loop, png, printable
from bot.wording.formats import locale_of

TEMPLATE = "chart.typ"
PPI = 144
"""Two pixels a point: 1400 across."""
# Enough for a curve 600 points wide; a broadcast of a day may have tens of thousands of them.
POINTS = 350
COUNTS, TIMES = 6, 9
"""Labels at an axis, at most."""
ROOM = 1.15
"""For the figure at the end of the longest bar."""
STEPS = (
    *(timedelta(seconds=one) for one in (1, 5, 15, 30, 60, 300, 900, 1800)),
    *(timedelta(hours=one) for one in (1, 2, 3, 6, 12)),
    *(timedelta(days=one) for one in (1, 2, 7, 14, 30, 90, 365)),
)
"""From one label of the time to the next."""
# How times are written along the curve, by what it spans: of a broadcast of days the day, too.
SHORT, WITHIN_A_DAY = timedelta(minutes=5), timedelta(hours=36)


class CannotDrawError(RuntimeError):
    """The chart could not be drawn. The report goes out as text alone."""


@dataclass(frozen=True, slots=True)
class ChartLabels:
    """The words on the chart, in the language of the staff member who reads it."""

    language: str
    title: str
    subtitle: str
    over_time: str = ""
    by_language: str = ""
    file: str = "diffusion"


async def broadcast_chart(
    over_time: Sequence[tuple[datetime, int]],
    by_language: Sequence[tuple[str, int]],
    labels: ChartLabels,
    *,
    accent: str = "#0b5f6b",
) -> Made:
    """Deliveries so far at each time (times in the campaign's zone), and deliveries by language.

    Raises ``CannotDrawError``.
    """
    largest_first = sorted(by_language, key=lambda one: -one[1])
    return await _drawn(labels, accent, _curve(over_time, labels), largest_first)


async def stages_chart(
    stages: Sequence[tuple[str, int]], labels: ChartLabels, *, accent: str = "#0b5f6b"
) -> Made:
    """How many came to each stage of the way, in its order. Raises ``CannotDrawError``."""
    return await _drawn(labels, accent, {"curve": [], "counts": [], "times": []}, stages)


async def _drawn(
    labels: ChartLabels,
    accent: str,
    curve: dict[str, Any],
    bars: Sequence[tuple[str, int]],
) -> Made:
    shown = {
        "language": labels.language,
        "title": printable(labels.title),
        "subtitle": printable(labels.subtitle),
        "over_time": printable(labels.over_time),
        "by_language": printable(labels.by_language),
        "accent": accent,
        **curve,
        "bars": _bars(bars, labels.language),
    }
    try:
        picture = await off_the_loop(lambda: png(TEMPLATE, shown, PPI))
    except CannotTypesetError as problem:
        raise CannotDrawError(str(problem)) from None
    return Made(file_name(labels.file, ending="png"), "image/png", picture)


def _bars(of: Sequence[tuple[str, int]], language: str) -> list[dict[str, Any]]:
    longest = max([1, *(count for _, count in of)]) * ROOM
    return [
        {"name": printable(name), "share": count / longest, "label": _number(count, language)}
        for name, count in of
    ]


def _number(count: int, language: str) -> str:
    return format_decimal(count, locale=_locale(language))


def _curve(over_time: Sequence[tuple[datetime, int]], labels: ChartLabels) -> dict[str, Any]:
    """What the template is given of it: places as parts of its frame, and labels."""
    points = [(at.replace(tzinfo=None), count) for at, count in _thinned(over_time)]
    marks = count_marks(max([4, *(count for _, count in points)]))
    highest = marks[-1]
    begin, end = (points[0][0], points[-1][0]) if points else (datetime.min, datetime.min)
    span = end - begin
    return {
        "curve": [[_part(at - begin, span), count / highest] for at, count in points],
        "counts": [
            {"at": count / highest, "label": _number(count, labels.language)} for count in marks
        ],
        "times": [
            {"at": _part(at - begin, span), "label": _moment(at, span, labels.language)}
            for at in time_marks(begin, end)
        ],
    }


def _part(of: timedelta, span: timedelta) -> float:
    return of / span if span else 0.0


def _thinned(points: Sequence[tuple[datetime, int]]) -> list[tuple[datetime, int]]:
    """At most ``POINTS`` of them, the first and the last among them."""
    if len(points) <= POINTS:
        return list(points)
    last = len(points) - 1
    return [points[round(number * last / (POINTS - 1))] for number in range(POINTS)]


def count_marks(highest: int) -> list[int]:
    """Round numbers from 0 to the first that is no less than the highest count."""
    size = 10 ** floor(log10(highest))
    steps = (max(1, size * part // 10) for part in (1, 2, 5, 10, 20))
    step = next(one for one in steps if ceil(highest / one) <= COUNTS)
    return [step * number for number in range(ceil(highest / step) + 1)]


def time_marks(begin: datetime, end: datetime) -> list[datetime]:
    """Round moments between the two, both among them where they are round."""
    span = end - begin
    if not span:
        return [begin] if begin != datetime.min else []
    step = next((one for one in STEPS if span / one <= TIMES - 1), STEPS[-1])
    midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight + step * ceil((begin - midnight) / step)
    return [first + step * number for number in range(int((end - first) / step) + 1)]


def _locale(language: str) -> Locale:
    """How numbers and times are written; in a language that nobody knows as in English."""
    try:
        return locale_of(language)
    except LookupError:
        return locale_of("en")


def _moment(at: datetime, span: timedelta, language: str) -> str:
    locale = _locale(language)
    if span <= WITHIN_A_DAY:
        return format_time(at, "HH:mm:ss" if span <= SHORT else "HH:mm", locale=locale)
    if (at.hour, at.minute) == (0, 0):
        return format_skeleton("MMMd", at, locale=locale)
    return f"{format_skeleton('MMMd', at, locale=locale)} {format_datetime(at, 'HH:mm')}"
