"""Broadcasts: what each one is, and its figures."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.broadcast_rules.broadcast import ENDED, Broadcast, State
from bot.campaign.broadcast_rules.record import BroadcastRecord
from bot.keys import Keys
from bot.store import sequences
from bot.store.broadcasts.tables import broadcasts

FIGURES = ("sent", "blocked", "failed", "unknown", "left")
COLUMNS = ("id", "state", "retract", "reason")
"""What of a broadcast is looked for, and so stands beside its body."""


async def add(
    connection: AsyncConnection, keys: Keys, broadcast: Broadcast, at: datetime
) -> Broadcast:
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
            **_body(keys, numbered, at),
        )
    )
    return numbered


async def change(
    connection: AsyncConnection, keys: Keys, broadcast: Broadcast, at: datetime
) -> None:
    """Keep the broadcast as it is now; its figures stay."""
    await connection.execute(
        update(broadcasts).where(broadcasts.c.id == broadcast.id).values(_body(keys, broadcast, at))
    )


def _body(keys: Keys, broadcast: Broadcast, at: datetime) -> dict[str, object]:
    kept = {
        "state": broadcast.state.value,
        "retract": broadcast.retract,
        "reason": broadcast.reason,
        "body": broadcast.model_dump_json(exclude=set(COLUMNS)),
    }
    return {**kept, "mark": keys.vouch(_told(broadcast.id, **kept)), "changed_at": at}


def _told(number: int, state: str, retract: str, reason: str, body: str) -> bytes:
    """All that a broadcast is obeyed for: whoever changes any of it cannot make its mark."""
    return "\0".join(("broadcast", str(number), state, retract, reason, body)).encode()


def _is_vouched(keys: Keys, row: Row[Any]) -> bool:
    told = _told(row.id, row.state, row.retract, row.reason, row.body)
    return hmac.compare_digest(keys.vouch(told), row.mark)


async def is_vouched(connection: AsyncConnection, keys: Keys, number: int) -> bool:
    """Whether that broadcast is, as it stands, what the bot itself has written."""
    row = (await connection.execute(_MARKED.where(broadcasts.c.id == number))).first()
    return row is not None and _is_vouched(keys, row)


async def forged(connection: AsyncConnection, keys: Keys) -> list[int]:
    """The numbers of those that somebody without the keys has written or changed."""
    rows = await connection.execute(_MARKED.order_by(broadcasts.c.id))
    return [row.id for row in rows if not _is_vouched(keys, row)]


_MARKED = select(
    *(broadcasts.c[name] for name in ("id", "state", "retract", "reason", "body", "mark"))
)


async def find(
    connection: AsyncConnection, number: int, keys: Keys | None = None
) -> BroadcastRecord | None:
    """The broadcast of that number. ``keys``: to look whether it is vouched for."""
    rows = await connection.execute(select(broadcasts).where(broadcasts.c.id == number))
    row = rows.first()
    return None if row is None else _record(row, keys)


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
            # Of one that nobody was to get yet staff hear only where a restore or an update of the
            # program has stopped it.
            (broadcasts.c.recipients > 0)
            | (broadcasts.c.state == State.DONE.value)
            | broadcasts.c.reason.in_(("restored", "unproven")),
            broadcasts.c.shown != broadcasts.c.state,
        )
    )
    return [_record(row) for row in rows]


async def in_states(
    connection: AsyncConnection, states: Iterable[State], keys: Keys | None = None
) -> list[BroadcastRecord]:
    """Those in one of these states, the oldest first. ``keys``: to look whether each is vouched
    for."""
    rows = await connection.execute(
        select(broadcasts).where(_is_in(states)).order_by(broadcasts.c.id)
    )
    return [_record(row, keys) for row in rows]


async def by_state(connection: AsyncConnection) -> dict[str, int]:
    """How many there are in each state."""
    rows = await connection.execute(
        select(broadcasts.c.state, func.count()).group_by(broadcasts.c.state)
    )
    return {str(state): int(number) for state, number in rows}


async def retracting(connection: AsyncConnection, keys: Keys) -> list[BroadcastRecord]:
    """Those whose messages are to be taken back."""
    rows = await connection.execute(select(broadcasts).where(broadcasts.c.retract == "asked"))
    return [_record(row, keys) for row in rows]


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


def _record(row: Row[Any], keys: Keys | None = None) -> BroadcastRecord:
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
        vouched=keys is not None and _is_vouched(keys, row),
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
