"""The staff's desk within a batch, as the engine sees it (bot/desk/session.py is one)."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.broadcast_rules.record import Desk
from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.events import Event


class DeskSession(Protocol):
    """The staff's desk for one batch, in its transaction."""

    def desk(self, event: Event) -> Desk | None:
        """What lies before whoever the event comes from; None for everybody but staff."""

    async def settle(
        self, connection: AsyncConnection, event: Event, command: StaffCommand
    ) -> None:
        """Do what a member of the staff wants done, and log it."""

    async def finish(self, connection: AsyncConnection) -> None:
        """The batch is written: do what had to wait for that."""


class DeskSessions(Protocol):
    """Where staff work. Nobody else's events come here."""

    def concerns(self, event: Event) -> bool:
        """Whether a member of the staff did it."""

    async def open(self, connection: AsyncConnection, now: datetime) -> DeskSession:
        """Read what lies on the desk."""

    def wake(self) -> None:
        """What they wanted is committed."""
