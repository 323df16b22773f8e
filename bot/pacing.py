"""How fast messages may leave: buckets of tokens that fill with time."""

from __future__ import annotations


class Bucket:
    """Lets ``burst`` go at once and ``rate`` a second in the long run.

    Times are seconds of a monotonic clock, given by the caller.
    """

    def __init__(self, rate: float, burst: float):
        """``rate`` in tokens a second; ``burst`` is what a rested bucket holds."""
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._until = float("-inf")

    def take(self, now: float, amount: float = 1) -> float:
        """Take a token, or so many; the seconds to wait before what it stands for may happen (0: at
        once).

        Callers that wait are let through in the order of their calls, ``rate`` a second.
        """
        self._fill(now)
        self._tokens -= amount
        return 0.0 if self._tokens >= 0 else -self._tokens / self._rate

    def spare(self, now: float) -> float:
        """How many tokens could be taken at once."""
        self._fill(now)
        return max(0.0, self._tokens)

    def full_in(self, now: float) -> float:
        """Seconds until it holds all that it can."""
        self._fill(now)
        return (self._burst - self._tokens) / self._rate

    def take_above(self, reserve: float, now: float) -> float:
        """Take one token if that many remain (0.0); else the seconds until it could be taken."""
        self._fill(now)
        lacking = reserve + 1 - self._tokens
        if lacking > 0:
            return lacking / self._rate
        self._tokens -= 1
        return 0.0

    def put_back(self) -> None:
        """Give back a token that was taken and not used."""
        self._tokens = min(self._burst, self._tokens + 1)

    def _fill(self, now: float) -> None:
        if self._until == float("-inf"):
            self._until = now
        if now > self._until:
            self._tokens = min(self._burst, self._tokens + (now - self._until) * self._rate)
            self._until = now


class SharedRate:
    """One rate for two: conversations take at will, a broadcast what they leave.

    A reserve always stays for conversations: an answer does not even wait for the next token.
    """

    def __init__(self, rate: float):
        """``rate``: messages a second over all chats; short bursts of a third of it pass."""
        self.rate = rate
        burst = max(2.0, rate / 3)
        self._bucket = Bucket(rate, burst)
        self._reserve = burst / 2

    def take(self, now: float) -> float:
        """For an answer: the seconds to wait before it may go out."""
        return self._bucket.take(now)

    def put_back(self) -> None:
        """Give back what was taken for an answer that has to wait for something else."""
        self._bucket.put_back()

    def take_spare(self, now: float) -> float:
        """For a broadcast: 0.0 where it may go out, else the seconds until one may ask again."""
        return self._bucket.take_above(self._reserve, now)
