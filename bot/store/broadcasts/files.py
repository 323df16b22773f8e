"""Pictures and documents of broadcasts that were written in a file: kept until they are uploaded,
and what the platform calls them since."""

from __future__ import annotations

import hashlib

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.channel import Made
from bot.keys import Keys
from bot.store.broadcasts.tables import broadcast_files
from bot.store.upsert import insert_new


def digest(content: bytes) -> str:
    """The name under which a content is kept."""
    return hashlib.sha256(content).hexdigest()


async def add(connection: AsyncConnection, file: Made) -> str:
    """Keep a file; its digest."""
    name = digest(file.content)
    await connection.execute(
        insert_new(broadcast_files, connection.dialect.name).values(
            digest=name, name=file.name, media_type=file.media_type, content=file.content, ref=""
        )
    )
    return name


async def find(connection: AsyncConnection, keys: Keys, name: str) -> tuple[Made, str] | None:
    """The file and what the platform calls it ("" before the first upload); None where another
    content stands in its place."""
    rows = await connection.execute(select(broadcast_files).where(broadcast_files.c.digest == name))
    row = rows.first()
    if row is None or digest(row.content) != name:
        return None
    ref, _, mark = row.ref.rpartition(" ")
    known = ref if mark == _mark(keys, name, ref) else ""
    return Made(row.name, row.media_type, row.content), known


def _mark(keys: Keys, name: str, ref: str) -> str:
    """Without it somebody could name another file that the platform has."""
    return keys.vouch("\0".join(("file", name, ref)).encode()).hex()


async def uploaded(connection: AsyncConnection, keys: Keys, name: str, ref: str) -> None:
    """The platform has it now: it need not be sent again."""
    vouched = f"{ref} {_mark(keys, name, ref)}"
    await connection.execute(
        update(broadcast_files).where(broadcast_files.c.digest == name).values(ref=vouched)
    )
