"""Pictures of figures: deliveries of a broadcast over time and by language, stages of the way."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from bot.campaign.channel import Made
from bot.documents.fonts import FONT_FOLDERS
from bot.documents.naming import file_name

# Enough for a curve 700 pixels wide; a broadcast of a day may have tens of thousands of points.
POINTS = 350
SECONDS = 30
# How numbers and times are written; other languages are written as in English.
LOCALES = {"fr": "fr-FR", "de": "de-DE", "es": "es-ES", "it": "it-IT", "nl": "nl-NL"}
# How times are written along the curve, by how long it took (d3-time-format).
TIME_FORMATS = (
    (timedelta(minutes=5), "%H:%M:%S"),
    (timedelta(hours=36), "%H:%M"),
    (timedelta.max, "%-d %b %H:%M"),
)

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
INK, FAINT, GRID = "#26323a", "#6b7780", "#e6eaec"


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

    Made by another process in about a second. Raises ``CannotDrawError``.
    """
    return await _made(_chart(_thinned(over_time), by_language, labels, accent), labels)


async def stages_chart(
    stages: Sequence[tuple[str, int]], labels: ChartLabels, *, accent: str = "#0b5f6b"
) -> Made:
    """How many came to each stage of the way, in its order. Raises ``CannotDrawError``."""
    chart = {
        "$schema": SCHEMA,
        "title": {"text": labels.title, "subtitle": labels.subtitle},
        "padding": 20,
        **_bars(stages, accent),
        "config": _LOOK,
    }
    return await _made(chart, labels)


async def _made(chart: dict[str, Any], labels: ChartLabels) -> Made:
    request = {
        "chart": chart,
        "scale": 2,
        "locale": LOCALES.get(labels.language, "en-US"),
        "fonts": [str(files(package).joinpath(folder)) for package, folder in FONT_FOLDERS],
    }
    picture = await _drawn(json.dumps(request).encode())
    return Made(file_name(labels.file, ending="png"), "image/png", picture)


async def _drawn(request: bytes) -> bytes:
    # An environment of its own: no secret of ours goes along, and times stay as they are given.
    environment = {"TZ": "UTC", "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")}
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(files("bot.documents").joinpath("render_chart.py")),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
    )
    try:
        picture, _ = await asyncio.wait_for(program.communicate(request), SECONDS)
    except TimeoutError:
        raise CannotDrawError(f"the chart took more than {SECONDS} s") from None
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
    if program.returncode != 0 or not picture:
        raise CannotDrawError(f"the chart was not drawn (exit code {program.returncode})")
    return picture


def _thinned(points: Sequence[tuple[datetime, int]]) -> list[tuple[datetime, int]]:
    """At most ``POINTS`` of them, the first and the last among them."""
    if len(points) <= POINTS:
        return list(points)
    last = len(points) - 1
    return [points[round(number * last / (POINTS - 1))] for number in range(POINTS)]


def _time_format(over_time: Sequence[tuple[datetime, int]]) -> str:
    span = over_time[-1][0] - over_time[0][0] if over_time else timedelta()
    return next(format_ for longest, format_ in TIME_FORMATS if span <= longest)


def _chart(
    over_time: Sequence[tuple[datetime, int]],
    by_language: Sequence[tuple[str, int]],
    labels: ChartLabels,
    accent: str,
) -> dict[str, Any]:
    curve = [
        {"at": moment.replace(tzinfo=None).isoformat(timespec="seconds"), "count": count}
        for moment, count in over_time
    ]
    highest = max([4, *(count for _, count in over_time)])
    return {
        "$schema": SCHEMA,
        "title": {"text": labels.title, "subtitle": labels.subtitle},
        "padding": 20,
        "spacing": 26,
        "vconcat": [
            {
                "title": {"text": labels.over_time, "fontSize": 12, "color": FAINT},
                "width": 600,
                "height": 190,
                "data": {"values": curve},
                "mark": {
                    "type": "area",
                    "interpolate": "monotone",
                    "color": accent,
                    "fillOpacity": 0.14,
                    "line": {"color": accent, "strokeWidth": 2.2},
                },
                "encoding": {
                    "x": {
                        "field": "at",
                        "type": "temporal",
                        "title": None,
                        "axis": {
                            "grid": False,
                            "tickCount": 6,
                            "labelOverlap": True,
                            "format": _time_format(over_time),
                        },
                    },
                    "y": {
                        "field": "count",
                        "type": "quantitative",
                        "title": None,
                        "axis": {"format": ",d", "tickCount": 4, "tickMinStep": 1},
                        "scale": {"domain": [0, highest], "nice": 4},
                    },
                },
            },
            _bars(by_language, accent, labels.by_language),
        ],
        "resolve": {"scale": {"x": "independent", "y": "independent"}},
        "config": _LOOK,
    }


def _bars(counts: Sequence[tuple[str, int]], accent: str, title: str = "") -> dict[str, Any]:
    """A bar for each, with its number at the end; in the order that is given where there is no
    title, else the longest first."""
    bars = [{"name": name, "count": count} for name, count in counts]
    named = {"title": {"text": title, "fontSize": 12, "color": FAINT}} if title else {}
    return {
        **named,
        "width": 600,
        "height": {"step": 26},
        "data": {"values": bars},
        "encoding": {
            "y": {
                "field": "name",
                "type": "nominal",
                "sort": "-x" if title else None,
                "title": None,
                "axis": {
                    "ticks": False,
                    "domain": False,
                    "grid": False,
                    "labelPadding": 8,
                    "labelLimit": 260,
                },
            },
            "x": {
                "field": "count",
                "type": "quantitative",
                "axis": None,
                # Room for the figure at the end of the longest bar.
                "scale": {"domain": [0, max([1, *(count for _, count in counts)]) * 1.15]},
            },
        },
        "layer": [
            {"mark": {"type": "bar", "color": accent, "height": 15, "cornerRadiusEnd": 2}},
            {
                "mark": {"type": "text", "align": "left", "dx": 6, "color": INK},
                "encoding": {"text": {"field": "count", "format": ",d"}},
            },
        ],
    }


_LOOK = {
    "font": "Noto Sans Arabic, Noto Sans SC",
    "background": "white",
    "view": {"stroke": None},
    "title": {
        "anchor": "start",
        "frame": "group",
        "font": "Noto Sans Arabic, Noto Sans SC",
        "subtitleFont": "Noto Sans Arabic, Noto Sans SC",
        "fontSize": 17,
        "fontWeight": "normal",
        "color": INK,
        "subtitleColor": FAINT,
        "subtitleFontSize": 12,
        "subtitlePadding": 6,
        "offset": 12,
    },
    "axis": {
        "labelColor": FAINT,
        "labelFontSize": 11,
        "gridColor": GRID,
        "domainColor": GRID,
        "tickColor": GRID,
    },
}
