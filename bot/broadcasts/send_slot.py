"""Only one broadcast sends at a time: what a crash may repeat is the messages of one."""

from __future__ import annotations

import asyncio

from bot.broadcasts.waiting import first_of

LOOKS = 60.0


class SendSlot:
    """Taken by a broadcast while it sends, and left while it waits for the morning or watches its
    first recipients: others go meanwhile. Who asks first goes first."""

    def __init__(self) -> None:
        """Free."""
        self._line: list[int] = []
        self._moved = asyncio.Event()

    @property
    def taken_by(self) -> int:
        """The number of the broadcast that sends now; 0 for none."""
        return self._line[0] if self._line else 0

    async def take(self, number: int, stop: asyncio.Event) -> bool:
        """Wait for one's turn; False where ``stop`` was set first."""
        self._line.append(number)
        try:
            while self.taken_by != number and not stop.is_set():
                self._moved.clear()
                await first_of(stop, self._moved, seconds=LOOKS)
        except asyncio.CancelledError:
            self.leave(number)
            raise
        if stop.is_set():
            self.leave(number)
            return False
        return True

    def leave(self, number: int) -> None:
        """Let the next one go."""
        self._line.remove(number)
        self._moved.set()
