"""A milestone of a petition, told once to those who signed and take updates.

It is reached by the published figure, so at a full hour and never the second somebody signs; and by
the signatures of accounts: what is told to everybody shall not be made by one machine in a night.

A signature and a subscription cannot be joined in the database. Here, with the keys in memory, each
reader's own pseudonym within the petition is made and looked for, a page at a time.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign import crowd
from bot.campaign.channel import Lane
from bot.campaign.scenes import figures
from bot.campaign.signatures import IN_THE_NUMBER, Signer
from bot.store import counters, published
from bot.store.database import Database
from bot.store.people.supporters import Reached
from bot.store.petitions import milestones, signatures
from bot.store.tables import published as published_figures
from bot.upkeep.posting import Unasked, UnaskedMessages

PAGE = 200
"""Small: while its messages wait, the outbox tells who has signed."""
STILL_THERE = 0.9

log = structlog.get_logger(__name__)


async def note(store: Database, unasked: UnaskedMessages, now: datetime) -> None:
    """See which milestones were reached since the last time."""
    campaign = unasked.campaign()
    await _publish(store, crowd.hour(now))
    today = now.astimezone(ZoneInfo(campaign.time_zone)).date()
    for petition_id, petition in campaign.petitions.items():
        if not petition.milestones:
            continue
        name = counters.of_signatures(petition_id, Signer.ACCOUNT)
        async with store.reading() as connection:
            here = (await counters.values(connection, [name], of=published_figures))[name]
            known = await milestones.known(connection, petition_id)
        new = [n for n in petition.milestones if n <= here and n not in known]
        if new:
            async with store.writing() as connection:
                await milestones.reached(connection, petition_id, new, today)


async def _publish(store: Database, hour: int) -> None:
    async with store.reading() as connection:
        if await published.is_of(connection, hour):
            return
    async with store.writing() as connection:
        await published.at_hour(connection, hour, ())


async def tell(store: Database, unasked: UnaskedMessages, now: datetime) -> int | None:
    """Tell the next page of readers; how many of them signed, None when all were told."""
    async with store.reading() as connection:
        if await milestones.to_be_told(connection) is None:
            return None
    async with store.writing() as connection:
        milestone = await milestones.to_be_told(connection)
        if milestone is None:
            return None
        if not milestone.upto and not await _is_true(connection, unasked, milestone):
            log.error("milestone_forged", petition=milestone.petition)
            await milestones.told(connection, milestone, None)
            return 0
        readers = await milestones.readers(connection, unasked.keys, milestone.upto, limit=PAGE)
        messages = await _to_signers(connection, unasked, milestone, readers)
        outgoing = await unasked.record(connection, messages, now)
        upto = readers[-1].pseudonym if len(readers) == PAGE else None
        await milestones.told(connection, milestone, upto)
    unasked.deliver(outgoing)
    return len(outgoing)


async def _is_true(
    connection: AsyncConnection, unasked: UnaskedMessages, milestone: milestones.MilestoneProgress
) -> bool:
    """Whoever can write to the database could write any number; a tenth may have withdrawn since
    it was reached."""
    petition = unasked.campaign().petitions.get(milestone.petition)
    if petition is None or milestone.number not in petition.milestones:
        return False
    there = await milestones.counted(connection, milestone.petition)
    return there >= milestone.number * STILL_THERE


async def _to_signers(
    connection: AsyncConnection,
    unasked: UnaskedMessages,
    milestone: milestones.MilestoneProgress,
    readers: list[Reached],
) -> list[Unasked]:
    petition, keys = milestone.petition, unasked.keys
    if petition not in unasked.campaign().petitions or not keys.has_petition_key(petition):
        return []
    own = [keys.petition_pseudonym(petition, r.channel, r.address) for r in readers]
    signed = await signatures.find(connection, own)
    message = figures.milestone(petition, milestone.number)
    return [
        Unasked(reader.channel, reader.address, reader.language, message, Lane.BROADCAST)
        for reader, pseudonym in zip(readers, own, strict=True)
        if (found := signed.get((petition, pseudonym))) and found.state in IN_THE_NUMBER
    ]
