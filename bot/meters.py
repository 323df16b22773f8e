"""What happens, counted where it happens: plain numbers in memory, for whoever asks how it goes.

Numbers of everybody together, by channel; nothing on anybody.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable
from enum import StrEnum

from bot.campaign.channel import Lane, Refused, Result, Sent
from bot.campaign.events import Event

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Seconds at which the buckets of a ``Spread`` end; what took longer is in the last one."""


FORGOTTEN = 90.0
"""Seconds after which a failure tells nothing any more: what comes again does so in a minute."""


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


class Silence(StrEnum):
    """Why nothing comes from a platform."""

    NO_ANSWER = "no_answer"
    RIVAL = "rival"
    """Another program takes what is meant for this one."""
    UNREACHED = "unreached"
    """It would tell us, but does not get through to us."""


class Hearing:
    """Whether a platform tells what is new, or says when asked that there is nothing."""

    __slots__ = ("_at", "_now", "trouble", "why")

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """From now on. ``now``: seconds of a clock that nobody sets."""
        self._now = now
        self._at = now()
        self.trouble = ""
        """What keeps it from it, as the log calls it; "" while nothing does."""
        self.why = Silence.NO_ANSWER

    def heard(self) -> None:
        """It has just told."""
        self._at, self.trouble, self.why = self._now(), "", Silence.NO_ANSWER

    def lost(self, trouble: str, why: Silence = Silence.NO_ANSWER) -> None:
        """It does not."""
        self.trouble, self.why = trouble, why

    @property
    def age(self) -> float:
        """Seconds since it last told."""
        return self._now() - self._at


class Meters:
    """The numbers of one process, from its start on."""

    def __init__(self, now: Callable[[], float] = time.monotonic):
        """``now``: seconds of a clock that nobody sets."""
        self.now = now
        self.events: Counter[str] = Counter()
        """What came and is on record, by channel."""
        self.sent: Counter[tuple[str, str, str]] = Counter()
        """What came of sending: (channel, lane, how it ended)."""
        self.through: dict[str, float] = {}
        """When a platform last took an answer, by ``now``."""
        self.recording = Spread()
        """From what came to its commit."""
        self.answering = Spread()
        """From the commit of a message to the moment at which its platform had it."""
        self.hearings: dict[str, Hearing] = {}
        """By channel."""
        self.drifts = 0
        """How often a counter was not what the rows said."""
        self._failed: tuple[float, float] | None = None

    @property
    def failing(self) -> float:
        """For how many seconds what comes could not be recorded; 0 where it can be."""
        now = self.now()
        if self._failed is None or now - self._failed[1] > FORGOTTEN:
            return 0.0
        return now - self._failed[0]

    def failed(self) -> None:
        """What came could not be recorded."""
        now = self.now()
        goes_on = self._failed is not None and now - self._failed[1] <= FORGOTTEN
        self._failed = (self._failed[0] if self._failed and goes_on else now, now)

    def recorded(self, events: Iterable[Event]) -> None:
        """These are on record."""
        self._failed = None
        for event in events:
            self.events[event.channel] += 1

    def came(self, channel: str, lane: Lane, result: Result) -> None:
        """A message was handed to its platform."""
        how = ending(result)
        self.sent[channel, lane.value, how] += 1
        if how == SENT and lane is Lane.CONVERSATION:
            self.through[channel] = self.now()

    def hearing(self, channel: str) -> Hearing:
        """Of that channel's platform, which is listened to from now on."""
        self.hearings[channel] = hearing = Hearing(self.now)
        return hearing


ENDINGS = SENT, GONE, FLOODED, REFUSED, NOT_TAKEN, UNKNOWN = (
    "sent",
    "gone",
    "flooded",
    "refused",
    "not_taken",
    "unknown",
)
"""How a try can end."""


def ending(result: Result) -> str:
    """How a try ended."""
    match result:
        case Sent():
            return SENT
        case Refused(gone=True):
            return GONE
        case Refused(retry_after=float() | int()):
            return FLOODED
        case Refused(permanent=True):
            return REFUSED
        case Refused():
            return NOT_TAKEN
    return UNKNOWN
