"""Who of several processes on one database sends, tidies up and runs broadcasts: one of them.

So what these keep in memory (rates, a platform's trouble, chats' queues, what was done last night)
need not be shared.
"""

from __future__ import annotations

from typing import Protocol


class Leader(Protocol):
    """Of one process; asking costs nothing. Whoever leads does so until its database is closed: an
    engine that can lose it in between has to end the process, as damage does."""

    @property
    def leads(self) -> bool:
        """Whether this process does it."""

    async def elected(self) -> None:
        """Wait until it does."""
