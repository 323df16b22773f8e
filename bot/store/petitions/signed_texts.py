"""Every text that was signed or agreed to, readable for as long as something refers to it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.petitions.tables import signed_texts
from bot.store.upsert import insert_new

CONSENT = "(updates)"
"""Stands in the place of a petition (no id looks so) for what is agreed to when updates are taken;
a subscription names it by its hash."""


SIGNING = "(signing)"
"""The same, for what is agreed to when a petition is signed; a signature names it by its hash."""


@dataclass(frozen=True, slots=True)
class SignedText:
    """A text by its hash (SHA-256 in hex), with the version that staff gave it."""

    hash: str
    petition: str
    language: str
    version: int
    text: str


async def keep(connection: AsyncConnection, texts: Collection[SignedText]) -> None:
    """Keep these texts; those that are there already stay as they are."""
    if texts:
        await connection.execute(
            insert_new(signed_texts, connection.dialect.name),
            [
                {
                    "hash": text.hash,
                    "petition": text.petition,
                    "language": text.language,
                    "version": text.version,
                    "text": text.text,
                }
                for text in texts
            ],
        )


async def every(connection: AsyncConnection) -> list[SignedText]:
    """The texts of all petitions."""
    rows = await connection.execute(select(signed_texts))
    return [SignedText(row.hash, row.petition, row.language, row.version, row.text) for row in rows]


async def find(connection: AsyncConnection, petition: str) -> list[SignedText]:
    """All texts of a petition, by version and language."""
    rows = await connection.execute(
        select(signed_texts)
        .where(signed_texts.c.petition == petition)
        .order_by(signed_texts.c.version, signed_texts.c.language, signed_texts.c.hash)
    )
    return [SignedText(row.hash, row.petition, row.language, row.version, row.text) for row in rows]
