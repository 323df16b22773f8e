"""How it goes: the way from the first word to an act, by period, and where people leave it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from starlette.responses import Response

from bot.campaign.messages import words
from bot.campaign.staff import Role
from bot.campaign.stages import FUNNEL, Dimension, Stage
from bot.desk import figures
from bot.desk.figures import PERIODS, WEEK, Figures
from bot.web.desk.room import HEADERS, Visit

WIDTH, HEIGHT, WIDEST = 720, 130, 24
"""Of the drawing of days, in its own units."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A day in the drawing: where it stands, how high."""

    x: float
    y: float
    width: float
    height: float


async def today(visit: Visit) -> Response:
    """The figures of a period, by default the last week."""
    found = await _figures(visit)
    stage = _stage(visit)
    days = [(day, numbers[stage]) for day, numbers in found.days]
    owns = visit.member.role is Role.OWNER
    return visit.page(
        "today.html",
        wrong=[visit.spoken(told).split("\n\n") for told in visit.access.wrong()] if owns else [],
        figures=found,
        periods=PERIODS,
        stages=FUNNEL,
        stage=stage,
        most=max((line.now for line in found.funnel), default=0),
        bars=_bars([number for _, number in days]),
        days=days,
        highest=max((number for _, number in days), default=0),
        size=(WIDTH, HEIGHT + 1),
        value_name=lambda dimension, value: _name(visit, Dimension(dimension), value),
        day=lambda one: _day(visit, one),
    )


async def as_file(visit: Visit) -> Response:
    """The same for a spreadsheet."""
    found = await _figures(visit)
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(("period", "by", "value", "stage", "people"))
    table.writerows(figures.as_rows(found))
    name = f"figures-{found.first}-{found.last}.csv"
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(written.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


async def _figures(visit: Visit) -> Figures:
    asked = visit.request.query_params.get("days", "")
    period = int(asked) if asked.isdecimal() and int(asked) in PERIODS else WEEK
    async with visit.access.store.reading() as connection:
        return await figures.read(
            connection, visit.campaign, day_of(visit, visit.access.clock()), period
        )


def day_of(visit: Visit, moment: datetime) -> date:
    """The day where the campaign lives."""
    return moment.astimezone(ZoneInfo(visit.campaign.time_zone)).date()


def _stage(visit: Visit) -> Stage:
    asked = visit.request.query_params.get("stage", "")
    return next((one for one in FUNNEL if one.value == asked), Stage.STARTED)


def _bars(numbers: Sequence[int]) -> list[Bar]:
    highest = max(numbers, default=0) or 1
    room = WIDTH / max(1, len(numbers))
    width = min(WIDEST, room * 0.8)
    return [
        Bar(
            round(place * room + (room - width) / 2, 2),
            round(HEIGHT - HEIGHT * number / highest, 2),
            round(width, 2),
            round(HEIGHT * number / highest, 2),
        )
        for place, number in enumerate(numbers)
    ]


def _day(visit: Visit, day: date) -> str:
    return visit.text("day", day=day)


def _name(visit: Visit, dimension: Dimension, value: str) -> str:
    """What is counted, as people call it."""
    if dimension is Dimension.CASE and value in visit.campaign.cases:
        return visit.campaign.cases[value].full_name
    if dimension is Dimension.LANGUAGE:
        return visit.spoken(words("staff.language_name", language=value))
    key = f"{dimension.value}.{value or 'none'}"
    known = visit.wording.has(f"desk.{key}", visit.wording.languages[0])
    return visit.text(key) if known else value
