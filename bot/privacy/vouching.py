"""What staff had made and set when broadcasts and settings bore no mark yet.

The log of the staff was chained with the keys before: what it confirms is marked, once, when an
older database is opened first. What it does not confirm is not obeyed: an approved or half-sent
broadcast is paused, with its reason for staff to see, and a setting is as if it had never been set.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign import urgent
from bot.campaign.broadcast_rules.allowing import changed
from bot.campaign.broadcast_rules.broadcast import Broadcast, State
from bot.campaign.desk_commands.broadcasts import Approve, Return
from bot.campaign.desk_commands.settings import ConfirmProposal, RefuseProposal, SetApprovals
from bot.campaign.staff import BOT
from bot.keys import Keys
from bot.store import audit, staff_settings
from bot.store.audit import Entry
from bot.store.broadcasts import records
from bot.store.tables import audit as audit_table
from bot.store.tables import staff_settings as settings_table

log = structlog.get_logger(__name__)

UNPROVEN = "unproven"
"""Why a broadcast was paused: `staff.reason.unproven` in the content."""
LONGEST = 1000
"""Characters of an entry in the log (desk/acts.py)."""
OBEYED = (State.APPROVED, State.SENDING, State.PAUSED)


async def vouch_for_older(connection: AsyncConnection, keys: Keys, now: datetime) -> None:
    """Mark what the log confirms, and stop the rest."""
    _, wrong = await audit.verify(connection, keys)
    rows = await connection.execute(select(audit_table).order_by(audit_table.c.number))
    entries = (
        []
        if wrong is not None
        else [Entry(row.who, row.act, row.broadcast, row.detail) for row in rows]
    )
    await _broadcasts(connection, keys, entries, now)
    await _settings(connection, keys, entries)


async def _broadcasts(
    connection: AsyncConnection, keys: Keys, entries: list[Entry], now: datetime
) -> None:
    about: dict[int, list[Entry]] = {}
    for entry in entries:
        about.setdefault(entry.broadcast, []).append(entry)
    for record in await records.in_states(connection, State):
        one = record.broadcast
        at = record.changed_at or now
        if one.retract == "asked" or (
            one.state in OBEYED and not _confirm(about.get(one.id, []), one)
        ):
            why = {"reason": UNPROVEN, "approved_by": (), "approved_hash": "", "retract": ""}
            state = State.PAUSED if one.state in OBEYED else one.state
            one, at = changed(one, state=state, **why), now
            log.warning("broadcast_not_confirmed", broadcast=one.id)
            await audit.add(connection, keys, [Entry(BOT, "pause", one.id, UNPROVEN)], now)
        await records.change(connection, keys, one, at)


def _confirm(entries: list[Entry], broadcast: Broadcast) -> bool:
    """Whether the last approval on record is by whom the broadcast says, and what is approved was
    known then or later (whoever resumes one may have waived its canary)."""
    approvals = [place for place, one in enumerate(entries) if one.act == Approve.name]
    if not approvals or not broadcast.is_approved:
        return False
    last = entries[approvals[-1] :]
    known = {word for one in last for word in one.detail.split()}
    return last[0].who in broadcast.approved_by and broadcast.approved_hash in known


async def _settings(connection: AsyncConnection, keys: Keys, entries: list[Entry]) -> None:
    kept = (await connection.execute(select(settings_table.c.name, settings_table.c.value))).all()
    for name, value in kept:
        if _is_told(entries, name, value):
            await staff_settings.put(connection, keys, name, value)
        else:
            await connection.execute(delete(settings_table).where(settings_table.c.name == name))
            log.warning("staff_setting_not_confirmed", name=name)


def _is_told(entries: list[Entry], name: str, value: str) -> bool:
    """Whether the log tells that staff have set it. Of what staff were told of nothing is in the
    log, nor would anybody gain by it."""
    kind, _, about = name.partition(".")
    if kind == "told":
        return True
    if name == urgent.APPROVALS:
        return value == _approvals(entries)
    try:
        if kind == "proposal" and (proposed := urgent.proposal({name: value}, about)):
            wanted = proposed.value if about == urgent.APPROVALS else f"{about}={proposed.value}"
            return (proposed.author, wanted[:LONGEST]) in {(one.who, one.detail) for one in entries}
        if kind == "decided":
            by = urgent.decisions({name: value})[about].by
            return any(one.who == by and _decides(one, about) for one in entries)
    except (ValueError, TypeError, LookupError):
        return False
    return f"{name}={value}"[:LONGEST] in {one.detail for one in entries}


def _approvals(entries: list[Entry]) -> str:
    """How many must approve, by the last word on it; an owner's wish for fewer was enough once."""
    found = ""
    for one in entries:
        if one.act == SetApprovals.name:
            found = one.detail
        elif one.act == RefuseProposal.name and one.detail == f"{urgent.APPROVALS}=":
            found = ""
    return found


def _decides(entry: Entry, about: str) -> bool:
    if entry.act == Return.name:
        return about == f"broadcast.{entry.broadcast}"
    decides = (ConfirmProposal.name, RefuseProposal.name)
    return entry.act in decides and entry.detail.startswith(f"{about}=")
