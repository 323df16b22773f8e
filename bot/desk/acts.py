"""An act on a broadcast, done and logged in one transaction, whoever wants it: staff in the chat,
a command on the machine, or the bot by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign import urgent
from bot.campaign.broadcast_rules import acts, course, drafting
from bot.campaign.broadcast_rules.allowing import NotAllowed, Rules
from bot.campaign.broadcast_rules.broadcast import Broadcast, State
from bot.campaign.staff import BOT, Member, Right
from bot.keys import Keys
from bot.store import audit, staff_settings
from bot.store.audit import Entry
from bot.store.broadcasts import deliveries, records

APPROVALS = "approvals"
LONGEST = 1000
"""Characters of an entry in the log: a banner in several languages fits."""
# Of these the log keeps what was wanted; of the others the fingerprint of what came of it.
_UNTOLD = ("counted", "asked")
_TOLD = ("aim", "switch", "schedule", "pause", "counted")


async def act(
    connection: AsyncConnection,
    keys: Keys,
    number: int,
    name: str,
    value: str,
    member: Member,
    rules: Rules,
    now: datetime,
) -> Broadcast:
    """The broadcast after the act, kept and logged. Raises NotAllowed."""
    if name == "new":
        given = Broadcast.model_validate_json(value)
        made = await records.add(connection, drafting.begun(given, member), now)
        await _log(connection, keys, member, name, made, made.fingerprint, now)
        return made
    found = await records.find(connection, number)
    if found is None:
        raise NotAllowed("nothing")
    if name == "correct":
        draft = drafting.correction(found.broadcast, member)
        made = await records.add(connection, draft, now)
        await _log(connection, keys, member, name, made, f"of {number}", now)
        return made
    if name == "release":
        return await _release(connection, keys, found.broadcast, member, now)
    changed = acts.perform(found.broadcast, name, value, member, rules, now)
    await records.change(connection, changed, now)
    if name == "start" and changed.corrects:
        await _take_over(connection, keys, changed, now)
    detail = value if name in _TOLD else f"{changed.state} {changed.fingerprint}"
    if name == "approve":
        detail += (
            f" {changed.counted} recipients, {rules.approvals} approvals, {changed.stars} stars"
        )
    await _log(connection, keys, member, name, changed, detail, now)
    return changed


def approvals(kept: Mapping[str, str]) -> int:
    """How many must approve, by what the desk keeps."""
    return int(kept.get(APPROVALS, "1"))


async def _take_over(
    connection: AsyncConnection, keys: Keys, correction: Broadcast, now: datetime
) -> None:
    """The corrected broadcast has these words from now on: whoever has yet to get it gets them."""
    found = await records.find(connection, correction.corrects)
    if found is None:
        return
    whole = course.corrected(found.broadcast, correction)
    await records.change(connection, whole, now)
    bot = acts.the_bot()
    await _log(connection, keys, bot, "corrected", whole, f"by {correction.id}", now)
    # The words that were approved last count: an earlier correction that still waits does not.
    under_way = (State.APPROVED, State.SENDING, State.PAUSED)
    for other in await records.in_states(connection, under_way):
        earlier = other.broadcast
        if earlier.corrects == correction.corrects and earlier.id != correction.id:
            ended = course.superseded(earlier, now)
            await records.change(connection, ended, now)
            await _log(connection, keys, bot, "cancel", ended, f"by {correction.id}", now)


async def _release(
    connection: AsyncConnection, keys: Keys, broadcast: Broadcast, member: Member, now: datetime
) -> Broadcast:
    """Send held messages after all, of which nobody knows whether they arrived."""
    going_on = course.released(broadcast, member)
    number = await deliveries.release(connection, broadcast.id)
    if not number:
        raise NotAllowed("nothing")
    await records.change(connection, going_on, now)
    await _log(connection, keys, member, "release", going_on, str(number), now)
    return going_on


async def set_approvals(
    connection: AsyncConnection, keys: Keys, wanted: str, member: Member, now: datetime
) -> None:
    """How many must approve, from now on. Raises NotAllowed."""
    if not member.may(Right.RULE):
        raise NotAllowed("right")
    if wanted not in ("0", "1"):
        raise NotAllowed("value")
    await staff_settings.put(connection, APPROVALS, wanted)
    await audit.add(connection, keys, [Entry(member.mark, APPROVALS, 0, wanted)], now)


async def set_value(
    connection: AsyncConnection,
    keys: Keys,
    name: str,
    value: str,
    member: Member,
    rules: Rules,
    now: datetime,
) -> None:
    """Propose, confirm or refuse the banner or a case's state. Raises NotAllowed."""
    kept = await staff_settings.values(connection)
    changed = urgent.act(kept, name, value, member, rules.approvals, rules.campaign)
    for one, wanted in changed.items():
        await staff_settings.put(connection, one, wanted)
    await audit.add(connection, keys, [Entry(member.mark, name, 0, value[:LONGEST])], now)


async def _log(
    connection: AsyncConnection,
    keys: Keys,
    member: Member,
    name: str,
    broadcast: Broadcast,
    detail: str,
    now: datetime,
) -> None:
    if member.mark == BOT and name in _UNTOLD:
        return
    await audit.add(
        connection, keys, [Entry(member.mark, name, broadcast.id, detail[:LONGEST])], now
    )
