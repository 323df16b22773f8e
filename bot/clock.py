"""The one clock: handed in wherever something depends on the time, so that a test can move it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present moment, in UTC."""


def utc_now() -> datetime:
    """The machine's own clock."""
    return datetime.now(UTC)
