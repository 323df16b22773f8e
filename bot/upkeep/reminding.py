"""Reminders whose time has come: sent once, never in the quiet hours, never a day late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.campaign.content import Campaign
from bot.campaign.scenes import reminders as scene
from bot.store.database import Database
from bot.store.people import reminders
from bot.upkeep.posting import Unasked, UnaskedMessages

log = structlog.get_logger(__name__)

PAGE = 200


@dataclass(frozen=True, slots=True)
class Reminded:
    """What became of the reminders that were due."""

    sent: int = 0
    superseded: int = 0
    too_late: int = 0
    closed: int = 0
    """Of cases and actions that are not offered any more, or of people who left."""


def is_quiet(campaign: Campaign, now: datetime) -> bool:
    """Whether nothing is sent unasked at that moment."""
    return campaign.reminders.is_quiet(now.astimezone(ZoneInfo(campaign.time_zone)).hour)


async def remind(store: Database, unasked: UnaskedMessages, now: datetime) -> Reminded:
    """Send what is due. After a downtime only the latest reminder of an action is sent, and none
    that is late by more than content allows.

    A reminder and the message it becomes change places in one transaction: neither is lost, and
    none is sent twice.
    """
    campaign = unasked.campaign()
    if is_quiet(campaign, now):
        return Reminded()
    async with store.reading() as connection:
        if not await reminders.any_due(connection, now):
            return Reminded()
    async with store.writing() as connection:
        superseded = await reminders.drop_superseded(connection, now)
    sent = too_late = closed = 0
    oldest = now - timedelta(hours=campaign.reminders.too_late_hours)
    while True:
        async with store.writing() as connection:
            page = await reminders.due(connection, unasked.keys, now, limit=PAGE)
            fresh = [due for due in page if due.reminder.due >= oldest]
            messages = [message for due in fresh if (message := _message(campaign, due))]
            outgoing = await unasked.record(connection, messages, now)
            await reminders.done(connection, unasked.keys, [due.reminder for due in page])
        unasked.deliver(outgoing)
        sent += len(outgoing)
        too_late += len(page) - len(fresh)
        closed += len(fresh) - len(outgoing)
        if len(page) < PAGE:
            break
    if too_late:
        log.warning("reminders_too_late", number=too_late, hours=campaign.reminders.too_late_hours)
    return Reminded(sent, superseded, too_late, closed)


def _message(campaign: Campaign, due: reminders.Due) -> Unasked | None:
    message = scene.message(campaign, due.reminder.case, due.reminder.action)
    if message is None or due.ended:
        return None
    return Unasked(due.channel, due.address, due.language, message)
