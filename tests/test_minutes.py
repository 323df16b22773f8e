"""Numbers by the minute: they add up, grow old, and survive a clock that is set back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.campaign.minutes import Minutes

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 5)), max_size=20))
def test_what_happened_within_the_last_minutes_is_counted_and_nothing_older(
    happened: list[tuple[int, int]],
) -> None:
    minutes = Minutes()
    for minute, number in sorted(happened):
        minutes.add(number, NOON + timedelta(minutes=minute))
    now = NOON + timedelta(minutes=200)
    for last in (1, 10, 60, 300):
        wanted = sum(number for minute, number in happened if minute > 200 - last)
        assert minutes.within(last, now) == wanted
    assert minutes.forget(60, now) is (minutes.within(60, now) > 0)


def test_after_the_clock_was_set_back_what_was_counted_counts_from_now_on() -> None:
    minutes = Minutes()
    minutes.add(3, NOON + timedelta(days=2))
    assert minutes.within(10, NOON) == 3
    assert minutes.within(10, NOON + timedelta(minutes=9)) == 3
    assert minutes.within(10, NOON + timedelta(minutes=10)) == 0
    assert not minutes.forget(10, NOON + timedelta(minutes=10))
