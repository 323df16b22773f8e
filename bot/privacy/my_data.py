"""Everything held on a supporter, as a file to read and a file for machines.

Made from the declaration of kinds, at the moment when it is sent: it cannot leave a kind out.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.channel import Made, Make
from bot.campaign.messages import Attachment, words
from bot.campaign.scenes.privacy import MY_DATA
from bot.clock import Clock, utc_now
from bot.keys import Keys
from bot.privacy.kinds import KINDS, Who
from bot.privacy.telling import RowsByTable, Teller, as_text
from bot.store.database import Database
from bot.wording.rendering import ContentNow


async def rows_of(connection: AsyncConnection, keys: Keys, who: Who) -> RowsByTable:
    """All rows on somebody; kinds without any are there with none."""
    held: RowsByTable = {}
    for kind in KINDS:
        if kind.is_personal:
            rows = held[kind.name] = []
            for table, query in kind.selects(who):
                rows += [kind.shown(keys, table, row) for row in await connection.execute(query)]
    return held


class MyData:
    """Makes the files of a ``mydata`` attachment: ``MyData(…)(attachment, language)``."""

    def __init__(
        self,
        store: Database,
        keys: Keys,
        content: ContentNow,
        clock: Clock = utc_now,
    ):
        """Reads from this store at the moment of sending."""
        self._store = store
        self._keys = keys
        self._content = content
        self._clock = clock

    async def __call__(self, attachment: Attachment, language: str) -> tuple[Made, ...]:
        """A text and a JSON file. The message that they come with is left out of them."""
        channel, address = str(attachment.value("channel")), str(attachment.value("address"))
        who = Who.of(self._keys, channel, address)
        async with self._store.reading() as connection:
            held = await rows_of(connection, self._keys, who)
        held["outbox"] = [row for row in held["outbox"] if not _carries(row)]
        campaign, wording = self._content()
        day = self._clock().astimezone(ZoneInfo(campaign.time_zone)).date()
        name = wording.text(words("privacy.kind.file"), language, "plain")
        text = Teller(campaign, wording, language).text(held, day)
        document = {"made_on": day, "held": held}
        return (
            Made(f"{name}.txt", "text/plain; charset=utf-8", text.encode()),
            Made(
                f"{name}.json",
                "application/json",
                orjson.dumps(document, default=as_text, option=orjson.OPT_INDENT_2),
            ),
        )


def _carries(row: dict[str, Any]) -> bool:
    """Whether a waiting message is one that brings these files."""
    body = row.get("body")
    attachment = body.get("attachment") if isinstance(body, dict) else None
    return isinstance(attachment, list) and attachment[0] == MY_DATA


def beside(make: Make, my_data: Make) -> Make:
    """One maker for everything: a supporter's own data, and all that ``make`` makes."""

    async def made(attachment: Attachment, language: str) -> tuple[Made, ...]:
        maker = my_data if attachment.kind == MY_DATA else make
        return await maker(attachment, language)

    return made
