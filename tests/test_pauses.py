"""What fails is tried again after pauses that grow."""

from __future__ import annotations

from bot.pauses import Pauses, before_try


def test_each_pause_is_twice_the_one_before_up_to_the_longest() -> None:
    pauses = Pauses(0.5, 10.0)
    assert [pauses.next() for _ in range(7)] == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_after_a_success_it_begins_with_the_first_again() -> None:
    pauses = Pauses(1.0, 60.0)
    pauses.next()
    pauses.next()
    pauses.over()
    assert pauses.next() == 1.0


def test_however_often_it_fails_it_is_tried_again() -> None:
    assert before_try(100_000, 1.0, 60.0) == 60.0
