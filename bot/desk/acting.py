"""Somebody who acts at the desk, in the transaction in which what they do is decided and logged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.broadcast_rules.allowing import Rules
from bot.campaign.staff import Member
from bot.desk.second_factor import SecondFactors
from bot.keys import Keys
from bot.store import audit
from bot.store.audit import Entry

LONGEST = 1000
"""Characters of an entry in the log: a banner in several languages fits."""


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts, by which rules, when, and where it is kept.

    ``where``: the session of their browser; "" in a chat, in the shell, and for the bot itself."""

    connection: AsyncConnection
    keys: Keys
    member: Member
    rules: Rules
    now: datetime
    factors: SecondFactors
    where: str = ""


async def enter(acting: Acting, entry: Entry) -> None:
    """Put it on the log."""
    entry = Entry(entry.who, entry.act, entry.broadcast, entry.detail[:LONGEST])
    await audit.add(acting.connection, acting.keys, [entry], acting.now)
