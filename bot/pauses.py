"""How long to wait before something is tried again: twice as long each time, up to a longest."""

from __future__ import annotations

_DOUBLINGS = 40
"""More would be longer than any pause that is meant."""


def before_try(number: int, first: float, longest: float) -> float:
    """Seconds before the try of that number, counted from 1 for the first one after a failure."""
    return min(first * 2.0 ** min(number - 1, _DOUBLINGS), longest)


class Pauses:
    """The pauses of a work that is tried until it succeeds."""

    def __init__(self, first: float, longest: float):
        """In seconds."""
        self.first = first
        self.longest = longest
        self._failures = 0

    def next(self) -> float:
        """It failed: seconds until it is tried again."""
        self._failures += 1
        return before_try(self._failures, self.first, self.longest)

    def over(self) -> None:
        """It succeeded: the next failure waits for as long as the first."""
        self._failures = 0
