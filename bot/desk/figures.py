"""What staff see of how it goes: stages by period, beside those of the period before.

Every number is told in tens ("fewer than 20" below), wherever it is shown, so that nobody is
counted out of two of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.content import Campaign
from bot.campaign.crowd import rounded
from bot.campaign.stages import DECLARED, FUNNEL, SHOWN, Counted, Dimension, Stage
from bot.store import stages

WEEK = 7
PERIODS = (WEEK, 28, 91, 365)
"""Days that can be looked at; a week is compared with the week before, and so on."""


@dataclass(frozen=True, slots=True)
class Line:
    """A stage: how many, and in the period before; in tens (0: fewer than can be told)."""

    stage: Stage
    now: int
    before: int
    started: int

    @property
    def is_declared(self) -> bool:
        """Whether supporters say so; else the bot has seen it."""
        return self.stage in DECLARED

    @property
    def share(self) -> int | None:
        """Of those who started, in percent; None where too few are told."""
        return round(100 * self.now / self.started) if self.now and self.started else None

    @property
    def change(self) -> int | None:
        """Against the period before; None where too few are told."""
        return self.now - self.before if self.now and self.before else None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a case's story: how many have read it, and which share of those of the first."""

    number: int
    many: int
    share: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """From ``first`` to ``last``, these included; ``since``: the first day that was counted.

    ``funnel``: all together. ``by``: each thing apart, its values with most who started first.
    ``days``: everybody, day by day.
    """

    first: date
    last: date
    since: date | None
    funnel: Sequence[Line]
    took_back: int
    by: Mapping[Dimension, Sequence[tuple[str, Mapping[Stage, int]]]]
    steps: Mapping[str, Sequence[Step]]
    days: Sequence[tuple[date, Mapping[Stage, int]]]

    @property
    def period(self) -> int:
        """In days."""
        return (self.last - self.first).days + 1


async def read(
    connection: AsyncConnection, campaign: Campaign, today: date, period: int = WEEK
) -> Figures:
    """The figures of the last so many days, today's included."""
    first = today - timedelta(days=period - 1)
    now = await stages.between(connection, first, today)
    days = await stages.by_day(connection, first - timedelta(days=period), today)
    before: Counter[Stage] = Counter()
    for (day, stage), number in days.items():
        before[stage] += number if day < first else 0
    started = _told(now, Stage.STARTED)
    return Figures(
        first,
        today,
        await stages.since(connection),
        [Line(one, _told(now, one), rounded(before[one]), started) for one in FUNNEL],
        _told(now, Stage.TOOK_BACK),
        {one: _apart(now, one) for one in SHOWN if one is not Dimension.STEP},
        {case: _steps(now, case, len(told.story)) for case, told in campaign.cases.items()},
        [
            (day, {one: rounded(days.get((day, one), 0)) for one in FUNNEL})
            for day in (first + timedelta(days=n) for n in range(period))
        ],
    )


def _told(numbers: Mapping[Counted, int], stage: Stage) -> int:
    return rounded(numbers.get((Dimension.ALL, "", stage), 0))


def _apart(
    numbers: Mapping[Counted, int], dimension: Dimension
) -> list[tuple[str, Mapping[Stage, int]]]:
    found: dict[str, dict[Stage, int]] = {}
    for (by, value, stage), number in numbers.items():
        if by is dimension:
            found.setdefault(value, {})[stage] = number
    most = sorted(found.items(), key=lambda one: (-one[1].get(Stage.STARTED, 0), one[0]))
    return [
        (value, {stage: rounded(told.get(stage, 0)) for stage in FUNNEL}) for value, told in most
    ]


def _steps(numbers: Mapping[Counted, int], case: str, steps: int) -> list[Step]:
    read = [
        rounded(numbers.get((Dimension.STEP, f"{case}:{number}", Stage.READ), 0))
        for number in range(1, steps + 1)
    ]
    return [
        Step(number, many, round(100 * many / read[0]) if many and read[0] else None)
        for number, many in enumerate(read, start=1)
    ]


def as_rows(figures: Figures) -> list[tuple[str, ...]]:
    """The same as a table: first and last day, by what, its value, stage; then the number in tens,
    "<20" for fewer."""
    whole = [("all", "", line.stage.value, line.now) for line in figures.funnel]
    whole.append(("all", "", Stage.TOOK_BACK.value, figures.took_back))
    apart = [
        (dimension.value, value, stage.value, number)
        for dimension, rows in figures.by.items()
        for value, told in rows
        for stage, number in told.items()
    ]
    steps = [
        ("step", f"{case}:{step.number}", Stage.READ.value, step.many)
        for case, told in figures.steps.items()
        for step in told
    ]
    days = [
        ("day", day.isoformat(), stage.value, number)
        for day, told in figures.days
        for stage, number in told.items()
    ]
    period = f"{figures.first}/{figures.last}"
    return [
        (period, *one, str(number) if number else "<20")
        for *one, number in (*whole, *apart, *steps, *days)
    ]
