"""The staff's desk within the engine's transaction: what lies on it, and what they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign import urgent
from bot.campaign.broadcast_rules.acts import ORDERS, WORD, StaffAct
from bot.campaign.broadcast_rules.allowing import NotAllowed, Rules
from bot.campaign.broadcast_rules.standing import Desk
from bot.campaign.capabilities import Capabilities
from bot.campaign.content import Campaign
from bot.campaign.events import Event
from bot.campaign.staff import Member, Role
from bot.clock import Clock, utc_now
from bot.desk import acts
from bot.desk.members import Staff
from bot.keys import Keys
from bot.store import audit, sequences, staff_settings
from bot.store.broadcasts import desk_requests, records
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
        campaign: Callable[[], Campaign],
        woken: Callable[[], None],
        channels: tuple[Capabilities, ...],
        paid_rate: float = 0.0,
        clock: Clock = utc_now,
    ):
        """``woken`` is called once what staff wanted is committed. ``channels``: what those can do
        to which broadcasts go."""
        self.keys = keys
        self.staff = staff
        self.campaign = campaign
        self.wake = woken
        self.channels = channels
        self.paid_rate = paid_rate
        self.clock = clock

    def concerns(self, event: Event) -> bool:
        """Whether a member of the staff did it."""
        return self.staff.member(event.channel, event.address) is not None

    async def open(self, connection: AsyncConnection, now: datetime) -> DeskSession:
        """Read what lies on the desk."""
        session = DeskSession(self)
        await session.read(connection)
        return session


class DeskSession:
    """The desk during one batch."""

    def __init__(self, room: DeskSessions):
        """``read`` before use."""
        self._room = room
        self._desk = Desk(Member("", Role.ANALYST))

    async def read(self, connection: AsyncConnection) -> None:
        """What lies on the desk now, within this transaction."""
        room = self._room
        kept = await staff_settings.values(connection)
        self._desk = replace(
            self._desk,
            standings=tuple(await records.on_desk(connection, ended=SHOWN)),
            approvals=acts.approvals(kept),
            groups=tuple(room.staff.groups),
            paid_rate=room.paid_rate,
            next_number=await sequences.last(connection, "broadcasts") + 1,
            names=room.staff.spoken,
            sources=tuple(await arrivals.sources(connection, SOURCES)),
            set_values=kept,
            channels=room.channels,
        )

    def desk(self, event: Event) -> Desk | None:
        """What lies before whoever the event comes from; None for everybody but staff."""
        member = self._room.staff.member(event.channel, event.address)
        return None if member is None else replace(self._desk, member=member)

    async def settle(self, connection: AsyncConnection, event: Event, act: StaffAct) -> None:
        """Do what a member wants done, and log it. What is not allowed (any more) is not done."""
        member = self._room.staff.member(event.channel, event.address)
        if member is None:
            return
        try:
            await self._do(connection, member, act)
        except NotAllowed as refusal:
            log.warning("staff_act_refused", act=act.name, reason=refusal.reason)
        await self.read(connection)

    async def _do(self, connection: AsyncConnection, member: Member, act: StaffAct) -> None:
        room = self._room
        now = room.clock()
        if act.name in (*ORDERS, WORD):
            await desk_requests.add(connection, act.broadcast, act.name, act.value, now)
            if act.name == "test":
                whom = act.value.partition(":")[2] or "oneself"
                entry = audit.Entry(member.mark, act.name, act.broadcast, whom)
                await audit.add(connection, room.keys, [entry], now)
        elif act.name == "decide":
            # Done with the signatures; here it is only logged.
            entry = audit.Entry(member.mark, act.name, 0, act.value)
            await audit.add(connection, room.keys, [entry], now)
        elif act.name in urgent.ACTS:
            rules = Rules(self._desk.approvals, room.campaign(), room.channels)
            await acts.set_value(connection, room.keys, act.name, act.value, member, rules, now)
        elif act.name == acts.APPROVALS:
            await acts.set_approvals(connection, room.keys, act.value, member, now)
        else:
            rules = Rules(self._desk.approvals, room.campaign(), room.channels)
            await acts.act(
                connection, room.keys, act.broadcast, act.name, act.value, member, rules, now
            )
