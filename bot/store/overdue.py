"""What has outlived its time by the clock: counted, deleted in lots, and never looked into."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.rules import Retention
from bot.keys import Keys
from bot.store.people import erasing, page_tokens, web_turns
from bot.store.people.supporters import Reached, reach
from bot.store.people.tables import inbox as inbox_table
from bot.store.people.tables import notices, reminders, supporters
from bot.store.people.tables import page_tokens as page_tokens_table
from bot.store.people.tables import web_turns as web_turns_table
from bot.store.tables import dead_letters, events_seen
from bot.store.upsert import insert_new

LOT = 500
BY_THE_CLOCK = ("events", "dead_letters", "pages", "inbox", "conversation", "answers")
"""Looked for every few minutes, while the bot answers."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The moments before which things are overdue."""

    now: datetime
    retention: Retention
    reminders_late: timedelta

    @property
    def silent_since(self) -> datetime:
        """Who was last seen before is to be erased, once they were told."""
        return months_before(self.now, self.retention.inactive_months)

    @property
    def told_by(self) -> datetime:
        """Who was told before has had the time that was promised."""
        return self.now - timedelta(days=self.retention.notice_days)

    @property
    def notice_from(self) -> datetime:
        """Who was last seen before is to be told."""
        return self.silent_since + timedelta(days=self.retention.notice_days)


def months_before(moment: datetime, months: int) -> datetime:
    """The same day so many months earlier, or the last one of that month."""
    count = moment.year * 12 + moment.month - 1 - months
    year, month = divmod(count, 12)
    for day in range(moment.day, 27, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return moment.replace(year=year, month=month + 1)


def _rules(deadlines: Deadlines) -> Mapping[str, tuple[Table, ColumnElement[bool]]]:
    """By kind: the table and which of its rows are overdue."""
    kept, now = deadlines.retention, deadlines.now
    return {
        "events": (events_seen, events_seen.c.at < now - timedelta(hours=kept.events_hours)),
        "dead_letters": (
            dead_letters,
            dead_letters.c.at < now - timedelta(days=kept.dead_letters_days),
        ),
        "pages": (page_tokens_table, page_tokens_table.c.at < now - page_tokens.KEPT),
        "inbox": (inbox_table, inbox_table.c.at < now - timedelta(days=kept.inbox_days)),
        "conversation": (web_turns_table, web_turns_table.c.at < now - web_turns.KEPT),
        "reminders": (reminders, reminders.c.due < now - deadlines.reminders_late),
        "answers": (
            supporters,
            supporters.c.answers_at < now - timedelta(hours=kept.drafts_hours),
        ),
    }


def _inactive(deadlines: Deadlines) -> Select[Any]:
    """Supporters who were silent for so long, and were told of it or cannot be told."""
    told = (
        select(notices.c.pseudonym)
        .where(notices.c.pseudonym == supporters.c.pseudonym, notices.c.sent_at < deadlines.told_by)
        .exists()
    )
    return select(supporters.c.pseudonym).where(
        supporters.c.seen_at < deadlines.silent_since,
        or_(supporters.c.ended_at.is_not(None), told),
    )


async def count(connection: AsyncConnection, deadlines: Deadlines) -> dict[str, int]:
    """How much is overdue, by kind."""
    found = {}
    for kind, (table, overdue) in _rules(deadlines).items():
        found[kind] = (
            await connection.scalar(select(func.count()).select_from(table).where(overdue)) or 0
        )
    inactive = select(func.count()).select_from(_inactive(deadlines).subquery())
    found["supporters"] = await connection.scalar(inactive) or 0
    return found


async def drop(
    connection: AsyncConnection, deadlines: Deadlines, kinds: Collection[str] | None = None
) -> dict[str, int]:
    """Delete what is overdue, but for people; how much it was, by kind. ``kinds``: only these."""
    gone = {}
    for kind, (table, overdue) in _rules(deadlines).items():
        if kinds is not None and kind not in kinds:
            continue
        statement: Any = delete(table).where(overdue)
        if kind == "answers":
            statement = update(table).where(overdue).values(answers_sealed=None, answers_at=None)
        gone[kind] = (await connection.execute(statement)).rowcount
    return gone


async def expire(connection: AsyncConnection, now: datetime, kept: Retention) -> int:
    """Delete what has an end by the clock alone; how much of it was of people. That is then to be
    cleared away, like what somebody had erased. Reminders are left: they are to be sent."""
    gone = await drop(connection, Deadlines(now, kept, timedelta()), BY_THE_CLOCK)
    of_people = sum(gone[kind] for kind in BY_THE_CLOCK if kind != "events")
    if of_people:
        await erasing.left_something(connection)
    return of_people


async def drop_inactive(connection: AsyncConnection, keys: Keys, deadlines: Deadlines) -> int:
    """Erase a lot of people who were silent; 0 when there are none left."""
    lot = list((await connection.execute(_inactive(deadlines).limit(LOT))).scalars())
    await erasing.erase(connection, keys, lot, deadlines.now)
    return len(lot)


async def silent(
    connection: AsyncConnection, keys: Keys, deadlines: Deadlines, *, limit: int
) -> list[Reached]:
    """People to be told that their data will be erased, not told since they were last seen."""
    told = (
        select(notices.c.pseudonym)
        .where(
            notices.c.pseudonym == supporters.c.pseudonym,
            # Of the very hour of a visit it may be from before it.
            notices.c.sent_at > supporters.c.seen_at,
        )
        .exists()
    )
    long_ago = supporters.c.seen_at < deadlines.notice_from
    return await reach(connection, keys, long_ago, ~told, limit=limit)


async def noticed(connection: AsyncConnection, people: list[Reached], at: datetime) -> None:
    """These were told."""
    if people:
        whose = [one.pseudonym for one in people]
        await connection.execute(delete(notices).where(notices.c.pseudonym.in_(whose)))
        await connection.execute(
            insert_new(notices, connection.dialect.name),
            [{"pseudonym": pseudonym, "sent_at": at} for pseudonym in whose],
        )
