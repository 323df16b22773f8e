"""Keeping to the retention clock: whatever is overdue goes, and is gone from the file as well."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.campaign.channel import Lane
from bot.campaign.content import Campaign
from bot.campaign.scenes import privacy
from bot.keys import Keys
from bot.store import counters, overdue
from bot.store.database import Database
from bot.store.petitions import destroying, totals
from bot.upkeep.posting import Unasked, UnaskedMessages

log = structlog.get_logger(__name__)

PAGE = 200


@dataclass(frozen=True, slots=True)
class Purged:
    """How much went (or would go), by kind. ``destroyed``: petitions whose signatures and key are
    gone; ``waiting``: petitions that should be, and have no hand-over pack yet."""

    gone: dict[str, int] = field(default_factory=dict)
    destroyed: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()

    @property
    def anything(self) -> bool:
        """Whether anything went."""
        return bool(self.destroyed) or any(self.gone.values())


def deadlines(campaign: Campaign, now: datetime) -> overdue.Deadlines:
    """What is overdue at that moment."""
    late = timedelta(hours=campaign.reminders.too_late_hours)
    return overdue.Deadlines(now, campaign.retention, late)


async def purge(
    store: Database, keys: Keys, campaign: Campaign, now: datetime, *, dry_run: bool = False
) -> Purged:
    """Delete what is overdue; with ``dry_run`` only say how much it is."""
    if dry_run:
        async with store.reading() as connection:
            gone = await overdue.count(connection, deadlines(campaign, now))
        due, waiting = await _delivered(store, keys, campaign, now)
        return Purged(gone, due, waiting)
    async with store.writing() as connection:
        gone = await overdue.drop(connection, deadlines(campaign, now))
    gone["supporters"] = 0
    while True:
        async with store.writing() as connection:
            lot = await overdue.drop_inactive(connection, keys, deadlines(campaign, now))
        if not lot:
            break
        gone["supporters"] += lot
    due, waiting = await _delivered(store, keys, campaign, now)
    for petition in due:
        gone["signatures"] = gone.get("signatures", 0) + await destroy(store, keys, petition, now)
    for petition in waiting:
        log.error("hand_over_pack_missing", petition=petition)
    purged = Purged(gone, due, waiting)
    if purged.anything:
        log.info("purged", **{kind: number for kind, number in gone.items() if number})
        await store.scrub()
    return purged


async def give_notice(store: Database, unasked: UnaskedMessages, now: datetime) -> int:
    """Tell a page of those who were silent for long; how many were told."""
    campaign = unasked.campaign()
    due = deadlines(campaign, now)
    async with store.reading() as connection:
        if not await overdue.silent(connection, unasked.keys, due, limit=1):
            return 0
    message = privacy.notice(campaign.retention.notice_days)
    async with store.writing() as connection:
        people = await overdue.silent(connection, unasked.keys, due, limit=PAGE)
        outgoing = await unasked.record(
            connection,
            [
                Unasked(one.channel, one.address, one.language, message, Lane.BROADCAST)
                for one in people
            ],
            now,
        )
        await overdue.noticed(connection, people, now)
    unasked.deliver(outgoing)
    return len(people)


async def _delivered(
    store: Database, keys: Keys, campaign: Campaign, now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Petitions whose signatures are to be destroyed now, and those that lack a pack."""
    today = now.astimezone(ZoneInfo(campaign.time_zone)).date()
    due: list[str] = []
    waiting: list[str] = []
    for petition_id, petition in campaign.petitions.items():
        if petition.delivered is None:
            continue
        if not keys.has_petition_key(petition_id):
            # Done, unless a backup from before was restored: its rows have no key, but names.
            async with store.reading() as connection:
                if await destroying.has_rows(connection, petition_id):
                    due.append(petition_id)
            continue
        end = date.fromisoformat(petition.delivered) + timedelta(
            days=campaign.retention.signatures_days
        )
        if today <= end:
            continue
        async with store.reading() as connection:
            packed = await destroying.packs(connection, petition_id)
        (due if packed else waiting).append(petition_id)
    return tuple(due), tuple(waiting)


async def destroy(store: Database, keys: Keys, petition: str, now: datetime) -> int:
    """End a petition's signatures; how many rows went.

    Totals first, then the rows, the key last: a crash in between loses no total, and the next
    purge goes on from there."""
    async with store.writing() as connection:
        if await destroying.frozen(connection, petition) is None:
            kept = await totals.of_petition(connection, petition)
            await destroying.freeze(connection, petition, now.date(), kept)
            # The frozen totals show small groups together: from now on the counters do, too.
            await counters.repair(connection, await counters.recount(connection))
    gone = 0
    while True:
        async with store.writing() as connection:
            lot = await destroying.drop_lot(connection, petition)
        gone += lot
        if not lot:
            break
    keys.destroy_petition_key(petition, now.date())
    log.info("signatures_destroyed", petition=petition, rows=gone)
    return gone
