"""Broadcasts: what each one is, and its figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.broadcast_rules.broadcast import ENDED, Broadcast, State
from bot.campaign.broadcast_rules.record import BroadcastRecord
from bot.store import sequences
from bot.store.broadcasts.tables import broadcasts

FIGURES = ("sent", "blocked", "failed", "unknown", "left")
COLUMNS = ("id", "state", "retract", "reason")
"""What of a broadcast is looked for, and so stands beside its body."""


async def add(connection: AsyncConnection, broadcast: Broadcast, at: datetime) -> Broadcast:
    """Keep a new broadcast; it comes back with its number."""
    number = await sequences.take(connection, "broadcasts", 1)
    numbered = broadcast.model_copy(update={"id": number})
    await connection.execute(
        insert(broadcasts).values(
            id=number,
            recipients=0,
            fixed_upto=b"",
            fixed=False,
            **dict.fromkeys(FIGURES, 0),
            shown="",
            followed=False,
            progress="{}",
            report="{}",
            **_body(numbered, at),
        )
    )
    return numbered


async def change(connection: AsyncConnection, broadcast: Broadcast, at: datetime) -> None:
    """Keep the broadcast as it is now; its figures stay."""
    await connection.execute(
        update(broadcasts).where(broadcasts.c.id == broadcast.id).values(_body(broadcast, at))
    )


def _body(broadcast: Broadcast, at: datetime) -> dict[str, object]:
    return {
        "state": broadcast.state.value,
        "retract": broadcast.retract,
        "reason": broadcast.reason,
        "body": broadcast.model_dump_json(exclude=set(COLUMNS)),
        "changed_at": at,
    }


async def find(connection: AsyncConnection, number: int) -> BroadcastRecord | None:
    """The broadcast of that number."""
    rows = await connection.execute(select(broadcasts).where(broadcasts.c.id == number))
    row = rows.first()
    return None if row is None else _record(row)


async def newest(connection: AsyncConnection, limit: int) -> list[BroadcastRecord]:
    """The newest broadcasts, the newest first."""
    rows = await connection.execute(
        select(broadcasts).order_by(broadcasts.c.id.desc()).limit(limit)
    )
    return [_record(row) for row in rows]


async def on_desk(connection: AsyncConnection, *, ended: int) -> list[BroadcastRecord]:
    """All that are not ended, and so many of those that are: the newest first."""
    over = _is_in(ENDED)
    live = await connection.execute(
        select(broadcasts).where(~over).order_by(broadcasts.c.id.desc())
    )
    newest = await connection.execute(
        select(broadcasts).where(over).order_by(broadcasts.c.id.desc()).limit(ended)
    )
    return [_record(row) for row in (*live, *newest)]


async def not_shown(
    connection: AsyncConnection, states: Iterable[State], since: datetime
) -> list[BroadcastRecord]:
    """Those that came into one of these states since then, and do not show it yet."""
    rows = await connection.execute(
        select(broadcasts).where(
            _is_in(states),
            broadcasts.c.changed_at > since,
            # Of one that nobody was to get yet staff hear only where a restore has stopped it.
            (broadcasts.c.recipients > 0)
            | (broadcasts.c.state == State.DONE.value)
            | (broadcasts.c.reason == "restored"),
            broadcasts.c.shown != broadcasts.c.state,
        )
    )
    return [_record(row) for row in rows]


async def in_states(connection: AsyncConnection, states: Iterable[State]) -> list[BroadcastRecord]:
    """Those in one of these states, the oldest first."""
    rows = await connection.execute(
        select(broadcasts).where(_is_in(states)).order_by(broadcasts.c.id)
    )
    return [_record(row) for row in rows]


async def by_state(connection: AsyncConnection) -> dict[str, int]:
    """How many there are in each state."""
    rows = await connection.execute(
        select(broadcasts.c.state, func.count()).group_by(broadcasts.c.state)
    )
    return {str(state): int(number) for state, number in rows}


async def retracting(connection: AsyncConnection) -> list[int]:
    """The numbers of those whose messages are to be taken back."""
    rows = await connection.execute(select(broadcasts.c.id).where(broadcasts.c.retract == "asked"))
    return [row.id for row in rows]


async def recent(connection: AsyncConnection, since: datetime) -> list[int]:
    """The numbers of those that may have sent something since then."""
    rows = await connection.execute(
        select(broadcasts.c.id).where(
            broadcasts.c.recipients > 0,
            (broadcasts.c.changed_at > since) | ~_is_in(ENDED),
        )
    )
    return [row.id for row in rows]


def _is_in(states: Iterable[State]) -> ColumnElement[bool]:
    return broadcasts.c.state.in_([state.value for state in states])


def _record(row: Row[Any]) -> BroadcastRecord:
    # Where nothing is said of it, the texts were kept by a version that knew HTML alone.
    body = (
        {"written_in": "html"}
        | orjson.loads(row.body)
        | {name: getattr(row, name) for name in COLUMNS}
    )
    return BroadcastRecord(
        Broadcast.model_validate(body),
        recipients=row.recipients,
        fixed_upto=row.fixed_upto,
        fixed=row.fixed,
        progress=orjson.loads(row.progress),
        report=orjson.loads(row.report),
        followed=row.followed,
        changed_at=row.changed_at,
        **{name: getattr(row, name) for name in FIGURES},
    )


async def count(connection: AsyncConnection, number: int, by: Mapping[str, int]) -> None:
    """Add these amounts to the figures of a broadcast."""
    changed = {name: amount for name, amount in by.items() if amount}
    if changed:
        await connection.execute(
            update(broadcasts)
            .where(broadcasts.c.id == number)
            .values({name: broadcasts.c[name] + amount for name, amount in changed.items()})
        )


async def fixed(
    connection: AsyncConnection, number: int, added: int, upto: bytes, *, all_of_them: bool
) -> None:
    """So many recipients more are fixed, up to that pseudonym."""
    await connection.execute(
        update(broadcasts)
        .where(broadcasts.c.id == number)
        .values(recipients=broadcasts.c.recipients + added, fixed_upto=upto, fixed=all_of_them)
    )


async def show_progress(
    connection: AsyncConnection, number: int, messages: Mapping[str, str]
) -> None:
    """Remember which message shows whom how far it is."""
    await connection.execute(
        update(broadcasts)
        .where(broadcasts.c.id == number)
        .values(progress=orjson.dumps(dict(messages)).decode())
    )


async def to_follow(
    connection: AsyncConnection, ended_before: datetime, since: datetime
) -> list[BroadcastRecord]:
    """Those that ended before one moment and after another, and whose second report is due."""
    rows = await connection.execute(
        select(broadcasts).where(
            _is_in(ENDED),
            broadcasts.c.sent > 0,
            broadcasts.c.changed_at > since,
            broadcasts.c.followed.is_(False),
        )
    )
    ended = (_record(row) for row in rows)
    return [
        one for one in ended if one.broadcast.ended_at and one.broadcast.ended_at < ended_before
    ]


async def add_before(connection: AsyncConnection, number: int, found: Mapping[str, int]) -> None:
    """Add to what recipients had done already when it reached them, which a report leaves out.

    A sum and no rows: who had done what is not told by it.
    """
    row = await connection.execute(select(broadcasts.c.report).where(broadcasts.c.id == number))
    before = orjson.loads(row.scalar() or "{}").get("before", {})
    whole = {name: before.get(name, 0) + found.get(name, 0) for name in {*before, *found}}
    await note(connection, number, {"before": whole})


async def shown(
    connection: AsyncConnection,
    number: int,
    state: str,
    unchanged_since: datetime | None = None,
) -> None:
    """Staff were shown that it is in this state ("": that it goes on). ``unchanged_since``: only
    where the broadcast was not changed after that."""
    statement = update(broadcasts).where(broadcasts.c.id == number)
    if unchanged_since is not None:
        statement = statement.where(broadcasts.c.changed_at == unchanged_since)
    await connection.execute(statement.values(shown=state))


async def followed(connection: AsyncConnection, number: int) -> None:
    """The report of two days later is made."""
    await connection.execute(
        update(broadcasts).where(broadcasts.c.id == number).values(followed=True)
    )


async def note(connection: AsyncConnection, number: int, figures: Mapping[str, Any]) -> None:
    """Keep these beside what is noted already: figures that can no longer be counted once the
    deliveries are gone."""
    report = await connection.scalar(select(broadcasts.c.report).where(broadcasts.c.id == number))
    if report is None:
        return
    noted = orjson.loads(report) | dict(figures)
    await connection.execute(
        update(broadcasts)
        .where(broadcasts.c.id == number)
        .values(report=orjson.dumps(noted).decode())
    )
