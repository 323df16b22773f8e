"""What is wrong with a bot that shows such signs: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.health.judging import ILLS, Limits, can_record, judge
from bot.health.room import Room
from bot.health.signs import Disk, Platform, Signs
from bot.meters import Silence

WELL = Signs(
    written=3.0,
    platforms={
        "telegram": Platform(heard=20.0, through=4.0),
        "web": Platform(),
    },
    disk=Disk(free=50_000_000_000, size=100_000_000_000, falling=10_000.0),
    backup=3600.0,
    backed_up=True,
    certificate=60.0,
)


def wrong(**signs: Any) -> dict[str, Mapping[str, Any]]:
    return {state.name: state.values for state in judge(replace(WELL, **signs), Limits())}


def telegram(**signs: Any) -> dict[str, Platform]:
    return {**WELL.platforms, "telegram": replace(WELL.platforms["telegram"], **signs)}


def test_of_a_bot_that_is_well_nothing_is_wrong() -> None:
    assert wrong() == {}


@pytest.mark.parametrize(
    ("signs", "name", "values"),
    [
        ({"written": 31.0}, "recording", {}),
        ({"damaged": True, "written": 500.0}, "damaged", {}),
        ({"keys_fit": False}, "keys", {}),
        (
            {"platforms": telegram(heard=301.0)},
            "hearing:telegram",
            {"channel": "telegram", "minutes": 5, "why": "no_answer"},
        ),
        (
            {"platforms": telegram(heard=900.0, why=Silence.RIVAL)},
            "hearing:telegram",
            {"channel": "telegram", "minutes": 15, "why": "rival"},
        ),
        (
            {"platforms": telegram(stuck=400.0, waiting=7)},
            "sending:telegram",
            {"channel": "telegram", "minutes": 6, "number": 7},
        ),
        (
            {"platforms": telegram(oldest=400.0, late=3, waiting=90)},
            "sending:telegram",
            {"channel": "telegram", "minutes": 6, "number": 90},
        ),
        (
            {"platforms": telegram(oldest=400.0, late=1, waiting=1, through=None)},
            "sending:telegram",
            {"channel": "telegram", "minutes": 6, "number": 1},
        ),
        ({"disk": Disk(free=9, size=100)}, "disk", {"percent": 9, "hours": -1}),
        (
            {"disk": Disk(free=50, size=100, falling=50 / 72_000)},
            "disk",
            {"percent": 50, "hours": 20},
        ),
        ({"dead_letters": 2}, "dead_letters", {"number": 2}),
        ({"backup": 27 * 3600.0}, "backup", {"hours": 27}),
        ({"backup": 27 * 3600.0, "backed_up": False}, "backup", {"hours": -1}),
        ({"certificate": 13.5}, "certificate", {"days": 13}),
        ({"certificate": -1.0}, "certificate", {"days": -1}),
        ({"refused": 3}, "content", {"number": 3}),
    ],
)
def test_a_sign_says_what_is_wrong(
    signs: dict[str, Any], name: str, values: dict[str, Any]
) -> None:
    assert wrong(**signs) == {name: values}


def test_a_limit_of_nothing_switches_a_judgement_off() -> None:
    signs = replace(
        WELL,
        platforms=telegram(heard=9e9, stuck=9e9),
        disk=Disk(free=1, size=100, falling=1),
        backup=9e9,
        certificate=-1.0,
    )
    assert judge(signs, Limits(0, 0, 0, 0, 0)) == []


def test_a_page_that_nobody_visits_and_a_webhook_without_posts_are_no_fault() -> None:
    """Of what calls by itself nobody knows when it was last heard; Telegram says when it is asked
    that nothing waits."""
    assert wrong(platforms={"web": Platform(), "telegram": Platform(heard=29.0)}) == {}


def test_a_limit_below_what_a_platform_takes_to_answer_makes_no_alarm_of_a_quiet_hour() -> None:
    quiet = replace(WELL, platforms=telegram(heard=45.0))
    assert judge(quiet, Limits(silence=0.2)) == []
    assert judge(replace(WELL, platforms=telegram(heard=61.0)), Limits(silence=0.2)) != []


def test_one_chat_that_is_told_to_wait_is_no_alarm_while_others_get_their_answers() -> None:
    assert wrong(platforms=telegram(oldest=4000.0, late=1, waiting=300)) == {}
    assert "sending:telegram" in wrong(
        platforms=telegram(oldest=4000.0, late=1, waiting=300, through=301.0)
    )


def test_the_disk_has_to_be_clearly_better_before_its_alarm_is_over() -> None:
    little_more = Disk(free=105, size=1000)
    assert wrong(disk=little_more) == {}
    assert set(wrong(disk=little_more, alarms=frozenset({"disk"}))) == {"disk"}
    assert wrong(disk=Disk(free=111, size=1000), alarms=frozenset({"disk"})) == {}


@pytest.mark.parametrize(
    ("disk", "wakes"),
    [
        (Disk(free=9, size=100), False),
        (Disk(free=2, size=100), True),
        (Disk(free=36_000, size=100_000, falling=1.0), False),
        (Disk(free=35_000, size=100_000, falling=1.0), True),
    ],
)
def test_only_a_disk_that_is_full_before_the_morning_wakes_anybody(disk: Disk, wakes: bool) -> None:
    states = judge(replace(WELL, disk=disk), Limits())
    assert [state.urgent for state in states if state.kind == "disk"] in ([wakes], [])
    assert any(state.urgent for state in states) is wakes


def test_what_loses_something_wakes_owners_and_nothing_else_does() -> None:
    signs = replace(
        WELL,
        written=31.0,
        keys_fit=False,
        platforms=telegram(heard=900.0, stuck=900.0),
        dead_letters=1,
        backup=9e9,
        certificate=-1.0,
        refused=1,
    )
    assert {s.name for s in judge(signs, Limits()) if s.urgent} == {"recording", "keys"}
    assert any(s.urgent for s in judge(replace(WELL, damaged=True), Limits()))
    rival = replace(WELL, platforms=telegram(heard=900.0, why=Silence.RIVAL))
    assert [s.urgent for s in judge(rival, Limits())] == [True]


def test_nothing_can_be_recorded_without_a_write_of_the_last_half_minute() -> None:
    assert can_record(30.0, damaged=False)
    assert not can_record(30.1, damaged=False)
    assert not can_record(None, damaged=False)
    assert not can_record(1.0, damaged=True)


def test_the_rate_at_which_a_disk_fills_is_known_after_an_hour_and_forgets_a_backup() -> None:
    room, free = Room(), 1_000_000
    assert room.falling(free, 0.0) == 0.0
    for minute in range(5, 60, 5):
        assert room.falling(free - minute * 600, minute * 60.0) == 0.0
    assert room.falling(free - 60 * 600, 3600.0) == pytest.approx(10.0)
    # Seven hours later what was written at first counts no more.
    assert room.falling(free - 60 * 600, 3600.0 * 8) == 0.0
    assert room.falling(free, 3600.0 * 9.5) == 0.0


def test_everything_that_can_be_wrong_has_a_remedy() -> None:
    assert all(ill.remedy for ill in ILLS.values())
