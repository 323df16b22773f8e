"""What owners hear of what is wrong, and when: once, once that it is over, and asleep at night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.health.course import BEGUN, OVER, Lasting, Moment, Said, course
from bot.health.judging import State
from bot.store.alarms import Alarm

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
SILENT = State("hearing", "telegram", {"channel": "telegram", "minutes": 5, "why": "no_answer"})
FULL = State("recording", urgent=True)


class Watch:
    """Looks again and again, as the bot does; ``heard`` is what owners are told."""

    def __init__(self) -> None:
        self.now = NOON
        self.known: dict[str, Alarm] = {}
        self.ticks = 0.0
        self.lasting = Lasting()
        self.heard: list[str] = []
        self.reached = True

    def look(self, *states: State, minutes: float = 0.0) -> list[str]:
        """What is said, this time."""
        self.now += timedelta(minutes=minutes)
        self.ticks += minutes * 60
        at = Moment(self.now, self.ticks, lambda moment: not 8 <= moment.hour < 21, self.reached)
        self.lasting.note(states, self.known, at)
        after, said = course(self.known, states, self.lasting, at)
        self.known = {name: one for name, one in after.items() if one.said != OVER}
        told = [self._told(one) for one in said]
        self.heard += told
        return told

    def restart(self) -> None:
        self.lasting = Lasting()

    @staticmethod
    def _told(said: Said) -> str:
        return f"{said.alarm.name} {BEGUN if said.state else OVER}"


def test_it_is_said_once_and_once_that_it_is_over() -> None:
    watch = Watch()
    assert watch.look(SILENT) == ["hearing:telegram begun"]
    for _ in range(5):
        assert watch.look(SILENT, minutes=30) == []
    assert watch.look(minutes=1) == []
    assert watch.look(minutes=4) == [], "it may come again at once"
    assert watch.look(minutes=1) == ["hearing:telegram over"]
    assert watch.look(minutes=60) == []
    assert watch.known == {}


def test_what_comes_and_goes_is_one_alarm() -> None:
    watch = Watch()
    watch.look(SILENT)
    for _ in range(10):
        watch.look(minutes=2)
        watch.look(SILENT, minutes=2)
    assert watch.heard == ["hearing:telegram begun"]
    watch.look(minutes=1)
    watch.look(minutes=6)
    watch.look(SILENT, minutes=1)
    assert watch.heard[1:] == ["hearing:telegram over", "hearing:telegram begun"]


def test_what_lasts_for_a_moment_only_is_no_alarm() -> None:
    watch = Watch()
    watch.look(FULL)
    watch.look(minutes=0.4)
    watch.look(FULL, minutes=0.4)
    assert watch.heard == []
    watch.look(FULL, minutes=0.6)
    assert watch.heard == ["recording begun"]


def test_a_restart_neither_repeats_nor_forgets() -> None:
    watch = Watch()
    watch.look(SILENT)
    watch.restart()
    watch.look(SILENT, minutes=1)
    assert watch.heard == ["hearing:telegram begun"]
    watch.restart()
    watch.look(minutes=1)
    watch.look(minutes=6)
    assert watch.heard == ["hearing:telegram begun", "hearing:telegram over"]


def test_at_night_owners_sleep_unless_something_is_lost() -> None:
    watch = Watch()
    watch.now = NOON + timedelta(hours=11)
    assert watch.look(SILENT) == []
    assert watch.look(SILENT, FULL, minutes=1) == []
    assert watch.look(SILENT, FULL, minutes=1) == ["recording begun"]
    watch.look(SILENT, minutes=1)
    assert watch.look(SILENT, minutes=6) == ["recording over"], "who was woken may sleep again"
    assert watch.look(SILENT, minutes=10 * 60) == ["hearing:telegram begun"]


def test_what_was_over_before_anybody_could_be_told_is_told_once() -> None:
    watch = Watch()
    watch.now = NOON + timedelta(hours=11)
    watch.look(SILENT)
    watch.look(minutes=60)
    watch.look(minutes=60)
    assert watch.heard == []
    assert watch.look(minutes=8 * 60) == ["hearing:telegram over"]


def test_while_no_owner_can_be_reached_it_waits() -> None:
    watch = Watch()
    watch.reached = False
    watch.look(SILENT)
    watch.look(minutes=10)
    watch.look(minutes=10)
    assert watch.heard == []
    watch.reached = True
    assert watch.look(minutes=1) == ["hearing:telegram over"]


@pytest.mark.parametrize("days", [-2, 2])
def test_a_clock_that_is_set_right_neither_hastens_nor_delays_it(days: int) -> None:
    watch = Watch()
    watch.look(FULL)
    watch.now += timedelta(days=days)
    assert watch.look(FULL, minutes=0.4) == []
    assert watch.look(FULL, minutes=0.2) == ["recording begun"]
    watch.look(minutes=1)
    watch.now -= timedelta(days=days)
    assert watch.look(minutes=4) == []
    assert watch.look(minutes=1) == ["recording over"]


def test_a_figure_that_was_put_right_is_told_and_done() -> None:
    watch = Watch()
    watch.known = {"drift": Alarm("drift", NOON)}
    assert watch.look() == ["drift begun"]
    assert watch.known == {}
