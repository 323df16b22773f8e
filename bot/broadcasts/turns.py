"""Whose turn it is in a broadcast; while the platform does not answer, only one is tried."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bot.broadcasts.pace import BroadcastPace
from bot.broadcasts.waiting import first_of
from bot.campaign.channel import Lane, Refused, Result, Unknown
from bot.meters import Meters
from bot.store.broadcasts.deliveries import Fate, Recipient
from bot.trouble import PlatformTrouble, Waiter

LOOKS = 60.0


class Turns:
    """The pace, and the trouble of each channel, which conversations know of, too."""

    def __init__(
        self,
        pace: BroadcastPace,
        troubles: Mapping[str, PlatformTrouble],
        lane: Lane,
        meters: Meters,
    ):
        """``troubles`` by channel, those of the sender: what happens there is said once."""
        self._pace = pace
        self._lane = lane
        self._meters = meters
        self._troubles = troubles

    async def take(self, recipient: Recipient, stop: asyncio.Event) -> bool:
        """Wait until the platform answers and the pace lets it; False where it was stopped."""
        trouble = self._troubles.get(recipient.channel)
        while True:
            chosen = trouble is None or await self._answers(trouble, recipient, stop)
            if stop.is_set() or not await self._pace.turn(stop):
                return False
            if chosen or trouble is None or not trouble.shut:
                return True

    async def _answers(
        self, trouble: PlatformTrouble, recipient: Recipient, stop: asyncio.Event
    ) -> bool:
        """Wait while nothing gets through; True for the one that is to be tried meanwhile."""
        while trouble.shut and not stop.is_set():
            called = asyncio.Event()
            waiter = Waiter(called.set, unknown=int(recipient.fate is Fate.AGAIN))
            trouble.wait(waiter)
            await first_of(stop, called, seconds=LOOKS)
            if waiter.chosen and not stop.is_set():
                return True
            trouble.leave(waiter)
        return False

    def came(self, recipient: Recipient, result: Result) -> None:
        """What became of a message, whatever that means for its recipient."""
        self._meters.came(recipient.channel, self._lane, result)
        trouble = self._troubles.get(recipient.channel)
        if trouble is None:
            return
        match result:
            case Unknown() | Refused(permanent=False, gone=False, retry_after=None):
                trouble.failed(result.reason)
            case _:
                trouble.went_well()
