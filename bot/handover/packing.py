"""A pack put together, with its checksums, in a directory that holds nothing else."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

from bot.campaign.channel import Made
from bot.campaign.content import Campaign
from bot.campaign.staff import SHELL
from bot.documents.handover_pdf import handover_pdf
from bot.handover.document import PackWording
from bot.handover.facts import HandoverTrouble, read
from bot.handover.tables import tables
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
    made.append(_checksums(made))
    paths = _written(made, out)
    async with store.writing() as connection:
        if facts.frozen is None:
            pack = Pack(_digest(made[-1]), today, facts.totals["total"])
            await destroying.packed(connection, petition, pack)
        done = audit.Entry(SHELL, "handover", detail=petition)
        await audit.add(connection, keys, [done], at)
    return paths


def _digest(made: Made) -> str:
    return hashlib.sha256(made.content).hexdigest()


def _checksums(made: Iterable[Made]) -> Made:
    """As ``sha256sum --check`` reads it."""
    lines = "".join(f"{_digest(one)}  {one.name}\n" for one in made)
    return Made("SHA256SUMS", "text/plain", lines.encode())


def _written(made: Sequence[Made], out: Path) -> list[Path]:
    try:
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
        there = sorted(file.name for file in out.iterdir())
        if there:
            raise HandoverTrouble(
                f"There is something in {out} already ({there[0]}): choose an empty directory."
            )
        paths = []
        for one in made:
            path = out / one.name
            # Names of people are in there.
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
                new.write(one.content)
            paths.append(path)
    except OSError as problem:
        raise HandoverTrouble(
            f"{out} cannot be written ({problem.strerror}): choose another directory."
        ) from problem
    return paths
