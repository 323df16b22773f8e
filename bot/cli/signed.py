"""The texts that people have signed, for the check of the content."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from bot.settings import Settings, revealed

if TYPE_CHECKING:
    from bot.content_files import Problem
    from bot.content_files.checks import Check
    from bot.content_files.checks.content import Checked
    from bot.store.petitions.signed_texts import SignedText


def signed_texts(settings: Settings) -> Check:
    """A check that finds a petition whose text was changed under a version that was signed.

    Where there is no database that can be read now, it finds nothing: the content is right or
    wrong without one.
    """
    signed = asyncio.run(_read(settings)) if settings.data_dir.is_dir() else []

    def check(content: Checked) -> Iterable[Problem]:
        return _changed(content, signed)

    return check


async def _read(settings: Settings) -> Collection[SignedText]:
    from sqlalchemy.exc import DBAPIError

    from bot.store.database import DatabaseTrouble
    from bot.store.opening import open_database
    from bot.store.petitions import signed_texts

    url = revealed(settings.database_url)
    try:
        store = await open_database(settings.data_dir, url, beside=True, looking=True)
        try:
            async with store.reading() as connection:
                return await signed_texts.every(connection)
        finally:
            await store.close()
    except (DatabaseTrouble, DBAPIError, OSError):
        return []


def _changed(content: Checked, signed: Collection[SignedText]) -> Iterable[Problem]:
    campaign = content.campaign
    now = set(campaign.petition_hashes.values())
    told: set[str] = set()
    for one in signed:
        petition = campaign.petitions.get(one.petition)
        written = campaign.petition_hashes.get((one.petition, one.language))
        if petition is None or written is None or one.petition in told:
            continue
        if one.version == petition.version and one.hash not in now:
            told.add(one.petition)
            yield content.at(
                ("petitions", one.petition, "version"),
                f"people have signed version {one.version} with another text than stands there now"
                f" (petitions.yaml, {one.language})",
                f"write version: {petition.version + 1}",
            )
