"""Messages that were decided and recorded, and not yet known to have gone out.

For the sender::

    page = await outbox.waiting(connection, keys, after=0, limit=500)   # list[Leftover]
    await outbox.done(connection, ids)                    # Iterable[int]: sent, or never to be
    await outbox.again(connection, [(id, not_before)])    # it may have arrived: counted, kept
    await outbox.uncounted(connection, ids)               # it had not arrived after all
    await supporters.ended(connection, pseudonyms, at)    # gone: blocked, deactivated

``waiting`` reads (``store.reading()`` will do); the others write (``store.writing()``), and none
minds ids that are no longer there. A page starts behind ``after``, the last id of the page before;
an empty page is the end. Pseudonyms come from ``keys.pseudonym(outgoing.channel,
outgoing.address)``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, bindparam, case, delete, distinct, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.channel import Lane, Outgoing
from bot.campaign.messages import Rendered
from bot.keys import Keys, KeyTrouble
from bot.store import sequences
from bot.store.schema import purpose, row
from bot.store.sizes import MESSAGE, padded
from bot.store.tables import outbox

ADDRESS = purpose(outbox.c.address_sealed)
BODY = purpose(outbox.c.body_sealed)
NUMBERS = "outbox"
"""The sequence of the numbers of messages, which has no gaps."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """A message found in the outbox: how often it may have arrived, and when to try it again.

    ``outgoing`` is None where it cannot be opened any more: it never will be sent.
    """

    id: int
    outgoing: Outgoing | None
    attempts: int
    not_before: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Posting:
    """A message to be put into the outbox."""

    pseudonym: bytes
    channel: str
    address: str
    message: Rendered
    lane: Lane = Lane.CONVERSATION


async def add(
    connection: AsyncConnection, keys: Keys, postings: Sequence[Posting], at: datetime
) -> list[Outgoing]:
    """Record messages; what comes back goes to the sender once the transaction is committed."""
    if not postings:
        return []
    first = await sequences.take(connection, NUMBERS, len(postings))
    await connection.execute(
        insert(outbox),
        [
            {
                "id": number,
                "pseudonym": posting.pseudonym,
                "channel": posting.channel,
                "address_sealed": keys.seal(posting.address.encode(), ADDRESS, row(number)),
                "lane": posting.lane.value,
                "body_sealed": keys.seal(
                    padded(orjson.dumps(posting.message.as_json()), MESSAGE), BODY, row(number)
                ),
                "created_at": at,
                "attempts": 0,
            }
            for number, posting in enumerate(postings, start=first)
        ],
    )
    return [
        Outgoing(number, posting.channel, posting.address, posting.message, posting.lane)
        for number, posting in enumerate(postings, start=first)
    ]


async def waiting(
    connection: AsyncConnection, keys: Keys, *, after: int, limit: int
) -> list[Leftover]:
    """Messages in the order in which they were recorded, those to be tried later among them."""
    rows = await connection.execute(
        select(outbox).where(outbox.c.id > after).order_by(outbox.c.id).limit(limit)
    )
    return [
        Leftover(one.id, _opened(one, keys), one.attempts, one.not_before, one.created_at)
        for one in rows
    ]


def _opened(found: Row[Any], keys: Keys) -> Outgoing | None:
    try:
        here = row(found.id)
        address = keys.unseal(found.address_sealed, ADDRESS, here).decode()
        rendered = Rendered.from_json(orjson.loads(keys.unseal(found.body_sealed, BODY, here)))
        return Outgoing(found.id, found.channel, address, rendered, Lane(found.lane))
    except (KeyTrouble, KeyError, TypeError, ValueError):
        # Altered, sealed with a key that is gone, or written by a version with another form.
        return None


@dataclass(frozen=True, slots=True)
class Line:
    """What waits for a channel: how many messages, since when the oldest answer waits that was
    never tried, and how many chats have waited for one for too long."""

    number: int
    oldest: datetime | None
    late: int


async def lines(connection: AsyncConnection, too_long: datetime) -> dict[str, Line]:
    """What waits, by channel; since that moment is too long. What stubbornly fails for one chat
    alone is no sign of others."""
    answers = outbox.c.lane == Lane.CONVERSATION.value
    untried = case(((outbox.c.attempts == 0) & answers, outbox.c.created_at))
    rows = await connection.execute(
        select(
            outbox.c.channel,
            func.count(),
            func.min(untried, type_=outbox.c.created_at.type),
            func.count(distinct(case((untried < too_long, outbox.c.pseudonym)))),
        ).group_by(outbox.c.channel)
    )
    return {channel: Line(*found) for channel, *found in rows}


async def done(connection: AsyncConnection, ids: Iterable[int]) -> None:
    """Nothing more is to be done about these messages: their bodies are erased."""
    rows = [{"done": number} for number in ids]
    if rows:
        await connection.execute(delete(outbox).where(outbox.c.id == bindparam("done")), rows)


async def erase(connection: AsyncConnection, pseudonyms: Collection[bytes]) -> None:
    """Delete what still waits for these supporters."""
    if pseudonyms:
        await connection.execute(delete(outbox).where(outbox.c.pseudonym.in_(pseudonyms)))


async def again(connection: AsyncConnection, ids: Iterable[tuple[int, datetime | None]]) -> None:
    """These messages may have arrived: one attempt more is counted, they wait until that time."""
    rows = [{"kept": number, "until": not_before} for number, not_before in ids]
    if rows:
        await connection.execute(
            update(outbox)
            .where(outbox.c.id == bindparam("kept"))
            .values(
                attempts=outbox.c.attempts + 1,
                not_before=bindparam("until", type_=outbox.c.not_before.type),
            ),
            rows,
        )


async def uncounted(connection: AsyncConnection, ids: Iterable[int]) -> None:
    """The last attempt of these messages never left, and does not count."""
    rows = [{"kept": number} for number in ids]
    if rows:
        await connection.execute(
            update(outbox)
            .where(outbox.c.id == bindparam("kept"), outbox.c.attempts > 0)
            .values(attempts=outbox.c.attempts - 1),
            rows,
        )
