"""Who is signed in at the staff's pages, and links that sign somebody in, each sealed as a whole:
whoever writes into the database without the keys lets nobody in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import TypeAdapter
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keys import Keys, SealBroken
from bot.store.schema import purpose, row
from bot.store.tables import desk_passes
from bot.store.upsert import insert_or_set


@dataclass(frozen=True, slots=True)
class DeskPass:
    """A "link" for one use, or a "session" of a browser, of the member with that mark.

    ``code``: what the browser showed that the link is for ("": whichever comes first). ``seen``:
    when the session was used last, to some minutes. ``browser``: its kind, in a word.
    """

    kind: Literal["link", "session"]
    mark: str
    begun: datetime
    until: datetime
    code: str = field(default="", repr=False)
    seen: datetime | None = None
    browser: str = ""


@dataclass(frozen=True, slots=True)
class KeptPass:
    """A pass with the hash that it is found by."""

    hash: bytes = field(repr=False)
    kept: DeskPass

    @property
    def name(self) -> str:
        """Stands for it on a page and in the log; opens nothing."""
        return self.named(self.hash)

    @staticmethod
    def named(hash: bytes) -> str:
        """The same, of the one with that hash."""
        return hash.hex()[:12]


_AS_JSON = TypeAdapter(DeskPass)
_PURPOSE = purpose(desk_passes.c.sealed)


def hashed(secret: str) -> bytes:
    """What is kept of what a browser or a link carries."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


async def put(connection: AsyncConnection, keys: Keys, mark: bytes, kept: DeskPass) -> None:
    """Keep it under that hash."""
    sealed = keys.seal(_AS_JSON.dump_json(kept), _PURPOSE, row(mark))
    statement = insert_or_set(desk_passes, ("sealed",), connection.dialect.name)
    await connection.execute(statement, {"hash": mark, "sealed": sealed})


async def find(connection: AsyncConnection, keys: Keys, mark: bytes) -> KeptPass | None:
    """The one of that hash; None where there is none, or somebody else has written it."""
    sealed = await connection.scalar(select(desk_passes.c.sealed).where(desk_passes.c.hash == mark))
    return None if sealed is None else _opened(keys, mark, sealed)


async def every(connection: AsyncConnection, keys: Keys) -> Sequence[KeptPass]:
    """All of them, the newest first."""
    rows = await connection.execute(select(desk_passes.c.hash, desk_passes.c.sealed))
    found = (_opened(keys, one.hash, one.sealed) for one in rows)
    return sorted(filter(None, found), key=lambda one: one.kept.begun, reverse=True)


async def drop(connection: AsyncConnection, marks: Sequence[bytes]) -> None:
    """Those of these hashes end."""
    await connection.execute(delete(desk_passes).where(desk_passes.c.hash.in_(marks)))


def _opened(keys: Keys, mark: bytes, sealed: bytes) -> KeptPass | None:
    try:
        return KeptPass(mark, _AS_JSON.validate_json(keys.unseal(sealed, _PURPOSE, row(mark))))
    except SealBroken:
        return None
