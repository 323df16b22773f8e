"""Many new accounts in a short time are noticed once, and only while it lasts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from bot.campaign.burst_guard import BurstGuard, is_new
from bot.campaign.rules import BurstRule
from bot.campaign.signatures import Signer

ONE, TWO = ("one", Signer.ACCOUNT), ("one", Signer.BROWSER)
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def test_an_account_is_new_on_its_first_day_and_the_next() -> None:
    today = date(2026, 3, 4)
    assert is_new(None, today)
    assert is_new(date(2026, 3, 3), today)
    assert not is_new(date(2026, 3, 2), today)
    assert is_new(date(2026, 3, 2), today, Signer.BROWSER), "a key that waits costs nothing"


def test_the_alarm_is_given_once_a_burst() -> None:
    guard = BurstGuard(BurstRule(signatures=10, minutes=10))
    alarms = [guard.note(ONE, 4, NOON + timedelta(minutes=minute)) for minute in range(30)]
    assert alarms.count(True) == 1
    assert guard.room(ONE, NOON + timedelta(minutes=29)) == 0
    assert guard.room(TWO, NOON + timedelta(minutes=29)) == 10
    quiet = NOON + timedelta(hours=2)
    assert guard.room(ONE, quiet) == 10
    assert guard.note(ONE, 11, quiet)


def test_a_slow_stream_is_no_burst() -> None:
    guard = BurstGuard(BurstRule(signatures=10, minutes=10))
    for minute in range(200):
        assert not guard.note(ONE, 1, NOON + timedelta(minutes=minute))


def test_zero_switches_the_guard_off() -> None:
    guard = BurstGuard(BurstRule(signatures=0, minutes=10))
    assert not guard.note(ONE, 10_000, NOON)
    assert guard.room(ONE, NOON) is None
