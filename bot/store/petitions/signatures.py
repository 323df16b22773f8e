"""Signatures: one per person and petition, under a pseudonym that only the petition's key makes."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import orjson
from sqlalchemy import bindparam, delete, insert, literal, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.events import NO_LOT
from bot.campaign.signatures import OwnSignature, SignatureState, Signer
from bot.keys import PSEUDONYM_SIZE, Keys, closed
from bot.store.petitions.tables import signatures
from bot.store.schema import purpose, row

NAME = purpose(signatures.c.name_sealed)
LOT = purpose(signatures.c.lot_sealed)
NAME_SIZE = 320
"""Of a sealed name, as long as the longest: 80 characters of four bytes."""
NO_DAY = date(1970, 1, 1)
"""The day in a mark of ``SignatureState.SPENT``: it tells none."""

Key = tuple[str, bytes]
"""Petition and the pseudonym within it."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What was signed, and when; ``text_hash`` is that of the very words, ``consent_hash`` of
    those by which what it reveals may be kept, SHA-256 in hex. ``lot``: see
    ``events.Provenance``; accounts have none."""

    day: date
    language: str
    text_version: int
    text_hash: str
    state: SignatureState = SignatureState.COUNTED
    country: str = ""
    name: str = field(default="", repr=False)
    signer: Signer = Signer.ACCOUNT
    consent_hash: str = ""
    lot: str = field(default=NO_LOT, repr=False)

    @property
    def own(self) -> OwnSignature:
        """What the supporter may be told of it."""
        return OwnSignature(self.state, self.country, bool(self.name), self.signer)


SPENT = Signature(NO_DAY, "", 0, "", SignatureState.SPENT)
"""The mark that remains of somebody whose signature was kept without a name: whether an account or
a browser, it does not say."""


async def find(
    connection: AsyncConnection, pseudonyms: Collection[bytes]
) -> dict[Key, OwnSignature]:
    """The signatures under these pseudonyms, by petition and pseudonym."""
    if not pseudonyms:
        return {}
    rows = await connection.execute(_FIND, {"whose": list(pseudonyms)})
    return {
        (petition, pseudonym): OwnSignature(
            SignatureState(state), country or "", bool(listed), Signer(signer)
        )
        for petition, pseudonym, state, signer, country, listed in rows
    }


_FIND = select(
    signatures.c.petition,
    signatures.c.pseudonym,
    signatures.c.state,
    signatures.c.signer,
    signatures.c.country,
    signatures.c.name_sealed.is_not(null()),
).where(signatures.c.pseudonym.in_(bindparam("whose", expanding=True)))


def new_pseudonym() -> bytes:
    """One that belongs to nobody and that no key makes."""
    return os.urandom(PSEUDONYM_SIZE)


async def add(
    connection: AsyncConnection, keys: Keys, rows: Sequence[tuple[str, bytes, Signature]]
) -> None:
    """Record signatures that were not there."""
    if rows:
        await connection.execute(
            insert(signatures),
            [
                {
                    "petition": petition,
                    "pseudonym": pseudonym,
                    "state": signature.state.value,
                    "signer": signature.signer.value,
                    "day": signature.day,
                    "language": signature.language,
                    "text_version": signature.text_version,
                    "text_hash": signature.text_hash,
                    "consent_hash": signature.consent_hash or None,
                    "lot_sealed": _seal_lot(keys, signature, petition, pseudonym),
                    "country": signature.country or None,
                    "name_sealed": _seal_name(keys, signature.name, petition, pseudonym),
                }
                for petition, pseudonym, signature in rows
            ],
        )


def _seal_lot(keys: Keys, signature: Signature, petition: str, pseudonym: bytes) -> bytes | None:
    if signature.signer is Signer.ACCOUNT:
        return None
    return keys.seal(orjson.dumps(signature.lot), LOT, row(pseudonym, petition))


def lot_of(keys: Keys, sealed: bytes | None, petition: str, pseudonym: bytes) -> str:
    """The lot that is sealed in a row. Raises SealBroken for one that stands in another's."""
    if sealed is None:
        return NO_LOT
    return str(orjson.loads(keys.unseal(sealed, LOT, row(pseudonym, petition))))


def _seal_name(keys: Keys, name: str, petition: str, pseudonym: bytes) -> bytes | None:
    if not name:
        return None
    plain = closed_name(keys, name.encode().ljust(NAME_SIZE))
    return keys.seal(plain, NAME, row(pseudonym, petition))


def closed_name(keys: Keys, plain: bytes) -> bytes:
    """As it is sealed: closed, where there is a key to close it to."""
    return closed.close(plain, keys.names_to) if keys.names_to else plain


async def remove(connection: AsyncConnection, rows: Sequence[Key]) -> None:
    """Delete signatures."""
    if rows:
        await connection.execute(
            delete(signatures).where(
                signatures.c.petition == bindparam("of"),
                signatures.c.pseudonym == bindparam("whose"),
            ),
            [{"of": petition, "whose": pseudonym} for petition, pseudonym in rows],
        )


async def name_countries(
    connection: AsyncConnection, rows: Iterable[tuple[str, bytes, str]]
) -> None:
    """Note the countries ("" for none) of signatures that are there."""
    await _set(connection, "country", [(*key, country or None) for *key, country in rows])


async def list_names(
    connection: AsyncConnection, keys: Keys, rows: Iterable[tuple[str, bytes, str]]
) -> None:
    """Note the names ("" for none) under which signatures shall be handed over."""
    await _set(
        connection,
        "name_sealed",
        [(of, whose, _seal_name(keys, name, of, whose)) for of, whose, name in rows],
    )


async def _set(connection: AsyncConnection, column: str, rows: Sequence[Sequence[object]]) -> None:
    if rows:
        await connection.execute(
            update(signatures)
            .where(
                signatures.c.petition == bindparam("of"),
                signatures.c.pseudonym == bindparam("whose"),
            )
            .values({column: bindparam("value", type_=signatures.c[column].type)}),
            [{"of": petition, "whose": whose, "value": value} for petition, whose, value in rows],
        )


_WHAT = ("language", "text_version", "text_hash", "consent_hash")
_KEPT = ("petition", "state", "signer", "day", *_WHAT)


async def keep_without_person(connection: AsyncConnection, keys: Keys, rows: Sequence[Key]) -> None:
    """Let these signatures count on under pseudonyms of nobody, and mark their signers.

    Neither the new row nor the mark says which belongs to which, not even with the keys.
    """
    for petition, pseudonym in rows:
        this = (signatures.c.petition == petition) & (signatures.c.pseudonym == pseudonym)
        lot = await connection.scalar(select(signatures.c.lot_sealed).where(this))
        # Sealed anew: in a backup from before, the same bytes would stand beside the old pseudonym.
        nobody = new_pseudonym()
        again = None
        if lot is not None:
            plain = keys.unseal(lot, LOT, row(pseudonym, petition))
            again = keys.seal(plain, LOT, row(nobody, petition))
        await connection.execute(
            insert(signatures).from_select(
                ["pseudonym", "lot_sealed", *_KEPT],
                select(
                    literal(nobody),
                    literal(again, type_=signatures.c.lot_sealed.type),
                    *(signatures.c[name] for name in _KEPT),
                ).where(this),
            )
        )
        await connection.execute(
            update(signatures)
            .where(this)
            .values(
                state=SPENT.state.value,
                day=SPENT.day,
                language=SPENT.language,
                text_version=SPENT.text_version,
                text_hash=SPENT.text_hash,
                signer=SPENT.signer.value,
                consent_hash=None,
                lot_sealed=None,
                country=None,
                name_sealed=None,
            )
        )
