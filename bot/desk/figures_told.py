"""The figures of the week for a member who asks for them in the chat: as text, and as a picture."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from bot.campaign.content import CampaignNow
from bot.campaign.crowd import people
from bot.campaign.scenes import staff_desk
from bot.clock import Clock
from bot.desk import figures
from bot.desk.figures import Figures
from bot.desk.members import Staff
from bot.desk.messages import StaffMessages
from bot.store.database import Database


class FiguresTold:
    """Answers ``/figures``, once it is committed."""

    def __init__(
        self,
        store: Database,
        staff: Staff,
        messages: StaffMessages,
        campaign: CampaignNow,
        clock: Clock,
    ):
        """Reads the tallies of this store."""
        self._store = store
        self._staff = staff
        self._messages = messages
        self._campaign = campaign
        self._clock = clock

    async def show(self, mark: str) -> None:
        """To that member, while they belong to the staff."""
        if self._staff.by_mark(mark) is None:
            return
        campaign = self._campaign()
        async with self._store.reading() as connection:
            found = await figures.read(connection, campaign, self._today(campaign.time_zone))
        lines = [
            staff_desk.figures_line(
                line.stage.value, people(line.now), people(line.before), declared=line.is_declared
            )
            for line in found.funnel
        ]
        told = staff_desk.figures_told(lines, found.first, found.last)
        await self._messages.say([mark], told)
        if drawn := _drawn(found):
            picture = staff_desk.figures_drawn(drawn, found.first, found.last)
            await self._messages.say([mark], picture)

    def _today(self, time_zone: str) -> date:
        return self._clock().astimezone(ZoneInfo(time_zone)).date()


def _drawn(found: Figures) -> str:
    """What can be drawn: "" where all are too few to be told."""
    return ",".join(f"{line.stage.value}={line.now}" for line in found.funnel if line.now)
