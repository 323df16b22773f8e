"""What a restored database would do a second time is stopped; who has left since leaves again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.broadcast_rules.allowing import changed
from bot.campaign.broadcast_rules.broadcast import State
from bot.campaign.signatures import SignatureState, Signer
from bot.campaign.staff import BOT, SHELL
from bot.keys import Keys
from bot.store import audit, counters
from bot.store.audit import Entry
from bot.store.broadcasts import records
from bot.store.broadcasts.tables import desk_requests
from bot.store.maintenance import Gone
from bot.store.people import erasing, subscriptions
from bot.store.people.tables import reminders
from bot.store.petitions import signatures as signing
from bot.store.petitions import tallies
from bot.store.petitions.tables import milestones, signatures
from bot.store.tables import outbox

RESTORED = "restored"
"""Why a broadcast was paused: `staff.reason.restored` in the content."""
LOT = 500


@dataclass(frozen=True, slots=True)
class Undone:
    """What was stopped (numbers of broadcasts; messages, reminders, milestones), and, where the
    later database told, how many people and signatures were erased again."""

    paused: tuple[int, ...]
    messages: int
    reminders: int
    milestones: int
    people: int | None = None
    signatures: int = 0


async def stop(connection: AsyncConnection, keys: Keys, now: datetime, told: str) -> Undone:
    """Stop what went on after the backup was made; ``told`` stands in the log of the staff."""
    paused = []
    entries = [Entry(SHELL, "restore", 0, told)]
    under_way = (State.APPROVED, State.SENDING)
    for record in await records.in_states(connection, under_way, keys):
        if not record.vouched:
            continue  # the bot calls it off at its start, and tells staff
        held = changed(record.broadcast, state=State.PAUSED, reason=RESTORED)
        await records.change(connection, keys, held, now)
        entries.append(Entry(BOT, "pause", held.id, RESTORED))
        paused.append(held.id)
    await audit.add(connection, keys, entries, now)
    # Nearly all of these went out when the bot went on after the backup.
    waiting = (await connection.execute(delete(outbox))).rowcount
    await connection.execute(delete(desk_requests))
    due = (await connection.execute(delete(reminders).where(reminders.c.due <= now))).rowcount
    untold = await connection.execute(
        update(milestones).where(milestones.c.told.is_(False)).values(told=True)
    )
    return Undone(tuple(paused), waiting, due, untold.rowcount)


async def erase_again(connection: AsyncConnection, keys: Keys, gone: Gone, now: datetime) -> int:
    """Erase whoever and whatever was erased since; how many signatures that were."""
    for start in range(0, len(gone.people), LOT):
        await erasing.erase(connection, keys, gone.people[start : start + LOT], now)
    await subscriptions.remove(connection, gone.subscriptions)
    fewer: Counter[tuple[str, Signer]] = Counter()
    for petition, pseudonym in gone.signatures:
        row = signatures.c.petition == petition, signatures.c.pseudonym == pseudonym
        query = select(signatures.c.state, signatures.c.signer).where(*row)
        for state, signer in await connection.execute(query):
            fewer[petition, Signer(signer)] += state != SignatureState.SPENT.value
    await signing.remove(connection, gone.signatures)
    await signing.keep_without_person(connection, keys, gone.nameless)
    day = now.date()
    erased = {(*whose, day, tallies.Change.ERASED): n for whose, n in fewer.items()}
    await tallies.count(connection, erased)
    await counters.repair(connection, await counters.recount(connection))
    return fewer.total() + len(gone.nameless)
