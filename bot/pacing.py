"""How fast messages may leave: a bucket of tokens that fills with time."""

from __future__ import annotations


class Bucket:
    """Lets ``burst`` go at once and ``rate`` a second in the long run.

    Times are seconds of a monotonic clock, given by the caller.
    """

    __slots__ = ("_burst", "_rate", "_tokens", "_until")

    def __init__(self, rate: float, burst: float):
        """``rate`` in tokens a second; ``burst`` is what a rested bucket holds."""
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._until = float("-inf")

    def take(self, now: float) -> float:
        """Take one token; the seconds to wait before what it stands for may happen (0: at once).

        Callers that wait are let through in the order of their calls, ``rate`` a second.
        """
        self._fill(now)
        self._tokens -= 1
        return 0.0 if self._tokens >= 0 else -self._tokens / self._rate

    def spare(self, now: float) -> float:
        """How many tokens could be taken at once."""
        self._fill(now)
        return max(0.0, self._tokens)

    def is_rested(self, now: float) -> bool:
        """Whether the bucket is as full as a new one and need not be kept."""
        self._fill(now)
        return self._tokens >= self._burst

    def _fill(self, now: float) -> None:
        if self._until == float("-inf"):
            self._until = now
        if now > self._until:
            self._tokens = min(self._burst, self._tokens + (now - self._until) * self._rate)
            self._until = now
