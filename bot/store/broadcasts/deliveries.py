"""Who gets a broadcast, and what became of each message: one row a recipient.

queued → sending → sent | blocked | failed | unknown. ``AGAIN`` is unknown too, and sent once more
when everybody else has had it. A row that a crash left at ``SENDING`` may have been sent or not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from sqlalchemy import bindparam, delete, false, func, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.broadcasts import records
from bot.store.broadcasts.tables import broadcasts as broadcasts_table
from bot.store.broadcasts.tables import deliveries
from bot.store.people.tables import subscriptions, supporters

KEPT = timedelta(days=7)
"""After the end: long enough for taking back (48 hours) and for the report of 48 hours."""


class Fate(IntEnum):
    """What became of one recipient's message."""

    QUEUED = 0
    SENDING = 1
    SENT = 2
    BLOCKED = 3
    FAILED = 4
    UNKNOWN = 5
    AGAIN = 6
    RETRACTED = 7


WAITING = (Fate.QUEUED, Fate.AGAIN)
_FIGURE = {
    Fate.SENT: "sent",
    Fate.BLOCKED: "blocked",
    Fate.FAILED: "failed",
    Fate.UNKNOWN: "unknown",
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody whose turn comes. ``takes``: still wants these news. ``ref``: the message that a
    correction changes."""

    pseudonym: bytes
    channel: str
    address_sealed: bytes
    language: str
    seen_at: datetime
    takes: bool
    fate: Fate
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a message; ``ref`` is the platform's name for it."""

    pseudonym: bytes
    fate: Fate
    at: int
    ref: str | None = None


async def add(
    connection: AsyncConnection, number: int, pseudonyms: Sequence[bytes], refs: Sequence[str] = ()
) -> None:
    """Fix recipients who were not there; ``refs`` name the messages that a correction changes."""
    if pseudonyms:
        given: Sequence[str | None] = refs or [None] * len(pseudonyms)
        await connection.execute(
            insert(deliveries),
            [
                {"broadcast": number, "pseudonym": whose, "state": Fate.QUEUED, "ref": ref}
                for whose, ref in zip(pseudonyms, given, strict=True)
            ],
        )


async def waiting(
    connection: AsyncConnection, number: int, topic: str, *, after: bytes, limit: int
) -> list[Recipient]:
    """The next recipients behind that pseudonym whose message is still to be sent."""
    rows = await connection.execute(
        _WAITING, {"number": number, "of_topic": topic, "behind": after, "most": limit}
    )
    return [Recipient(*row[:5], row[5] is not None, Fate(row[6]), row[7]) for row in rows]


_WAITING = (
    select(
        deliveries.c.pseudonym,
        supporters.c.channel,
        supporters.c.address_sealed,
        supporters.c.language,
        supporters.c.seen_at,
        subscriptions.c.topic,
        deliveries.c.state,
        deliveries.c.ref,
    )
    .join(supporters, supporters.c.pseudonym == deliveries.c.pseudonym)
    .outerjoin(
        subscriptions,
        (subscriptions.c.pseudonym == deliveries.c.pseudonym)
        & (subscriptions.c.topic == bindparam("of_topic"))
        & supporters.c.ended_at.is_(None),
    )
    .where(
        deliveries.c.broadcast == bindparam("number"),
        deliveries.c.pseudonym > bindparam("behind"),
        deliveries.c.state.in_(WAITING),
    )
    .order_by(deliveries.c.pseudonym)
    .limit(bindparam("most"))
)


async def claim(connection: AsyncConnection, number: int, pseudonyms: Collection[bytes]) -> None:
    """From here on a crash leaves it open whether they got it."""
    await _set(connection, number, Fate.SENDING, pseudonyms)


async def put_back(
    connection: AsyncConnection, number: int, pseudonyms: Collection[bytes], fate: Fate
) -> None:
    """They are to wait again: nothing was sent (``QUEUED``), or nobody knows (``AGAIN``)."""
    await _set(connection, number, fate, pseudonyms)


async def _set(
    connection: AsyncConnection, number: int, fate: Fate, pseudonyms: Collection[bytes]
) -> None:
    if pseudonyms:
        await connection.execute(
            _SET, [{"of": number, "whose": whose, "fate": fate} for whose in pseudonyms]
        )


_HERE = (deliveries.c.broadcast == bindparam("of")) & (deliveries.c.pseudonym == bindparam("whose"))
_SET = update(deliveries).where(_HERE).values(state=bindparam("fate"))
_END = (
    update(deliveries)
    .where(_HERE)
    .values(state=bindparam("fate"), at=bindparam("when"), ref=bindparam("message"))
)


async def end(connection: AsyncConnection, number: int, ends: Sequence[Ended]) -> None:
    """Record what became of these messages, and count it."""
    if not ends:
        return
    await connection.execute(
        _END,
        [
            {"of": number, "whose": e.pseudonym, "fate": e.fate, "when": e.at, "message": e.ref}
            for e in ends
        ],
    )
    by: dict[str, int] = {}
    for one in ends:
        if one.fate in _FIGURE:
            name = _FIGURE[one.fate]
            by[name] = by.get(name, 0) + 1
    await records.count(connection, number, by)


async def leave(connection: AsyncConnection, number: int, pseudonyms: Collection[bytes]) -> None:
    """They take no more of these news: it is as if they had never been recipients."""
    if pseudonyms:
        await connection.execute(
            delete(deliveries).where(_HERE),
            [{"of": number, "whose": whose} for whose in pseudonyms],
        )
        await records.count(connection, number, {"left": len(pseudonyms)})


async def recover(connection: AsyncConnection, number: int, *, hold: bool) -> int:
    """After a crash: those at ``SENDING`` are sent again, or left as unknown; how many there were.

    A whole pass over the rows; once a start.
    """
    fate = Fate.UNKNOWN if hold else Fate.QUEUED
    found = await connection.execute(
        update(deliveries)
        .where(deliveries.c.broadcast == number, deliveries.c.state == Fate.SENDING)
        .values(state=fate)
    )
    if hold:
        await records.count(connection, number, {"unknown": found.rowcount})
    return found.rowcount


async def release(connection: AsyncConnection, number: int) -> int:
    """Send the unknown ones again after all; how many."""
    found = await connection.execute(
        update(deliveries)
        .where(deliveries.c.broadcast == number, deliveries.c.state == Fate.UNKNOWN)
        .values(state=Fate.AGAIN)
    )
    await records.count(connection, number, {"unknown": -found.rowcount})
    return found.rowcount


async def sent(
    connection: AsyncConnection,
    number: int,
    *,
    after: bytes,
    limit: int,
    since: Mapping[str, datetime] | None = None,
    fates: Collection[Fate] = (Fate.SENT,),
) -> list[tuple[bytes, str, str, bytes, int]]:
    """Messages that were sent and whose name at the platform is known: pseudonym, name, channel,
    sealed address, when (Unix time). ``since``: only on these channels, and only since then."""
    recent = (
        (supporters.c.channel == channel) & (deliveries.c.at >= int(moment.timestamp()))
        for channel, moment in (since or {}).items()
    )
    rows = await connection.execute(
        select(
            deliveries.c.pseudonym,
            deliveries.c.ref,
            supporters.c.channel,
            supporters.c.address_sealed,
            deliveries.c.at,
        )
        .join(supporters, supporters.c.pseudonym == deliveries.c.pseudonym)
        .where(
            deliveries.c.broadcast == number,
            deliveries.c.pseudonym > after,
            deliveries.c.state.in_(fates),
            true() if since is None else or_(false(), *recent),
            deliveries.c.ref.is_not(None),
        )
        .order_by(deliveries.c.pseudonym)
        .limit(limit)
    )
    return [tuple(row) for row in rows]


async def retracted(connection: AsyncConnection, number: int, pseudonyms: Iterable[bytes]) -> None:
    """These messages were taken back."""
    await _set(connection, number, Fate.RETRACTED, list(pseudonyms))


async def erase(connection: AsyncConnection, pseudonyms: Collection[bytes], now: datetime) -> None:
    """Delete the rows of these supporters, and count those who waited as having left."""
    if not pseudonyms:
        return
    # Rows of broadcasts that ended long before are gone already.
    for number in await records.recent(connection, now - 2 * KEPT):
        here = (deliveries.c.broadcast == number) & deliveries.c.pseudonym.in_(pseudonyms)
        pending = await connection.scalar(
            select(func.count())
            .select_from(deliveries)
            .where(here, deliveries.c.state.in_((*WAITING, Fate.SENDING)))
        )
        await connection.execute(delete(deliveries).where(here))
        await records.count(connection, number, {"left": pending or 0})


async def drop(connection: AsyncConnection, before: datetime, *, most: int = 5000) -> bool:
    """Delete rows of broadcasts that ended before then, in lots; whether some are left."""
    ended = await connection.execute(
        select(broadcasts_table.c.id).where(
            broadcasts_table.c.recipients > 0,
            broadcasts_table.c.state.in_(("done", "cancelled")),
            broadcasts_table.c.changed_at < before,
        )
    )
    for (number,) in ended.all():
        oldest = (
            select(deliveries.c.pseudonym)
            .where(deliveries.c.broadcast == number)
            .order_by(deliveries.c.pseudonym)
            .limit(most)
        )
        found = await connection.execute(
            delete(deliveries).where(
                deliveries.c.broadcast == number, deliveries.c.pseudonym.in_(oldest)
            )
        )
        if found.rowcount:
            return True
    return False
