"""Events that could not be understood or answered, kept sealed for a week for whoever mends it."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.events import Event
from bot.keys import Keys, KeyTrouble
from bot.store.schema import purpose, row
from bot.store.tables import dead_letters

EVENT = purpose(dead_letters.c.sealed)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event and why it was given up; ``reason`` holds nothing personal."""

    event: Event
    pseudonym: bytes | None
    reason: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A dead letter as it is kept, unsealed: ``event`` is personal, and empty where the keys that
    are there do not open it."""

    channel: str
    event: dict[str, Any]
    reason: str
    at: datetime


async def add(
    connection: AsyncConnection, keys: Keys, letters: Sequence[DeadLetter], at: datetime
) -> None:
    """Keep these events, sealed."""
    if letters:
        await connection.execute(
            insert(dead_letters),
            [
                {
                    "channel": letter.event.channel,
                    "event": letter.event.id,
                    "pseudonym": letter.pseudonym,
                    "sealed": keys.seal(
                        _as_json(letter.event), EVENT, row(letter.event.channel, letter.event.id)
                    ),
                    "reason": letter.reason,
                    "at": at,
                }
                for letter in letters
            ],
        )


def _as_json(event: Event) -> bytes:
    # The standard library's JSON, since it escapes what is no valid text: that may be the poison.
    return json.dumps({"kind": type(event).__name__, **asdict(event)}).encode()


async def find(connection: AsyncConnection, keys: Keys, *, limit: int) -> list[Opened]:
    """The newest dead letters, opened."""
    rows = await connection.execute(
        select(dead_letters).order_by(dead_letters.c.at.desc()).limit(limit)
    )
    return [Opened(one.channel, _opened(keys, one), one.reason, one.at) for one in rows]


async def numbers(connection: AsyncConnection, since: datetime) -> tuple[int, int]:
    """How many there are since that moment, and in all."""
    recent = func.count(case((dead_letters.c.at >= since, 1)))
    found = (await connection.execute(select(recent, func.count()))).one()
    return found[0], found[1]


def _opened(keys: Keys, one: Row[Any]) -> dict[str, Any]:
    try:
        event: dict[str, Any] = json.loads(
            keys.unseal(one.sealed, EVENT, row(one.channel, one.event))
        )
    except (KeyTrouble, ValueError):
        # Of one that cannot be opened the place in the code is still worth knowing.
        return {}
    return event


async def erase(connection: AsyncConnection, pseudonyms: Collection[bytes]) -> None:
    """Delete those of these supporters."""
    if pseudonyms:
        await connection.execute(
            delete(dead_letters).where(dead_letters.c.pseudonym.in_(pseudonyms))
        )
