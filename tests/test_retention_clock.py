"""How far back the retention clock goes, at the ends of months."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.store.overdue import months_before


@pytest.mark.parametrize(
    ("moment", "months", "before"),
    [
        ((2026, 3, 15), 1, (2026, 2, 15)),
        ((2026, 3, 31), 1, (2026, 2, 28)),
        ((2026, 3, 29), 1, (2026, 2, 28)),
        ((2028, 3, 31), 1, (2028, 2, 29)),
        ((2026, 7, 31), 1, (2026, 6, 30)),
        ((2026, 1, 31), 1, (2025, 12, 31)),
        ((2026, 12, 31), 12, (2025, 12, 31)),
        ((2028, 2, 29), 12, (2027, 2, 28)),
        ((2026, 3, 28), 36, (2023, 3, 28)),
    ],
)
def test_so_many_months_before_is_the_same_day_or_the_months_last(
    moment: tuple[int, int, int], months: int, before: tuple[int, int, int]
) -> None:
    assert months_before(datetime(*moment, tzinfo=UTC), months) == datetime(*before, tzinfo=UTC)
