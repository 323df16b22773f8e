"""Names that were listed before there was a key to close them to are closed at the next start."""

from __future__ import annotations

import structlog
from sqlalchemy import LargeBinary, bindparam, func, select, update

from bot.keys import SEAL_SIZE, Keys, SealBroken
from bot.store.database import Database
from bot.store.petitions.signatures import NAME, NAME_SIZE, closed_name
from bot.store.petitions.tables import signatures
from bot.store.schema import row

log = structlog.get_logger(__name__)


async def close_names(store: Database, keys: Keys) -> int:
    """How many were closed: in one transaction, and nothing of them is left in the file."""
    if not keys.names_to:
        return 0
    async with store.writing() as connection:
        found = await connection.execute(
            select(signatures.c.petition, signatures.c.pseudonym, signatures.c.name_sealed).where(
                func.length(signatures.c.name_sealed) == SEAL_SIZE + NAME_SIZE
            )
        )
        rows = []
        for petition, pseudonym, sealed in found:
            where = row(pseudonym, petition)
            try:
                plain = keys.unseal(sealed, NAME, where)
            except SealBroken:
                log.error("seal_broken", column="signatures.name")
                continue
            again = keys.seal(closed_name(keys, plain), NAME, where)
            rows.append({"of": petition, "whose": pseudonym, "again": again})
        if rows:
            await connection.execute(
                update(signatures)
                .where(
                    signatures.c.petition == bindparam("of"),
                    signatures.c.pseudonym == bindparam("whose"),
                )
                .values(name_sealed=bindparam("again", type_=LargeBinary)),
                rows,
            )
    if rows:
        await store.scrub()  # or they would still stand in free pages and in the log
        log.info("names_closed", number=len(rows))
    return len(rows)
