"""What supporters wrote to the team, and what it answered: one thread a supporter, sealed as a
whole and under a pseudonym of its own. Nothing in it names an account; without the keys it leads to
nobody, and says neither how much was written nor whether it was answered.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from pydantic import TypeAdapter
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keys import Keys, SealBroken
from bot.store import sizes
from bot.store.people.tables import inbox
from bot.store.schema import purpose, row
from bot.store.upsert import insert_or_set

MOST = 20
"""Messages of a thread: older ones make room."""
LISTED = 1_000
"""Threads that are looked through at once: whoever floods makes no page slow."""
CLASSES = (4_096, 16_384, 65_536)
"""Bytes of a thread: nearly everything fits the first."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was said: by the supporter ("you", to them) or the team."""

    by: Literal["you", "team"]
    text: str = field(repr=False)
    at: datetime
    sent: bool = True
    """Of an answer: whether it is on its way to the supporter."""


@dataclass(frozen=True, slots=True)
class Thread:
    """``whose``: the supporter's own pseudonym, in hexadecimal. ``urgent``: words of danger or
    despair were in it."""

    whose: str = field(repr=False)
    lines: tuple[Line, ...] = ()
    urgent: bool = False
    open: bool = True


@dataclass(frozen=True, slots=True)
class KeptThread:
    """A thread and the pseudonym under which it stands, which is how staff name it."""

    pseudonym: bytes = field(repr=False)
    kept: Thread

    @property
    def name(self) -> str:
        """Stands for it on a page and in the log."""
        return self.pseudonym.hex()[:12]


@dataclass(frozen=True, slots=True)
class Written:
    """A supporter's message."""

    pseudonym: bytes
    text: str = field(repr=False)
    urgent: bool = False


_AS_JSON = TypeAdapter(Thread)
_PURPOSE = purpose(inbox.c.sealed)


async def add(
    connection: AsyncConnection, keys: Keys, messages: Sequence[Written], at: datetime
) -> None:
    """Put them into their threads, which are open then."""
    for one in messages:
        own = keys.aside(one.pseudonym, inbox.name)
        found = await find(connection, keys, own)
        before = found.kept if found else Thread(one.pseudonym.hex())
        lines = (*before.lines, Line("you", one.text, at))[-MOST:]
        urgent = one.urgent or (before.open and before.urgent)
        thread = replace(before, lines=lines, urgent=urgent, open=True)
        await put(connection, keys, KeptThread(own, thread), at)


async def put(connection: AsyncConnection, keys: Keys, one: KeptThread, at: datetime) -> None:
    """Keep it as it is now."""
    plain = sizes.padded(_AS_JSON.dump_json(one.kept), CLASSES)
    sealed = keys.seal(plain, _PURPOSE, row(one.pseudonym))
    statement = insert_or_set(inbox, ("sealed", "at"), connection.dialect.name)
    values = {"pseudonym": one.pseudonym, "sealed": sealed, "at": at}
    await connection.execute(statement, values)


async def find(connection: AsyncConnection, keys: Keys, own: bytes) -> KeptThread | None:
    """The thread under that pseudonym; None where there is none, or it was altered."""
    sealed = await connection.scalar(select(inbox.c.sealed).where(inbox.c.pseudonym == own))
    return None if sealed is None else _opened(keys, own, sealed)


async def named(connection: AsyncConnection, keys: Keys, name: str) -> KeptThread | None:
    """The one of that name."""
    try:
        first = bytes.fromhex(name)
    except ValueError:
        return None
    is_theirs = inbox.c.pseudonym.between(first, first + b"\xff" * 32)
    rows = await connection.execute(select(inbox.c.pseudonym, inbox.c.sealed).where(is_theirs))
    found = (_opened(keys, row_.pseudonym, row_.sealed) for row_ in rows)
    return next((one for one in found if one is not None and one.name == name), None)


async def every(connection: AsyncConnection, keys: Keys) -> list[KeptThread]:
    """Those with the newest words: what is urgent first, then what is open."""
    newest = select(inbox.c.pseudonym, inbox.c.sealed).order_by(inbox.c.at.desc()).limit(LISTED)
    rows = await connection.execute(newest)
    found = [one for row_ in rows if (one := _opened(keys, row_.pseudonym, row_.sealed))]

    def rank(one: KeptThread) -> tuple[bool, bool, float]:
        kept = one.kept
        last = kept.lines[-1].at.timestamp() if kept.lines else 0.0
        return not (kept.open and kept.urgent), not kept.open, -last

    return sorted(found, key=rank)


def _opened(keys: Keys, own: bytes, sealed: bytes) -> KeptThread | None:
    try:
        return KeptThread(own, _AS_JSON.validate_json(keys.unseal(sealed, _PURPOSE, row(own))))
    except SealBroken:
        return None


async def erase(connection: AsyncConnection, keys: Keys, pseudonyms: Collection[bytes]) -> None:
    """Delete those of these supporters."""
    own = [keys.aside(one, inbox.name) for one in pseudonyms]
    await connection.execute(delete(inbox).where(inbox.c.pseudonym.in_(own)))
