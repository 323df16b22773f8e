"""The staff's desk within the engine's transaction: what lies on it, and what they do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign import urgent
from bot.campaign.broadcast_rules.allowing import NotAllowed, Rules
from bot.campaign.broadcast_rules.record import Desk
from bot.campaign.capabilities import Capabilities
from bot.campaign.content import CampaignNow
from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.desk_commands.settings import (
    ConfirmProposal,
    DecideHeld,
    DecideLots,
    ProposeHeld,
    ProposeLots,
    RefuseProposal,
)
from bot.campaign.events import Event
from bot.campaign.held import is_proposal
from bot.campaign.second_factor import SecondFactor
from bot.campaign.staff import Member, Role
from bot.desk import acts
from bot.desk.members import Staff
from bot.desk.second_factor import SecondFactors
from bot.keys import Keys
from bot.store import sequences, staff_settings
from bot.store.broadcasts import records
from bot.store.people import arrivals

log = structlog.get_logger()

SOURCES = 8
"""Codes of where people came from that are offered: those by which most came."""
SHOWN = 25
"""Ended broadcasts on the desk: the newest. Those that are not ended all lie there."""


class DeskSessions:
    """Gives the engine the staff's desk; see ``bot.engine.desk_protocol``."""

    def __init__(
        self,
        keys: Keys,
        staff: Staff,
        campaign: CampaignNow,
        woken: Callable[[], None],
        channels: tuple[Capabilities, ...],
        factors: SecondFactors,
        paid_rate: float = 0.0,
    ):
        """``woken`` is called once what staff wanted is committed. ``channels``: what those can do
        to which broadcasts go."""
        self.keys = keys
        self.staff = staff
        self.campaign = campaign
        self.wake = woken
        self.channels = channels
        self.factors = factors
        self.paid_rate = paid_rate

    def concerns(self, event: Event) -> bool:
        """Whether a member of the staff did it."""
        return self.staff.member(event.channel, event.address) is not None

    async def open(self, connection: AsyncConnection, now: datetime) -> DeskSession:
        """Read what lies on the desk."""
        session = DeskSession(self, now)
        await session.read(connection)
        return session


class DeskSession:
    """The desk during one batch."""

    def __init__(self, sessions: DeskSessions, now: datetime):
        """``read`` before use; ``now`` is when the batch's events came."""
        self._sessions = sessions
        self._now = now
        self._desk = Desk(Member("", Role.ANALYST))
        self._factors: dict[str, SecondFactor] = {}
        self._waiting: list[tuple[Member, StaffCommand]] = []
        self._ahead: dict[str, str] = {}

    async def read(self, connection: AsyncConnection) -> None:
        """What lies on the desk now, within this transaction."""
        sessions = self._sessions
        kept = await staff_settings.values(connection, sessions.keys)
        self._desk = replace(
            self._desk,
            broadcasts=tuple(await records.on_desk(connection, ended=SHOWN)),
            approvals=acts.approvals(kept),
            groups=tuple(sessions.staff.groups),
            paid_rate=sessions.paid_rate,
            channels=sessions.channels,
            next_number=await sequences.last(connection, "broadcasts") + 1,
            names=sessions.staff.spoken,
            sources=tuple(await arrivals.sources(connection, SOURCES)),
            set_values=_with(kept, self._ahead),
            without_factor=await sessions.factors.missing(connection, sessions.staff.marks),
        )
        self._factors = {
            mark: await sessions.factors.of(connection, mark, self._now)
            for mark in sessions.staff.marks
        }

    def desk(self, event: Event) -> Desk | None:
        """What lies before whoever the event comes from; None for everybody but staff."""
        member = self._sessions.staff.member(event.channel, event.address)
        if member is None:
            return None
        return replace(self._desk, member=member, factor=self._factors[member.mark])

    async def settle(
        self, connection: AsyncConnection, event: Event, command: StaffCommand
    ) -> None:
        """Do what a member wants done, and log it. What is not allowed (any more) is not done."""
        member = self._sessions.staff.member(event.channel, event.address)
        if member is None:
            return
        if _is_about_signatures(command):
            self._waiting.append((member, command))
            self._look_ahead(member, command)
            return
        await self._do(connection, member, command)
        await self.read(connection)

    def _look_ahead(self, member: Member, command: StaffCommand) -> None:
        """Whoever acts after it in this batch finds it done: a proposal is decided about once."""
        if type(command) not in urgent.RULES:
            return
        desk, campaign = self._desk, self._sessions.campaign()
        try:
            self._ahead |= urgent.act(desk.set_values, command, member, desk.approvals, campaign)
        except NotAllowed:
            return  # it will be refused when its turn comes
        self._desk = replace(desk, set_values=_with(desk.set_values, self._ahead))

    async def finish(self, connection: AsyncConnection) -> None:
        """Do what had to wait until the signatures of this batch are written."""
        for member, command in self._waiting:
            await self._do(connection, member, command)

    async def _do(self, connection: AsyncConnection, member: Member, command: StaffCommand) -> None:
        sessions = self._sessions
        rules = Rules(self._desk.approvals, sessions.campaign(), sessions.channels)
        acting = acts.Acting(connection, sessions.keys, member, rules, self._now, sessions.factors)
        try:
            await acts.act(acting, command)
        except NotAllowed as refusal:
            log.warning("staff_act_refused", act=command.name, reason=refusal.reason)


def _with(kept: Mapping[str, str], ahead: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in {**kept, **ahead}.items() if value}


def _is_about_signatures(command: StaffCommand) -> bool:
    """A batch holds some signatures in memory, and counts by them: what is decided about them waits
    until they are written, and with it, so that nothing overtakes, all that is proposed."""
    if isinstance(command, ConfirmProposal | RefuseProposal):
        return is_proposal(command.about)
    return isinstance(command, DecideHeld | DecideLots | ProposeHeld | ProposeLots)
