"""Tokens in the links to the compose page: each lets the page say once that a letter was sent.

Only a token's hash is kept, with the sealed address of whoever got the link, for a day; so a page
that asks again gets the same answer, and what it says counts once (see bot/web/letter_sent.py).
Without the keys a row leads to nobody: not everybody is offered such a page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keys import Keys
from bot.store.people.tables import page_tokens
from bot.store.schema import purpose

KEPT = timedelta(hours=24)
ADDRESS = purpose(page_tokens.c.address_sealed)


@dataclass(frozen=True, slots=True)
class Offer:
    """A link that is shown to a supporter; ``token`` stands in its fragment."""

    pseudonym: bytes
    channel: str
    address: str = field(repr=False)
    token: str = field(repr=False)
    case: str
    action: str


@dataclass(frozen=True, slots=True)
class Offered:
    """What a token that is still good stands for; ``mark`` names it without telling it."""

    mark: str
    channel: str
    address: str = field(repr=False)
    case: str
    action: str


def _own(keys: Keys, pseudonym: bytes) -> bytes:
    return keys.aside(pseudonym, page_tokens.name)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


async def add(
    connection: AsyncConnection, keys: Keys, offers: Sequence[Offer], at: datetime
) -> None:
    """Keep the links that are about to be shown."""
    if offers:
        await connection.execute(
            insert(page_tokens),
            [
                {
                    "hash": (mark := _hash(offer.token)),
                    "pseudonym": _own(keys, offer.pseudonym),
                    "channel": offer.channel,
                    "address_sealed": keys.seal(offer.address.encode(), ADDRESS, mark),
                    "case": offer.case,
                    "action": offer.action,
                    "at": at,
                }
                for offer in offers
            ],
        )


async def find(
    connection: AsyncConnection, keys: Keys, token: str, now: datetime
) -> Offered | None:
    """What the token stands for; None where it is unknown or older than a day."""
    mark = _hash(token)
    row = (
        await connection.execute(
            select(page_tokens).where(page_tokens.c.hash == mark, page_tokens.c.at > now - KEPT)
        )
    ).first()
    if row is None:
        return None
    address = keys.unseal(row.address_sealed, ADDRESS, mark).decode()
    return Offered(mark.hex()[:32], row.channel, address, row.case, row.action)


async def erase(connection: AsyncConnection, keys: Keys, pseudonyms: Collection[bytes]) -> None:
    """Delete those of these supporters."""
    await connection.execute(
        delete(page_tokens).where(
            page_tokens.c.pseudonym.in_([_own(keys, one) for one in pseudonyms])
        )
    )
