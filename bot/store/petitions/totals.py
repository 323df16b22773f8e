"""A petition's totals: what its pack shows, and what stays when its signatures are destroyed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign import countries
from bot.campaign.bare_words import bare
from bot.campaign.signatures import BACK, SignatureState, Signer
from bot.keys import Keys, SealBroken, closed
from bot.store import counters
from bot.store.petitions import tallies
from bot.store.petitions.signatures import NAME
from bot.store.petitions.tables import signatures
from bot.store.schema import row

log = structlog.get_logger()


async def of_petition(connection: AsyncConnection, petition: str) -> dict[str, Any]:
    """Plain numbers, JSON-safe: under ``signers`` those of each kind, which are never added up."""
    happened = await tallies.totals(connection)
    rows = signatures.c.signer, signatures.c.state
    found = await connection.execute(
        select(*rows, func.count()).where(signatures.c.petition == petition).group_by(*rows)
    )
    states: dict[Signer, dict[SignatureState, int]] = {}
    for signer, state, number in found:
        if state != SignatureState.SPENT.value:
            states.setdefault(Signer(signer), {})[SignatureState(state)] = number
    there = {*states, *(signer for of, signer in happened if of == petition)}
    # Both kinds are told, also that there are none; what was before them only where it is.
    return {
        "signers": {
            signer.value: await _of_kind(
                connection,
                (signatures.c.petition == petition) & (signatures.c.signer == signer.value),
                states.get(signer, {}),
                happened.get((petition, signer), {}),
            )
            for signer in Signer
            if signer is not Signer.EARLIER or signer in there
        }
    }


async def _of_kind(
    connection: AsyncConnection,
    mine: ColumnElement[bool],
    states: Mapping[SignatureState, int],
    happened: Mapping[tallies.Change, int],
) -> dict[str, Any]:
    """``signed`` less ``withdrawn``, ``rejected``, ``taken_out`` and ``pending`` is ``total``;
    ``by_country`` holds small groups under "" (see ``countries.shown``)."""
    counting = mine & signatures.c.state.in_(counters.COUNTING)
    everywhere = {
        (country or ""): number
        for country, number in await connection.execute(
            select(signatures.c.country, func.count())
            .where(counting)
            .group_by(signatures.c.country)
        )
    }
    named, others = countries.shown(everywhere)
    what = (signatures.c.text_hash, signatures.c.text_version, signatures.c.language)
    texts = [
        {"hash": hash_, "version": version, "language": language, "signatures": number}
        for hash_, version, language, number in await connection.execute(
            select(*what, func.count())
            .where(counting)
            .group_by(*what)
            .order_by(signatures.c.text_version, signatures.c.language)
        )
    ]
    consents: dict[str, int] = {
        hash_ or "": number
        for hash_, number in await connection.execute(
            select(signatures.c.consent_hash, func.count())
            .where(counting)
            .group_by(signatures.c.consent_hash)
            .order_by(signatures.c.consent_hash)
        )
    }
    first, last = (
        await connection.execute(
            select(func.min(signatures.c.day), func.max(signatures.c.day)).where(counting)
        )
    ).one()
    change = tallies.Change
    return {
        "total": sum(everywhere.values()),
        "signed": happened.get(change.SIGNED, 0) + happened.get(change.ADJUSTED, 0),
        "withdrawn": happened.get(change.WITHDRAWN, 0) + happened.get(change.ERASED, 0),
        "rejected": states.get(SignatureState.REJECTED, 0),
        "taken_out": sum(states.get(state, 0) for state in BACK),
        "pending": states.get(SignatureState.PENDING, 0),
        "by_country": {**dict(named), **({"": others} if others else {})},
        "countries": len([country for country in everywhere if country]),
        "texts": texts,
        "consents": consents,
        "first_day": first.isoformat() if first else None,
        "last_day": last.isoformat() if last else None,
    }


@dataclass(frozen=True, slots=True)
class Names:
    """Those under which supporters let their signatures be handed over, by kind of signer:
    ``read`` in the alphabet, ``closed`` those that only the private key opens, in no order."""

    read: Mapping[Signer, Sequence[str]] = field(default_factory=dict, repr=False)
    closed: Mapping[Signer, Sequence[bytes]] = field(default_factory=dict, repr=False)

    def number(self, signer: Signer) -> int:
        """How many there are of one kind."""
        return len(self.read.get(signer, ())) + len(self.closed.get(signer, ()))


async def names(connection: AsyncConnection, keys: Keys, petition: str) -> Names:
    """The names that are to be handed over with that petition."""
    rows = await connection.execute(
        select(signatures.c.signer, signatures.c.pseudonym, signatures.c.name_sealed).where(
            signatures.c.petition == petition,
            signatures.c.state.in_(counters.COUNTING),
            signatures.c.name_sealed.is_not(None),
        )
    )
    read: dict[Signer, list[str]] = {}
    shut: dict[Signer, list[bytes]] = {}
    for signer, pseudonym, sealed in rows:
        try:
            name = keys.unseal(sealed, NAME, row(pseudonym, petition))
        except SealBroken:
            log.error("seal_broken", column="signatures.name")  # no name, and none of another's
            continue
        if closed.is_closed(name):
            shut.setdefault(Signer(signer), []).append(name)
        else:
            read.setdefault(Signer(signer), []).append(name.decode().rstrip())
    return Names(
        {signer: alphabetical(names) for signer, names in read.items()},
        # In the order of their bytes, which are chance: the pack tells nobody's pseudonym.
        {signer: sorted(names) for signer, names in shut.items()},
    )


def alphabetical(names: Iterable[str]) -> list[str]:
    """In the order in which they are handed over."""
    return sorted(names, key=bare)
