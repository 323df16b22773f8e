"""A chart of a broadcast, drawn beside the conversation."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.documents import charts
from bot.documents.charts import CannotDrawError, ChartLabels, broadcast_chart

START = datetime(2026, 3, 5, 14, 0)
LABELS = ChartLabels(
    language="fr",
    title="Nouvelles de Mamat",
    subtitle="Envoyé le 5 mars 2026",
    over_time="Messages remis au fil du temps",
    by_language="Messages remis par langue",
    file="Diffusion",
)


async def test_a_chart_is_drawn_while_the_event_loop_goes_on() -> None:
    turns = 0

    async def tick() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.005)
            turns += 1

    ticking = asyncio.create_task(tick())
    points = [(START + timedelta(seconds=at), at * 29) for at in range(0, 36_000, 2)]
    made = await broadcast_chart(
        points, [("français", 900_000), ("English", 144_000), ("中文", 12)], LABELS
    )
    ticking.cancel()
    assert (made.name, made.media_type) == ("diffusion.png", "image/png")
    assert made.content.startswith(b"\x89PNG")
    assert int.from_bytes(made.content[16:20]) > 1000
    assert turns > 2


@pytest.mark.parametrize(
    ("over_time", "by_language"),
    [
        ([], []),
        ([(START, 0)], [("français", 0)]),
        ([(START, 0), (START + timedelta(days=4), 7)], [("a", 3), ("b", 4)]),
    ],
)
async def test_little_or_nothing_to_show_still_makes_a_chart(
    over_time: list[tuple[datetime, int]], by_language: list[tuple[str, int]]
) -> None:
    made = await broadcast_chart(over_time, by_language, LABELS)
    assert made.content.startswith(b"\x89PNG")


async def test_a_chart_that_cannot_be_drawn_is_an_error_with_a_name() -> None:
    with pytest.raises(CannotDrawError):
        await broadcast_chart([(START, 1)], [("fr", 1)], LABELS, accent="no colour")


async def test_what_no_font_has_is_left_out_and_an_unknown_language_is_drawn() -> None:
    labels = replace(LABELS, title="Nouvelles 🕯 de Mamat", language="xx")
    made = await broadcast_chart([(START, 1)], [("𓀀", 1)], labels)
    assert made.content.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("highest", "marks"),
    [
        (4, [0, 1, 2, 3, 4]),
        (7, [0, 2, 4, 6, 8]),
        (12, [0, 2, 4, 6, 8, 10, 12]),
        (297, [0, 50, 100, 150, 200, 250, 300]),
        (1_027_000, [0, 200_000, 400_000, 600_000, 800_000, 1_000_000, 1_200_000]),
    ],
)
def test_counts_are_marked_at_round_numbers_up_to_the_highest(
    highest: int, marks: list[int]
) -> None:
    assert charts.count_marks(highest) == marks


@pytest.mark.parametrize("highest", [*range(1, 120), 999, 1000, 1001, 10**7])
def test_few_marks_hold_every_count(highest: int) -> None:
    marks = charts.count_marks(highest)
    assert marks[0] == 0
    assert marks[-2] < highest <= marks[-1]
    assert len(marks) <= charts.COUNTS + 1


@pytest.mark.parametrize(
    ("minutes", "first", "count"),
    [(3, "14:02:00", 7), (600, "16:00", 5), (2000, "18:00", 5), (6000, "6 mars", 4)],
)
def test_time_is_marked_at_round_moments(minutes: int, first: str, count: int) -> None:
    begin = START + timedelta(minutes=2)
    marks = charts.time_marks(begin, begin + timedelta(minutes=minutes))
    assert charts._moment(marks[0], timedelta(minutes=minutes), "fr") == first
    assert len(marks) == count


def test_a_million_points_are_thinned_with_both_ends_kept() -> None:
    points = [(START + timedelta(seconds=at), at) for at in range(100_000)]
    thinned = charts._thinned(points)
    assert len(thinned) == charts.POINTS
    assert thinned[0] == points[0]
    assert thinned[-1] == points[-1]
    assert charts._thinned(points[:3]) == points[:3]
