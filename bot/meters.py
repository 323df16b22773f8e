"""What happens, counted where it happens: plain numbers in memory, for whoever asks how it goes.

Numbers of everybody together, by channel; nothing on anybody.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.campaign.channel import Lane, Refused, Result, Sent
from bot.campaign.events import Event

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Seconds at which the buckets of a ``Spread`` end; what took longer is in the last one."""


class Spread:
    """How long something took, as numbers in buckets."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        """Nothing was measured yet."""
        self.counts = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def note(self, seconds: float) -> None:
        """It took so long, once."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds


@dataclass(slots=True)
class Hearing:
    """Of a platform that is asked for what is new: when it last answered, by ``Meters.now``, and
    what keeps it from it (the event in the log; "" while all is well)."""

    at: float
    trouble: str = ""


class Meters:
    """The numbers of one process, from its start on."""

    def __init__(self, now: Callable[[], float] = time.monotonic):
        """``now``: seconds of a clock that nobody sets."""
        self.now = now
        self.events: Counter[str] = Counter()
        """What came and is on record, by channel."""
        self.sent: Counter[tuple[str, str, str]] = Counter()
        """What came of sending: (channel, lane, how it ended)."""
        self.recording = Spread()
        """From what came to its commit."""
        self.answering = Spread()
        """From the commit of a message to the moment at which its platform had it."""
        self.hearings: dict[str, Hearing] = {}
        """Of platforms that are asked; one that calls us by itself may be silent for days."""
        self.drifts = 0
        """How often a counter was not what the rows said."""

    def recorded(self, events: Iterable[Event]) -> None:
        """These are on record."""
        for event in events:
            self.events[event.channel] += 1

    def came(self, channel: str, lane: Lane, result: Result) -> None:
        """A message was handed to its platform."""
        self.sent[channel, lane.value, ending(result)] += 1

    def heard(self, channel: str) -> None:
        """The platform has just answered, or is asked from now on."""
        hearing = self.hearings.get(channel)
        if hearing is None:
            self.hearings[channel] = Hearing(self.now())
            return
        hearing.at, hearing.trouble = self.now(), ""

    def deaf(self, channel: str, trouble: str) -> None:
        """The platform did not answer when it was asked."""
        if hearing := self.hearings.get(channel):
            hearing.trouble = trouble


def ending(result: Result) -> str:
    """How a try ended: sent, gone, flooded, refused, not_taken or unknown."""
    match result:
        case Sent():
            return "sent"
        case Refused(gone=True):
            return "gone"
        case Refused(retry_after=float() | int()):
            return "flooded"
        case Refused(permanent=True):
            return "refused"
        case Refused():
            return "not_taken"
    return "unknown"
