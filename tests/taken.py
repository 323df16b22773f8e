"""What stands behind a door that a platform posts to, in tests of the door alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.campaign.events import Event, Said


@dataclass
class Taken:
    """What was taken; ``refuse`` makes the next ones fail."""

    events: list[Event] = field(default_factory=list)
    refuse: int = 0

    async def take(self, events: Sequence[Event]) -> None:
        if self.refuse:
            self.refuse -= 1
            raise OSError("no room")
        self.events += events

    @property
    def texts(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Said)]


async def nothing_else(scope: object, receive: object, send: object) -> None:
    raise AssertionError("only the door is asked")
