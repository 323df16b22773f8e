"""Signatures: one per person and petition, under a pseudonym that only the petition's key makes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.counters import COUNTED
from bot.store.tables import signatures


@dataclass(frozen=True, slots=True)
class Signature:
    """What was signed, and when; ``text_hash`` is that of the very words, SHA-256 in hex."""

    day: date
    language: str
    text_version: int
    text_hash: str
    state: str = COUNTED
    country: str | None = None


async def find(
    connection: AsyncConnection, pseudonyms: Collection[bytes]
) -> dict[tuple[str, bytes], str]:
    """The states of the signatures under these pseudonyms, by petition and pseudonym."""
    if not pseudonyms:
        return {}
    rows = await connection.execute(_FIND, {"whose": list(pseudonyms)})
    return {(petition, pseudonym): state for petition, pseudonym, state in rows}


_FIND = select(signatures.c.petition, signatures.c.pseudonym, signatures.c.state).where(
    signatures.c.pseudonym.in_(bindparam("whose", expanding=True))
)


async def add(connection: AsyncConnection, rows: Sequence[tuple[str, bytes, Signature]]) -> None:
    """Record signatures that were not there."""
    if rows:
        await connection.execute(
            insert(signatures),
            [
                {
                    "petition": petition,
                    "pseudonym": pseudonym,
                    "state": signature.state,
                    "day": signature.day,
                    "language": signature.language,
                    "text_version": signature.text_version,
                    "text_hash": signature.text_hash,
                    "country": signature.country,
                }
                for petition, pseudonym, signature in rows
            ],
        )


async def remove(connection: AsyncConnection, rows: Sequence[tuple[str, bytes]]) -> None:
    """Delete signatures."""
    if rows:
        await connection.execute(
            delete(signatures).where(
                signatures.c.petition == bindparam("of"),
                signatures.c.pseudonym == bindparam("whose"),
            ),
            [{"of": petition, "whose": pseudonym} for petition, pseudonym in rows],
        )
