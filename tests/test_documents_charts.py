"""A chart of a broadcast, drawn by another process."""

from __future__ import annotations

import asyncio
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
    # The library itself would hold the loop from its beginning to its end.
    assert turns > 10


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
    with pytest.raises(CannotDrawError, match="exit code"):
        await charts._drawn(b"no json")


async def test_a_chart_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "SECONDS", 0.01)
    with pytest.raises(CannotDrawError, match="more than"):
        await broadcast_chart([(START, 1)], [("fr", 1)], LABELS)


def test_a_million_points_are_thinned_with_both_ends_kept() -> None:
    points = [(START + timedelta(seconds=at), at) for at in range(100_000)]
    thinned = charts._thinned(points)
    assert len(thinned) == charts.POINTS
    assert thinned[0] == points[0]
    assert thinned[-1] == points[-1]
    assert charts._thinned(points[:3]) == points[:3]
