"""A pack put together from what the database holds."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from bot.campaign.content import Campaign
from bot.campaign.staff import SHELL
from bot.documents.handover_pdf import handover_pdf
from bot.handover.closed import closed_names
from bot.handover.document import PackWording
from bot.handover.facts import HandoverTrouble, read
from bot.handover.tables import tables
from bot.handover.writing import checksums, digest, written
from bot.keys import Keys
from bot.store import audit
from bot.store.database import Database
from bot.store.petitions import destroying
from bot.store.petitions.destroying import Pack
from bot.wording import Wording


async def hand_over(
    store: Database,
    keys: Keys,
    campaign: Campaign,
    wording: Wording,
    petition: str,
    out: Path,
    today: date,
    at: datetime,
    language: str = "",
) -> list[Path]:
    """Write the pack (or, after the destruction, the certificate) into a directory, and note in
    the log of what staff did that it was made.

    Raises DatabaseDamaged, and HandoverTrouble where the petition is unknown, the numbers are not
    reconciled, or the directory holds something already.
    """
    if petition not in campaign.petitions:
        known = ", ".join(campaign.petitions)
        raise HandoverTrouble(f'There is no petition "{petition}": choose one of {known}.')
    # The bot may not run: nobody else has looked whether what is handed over is all that there was.
    await store.prove_sound()
    facts = await read(store, keys, petition)
    pack_wording = PackWording(campaign, wording, language or campaign.languages[0], facts, today)
    made = [
        await handover_pdf(pack_wording.sheet(), today),
        *tables(facts, pack_wording, campaign.cases, today),
    ]
    if facts.names.closed:
        made.append(closed_names(facts, pack_wording, today))
    made.append(checksums(made))
    paths = written(made, out)
    async with store.writing() as connection:
        if facts.frozen is None:
            total = sum(told["total"] for told in facts.signers.values())
            pack = Pack(digest(made[-1]), today, total)
            await destroying.packed(connection, petition, pack)
        done = audit.Entry(SHELL, "handover", detail=petition)
        await audit.add(connection, keys, [done], at)
    return paths
