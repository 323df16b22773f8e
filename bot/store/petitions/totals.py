"""A petition's totals: what its pack shows, and what stays when its signatures are destroyed."""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign import countries
from bot.campaign.signatures import SignatureState
from bot.keys import Keys, SealBroken
from bot.store import counters
from bot.store.petitions import tallies
from bot.store.petitions.signatures import NAME
from bot.store.petitions.tables import signatures
from bot.store.schema import row

log = structlog.get_logger()


async def of_petition(connection: AsyncConnection, petition: str) -> dict[str, Any]:
    """Plain numbers, JSON-safe. ``signed`` less ``withdrawn``, ``rejected`` and ``pending`` is
    ``total``; ``by_country`` holds small groups under "" (see ``countries.shown``)."""
    counting = signatures.c.state.in_(counters.COUNTING)
    mine = signatures.c.petition == petition
    states: dict[str, int] = {
        str(state): int(number)
        for state, number in await connection.execute(
            select(signatures.c.state, func.count()).where(mine).group_by(signatures.c.state)
        )
    }
    everywhere = {
        (country or ""): number
        for country, number in await connection.execute(
            select(signatures.c.country, func.count())
            .where(mine, counting)
            .group_by(signatures.c.country)
        )
    }
    named, others = countries.shown(everywhere)
    texts = [
        {"hash": hash_, "version": version, "language": language, "signatures": number}
        for hash_, version, language, number in await connection.execute(
            select(
                signatures.c.text_hash,
                signatures.c.text_version,
                signatures.c.language,
                func.count(),
            )
            .where(mine, counting)
            .group_by(signatures.c.text_hash, signatures.c.text_version, signatures.c.language)
            .order_by(signatures.c.text_version, signatures.c.language)
        )
    ]
    first, last = (
        await connection.execute(
            select(func.min(signatures.c.day), func.max(signatures.c.day)).where(mine, counting)
        )
    ).one()
    happened = (await tallies.totals(connection)).get(petition, {})
    return {
        "total": sum(everywhere.values()),
        "signed": happened.get(tallies.Change.SIGNED, 0) + happened.get(tallies.Change.ADJUSTED, 0),
        "withdrawn": happened.get(tallies.Change.WITHDRAWN, 0)
        + happened.get(tallies.Change.ERASED, 0),
        "rejected": states.get(SignatureState.REJECTED.value, 0),
        "pending": states.get(SignatureState.PENDING.value, 0),
        "by_country": {**dict(named), **({"": others} if others else {})},
        "countries": len([country for country in everywhere if country]),
        "texts": texts,
        "first_day": first.isoformat() if first else None,
        "last_day": last.isoformat() if last else None,
    }


async def names(connection: AsyncConnection, keys: Keys, petition: str) -> list[str]:
    """The names under which supporters let their signatures be handed over, in the alphabet."""
    rows = await connection.execute(
        select(signatures.c.pseudonym, signatures.c.name_sealed).where(
            signatures.c.petition == petition,
            signatures.c.state.in_(counters.COUNTING),
            signatures.c.name_sealed.is_not(None),
        )
    )
    found = []
    for pseudonym, sealed in rows:
        try:
            name = keys.unseal(sealed, NAME, row(pseudonym, petition))
        except SealBroken:
            log.error("seal_broken", column="signatures.name")  # no name, and none of another's
            continue
        found.append(name.decode().rstrip())
    return sorted(found, key=countries.plain)
