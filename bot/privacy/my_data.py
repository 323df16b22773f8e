"""Everything held on a supporter, as a file to read and a file for machines.

Made from the declaration of kinds, at the moment when it is sent: it cannot leave a kind out.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.delivery import Made
from bot.campaign.messages import Attachment, words
from bot.campaign.scenes.privacy import MY_DATA
from bot.keys import Keys
from bot.privacy.kinds import KINDS, Who
from bot.store.database import Store
from bot.wording import Wording

Make = Callable[[Attachment, str], Awaitable[tuple[Made, ...]]]

Held = dict[str, list[dict[str, Any]]]
"""Rows by kind of data."""


async def held_on(connection: AsyncConnection, keys: Keys, who: Who) -> Held:
    """All rows on somebody; kinds without any are there with none."""
    held: Held = {}
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
        store: Store,
        keys: Keys,
        wording: Callable[[], Wording],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ):
        """Reads from this store at the moment of sending."""
        self._store = store
        self._keys = keys
        self._wording = wording
        self._clock = clock

    async def __call__(self, attachment: Attachment, language: str) -> tuple[Made, ...]:
        """A text and a JSON file. What waits in the outbox is named, not repeated."""
        channel, address = str(attachment.value("channel")), str(attachment.value("address"))
        who = Who.of(self._keys, channel, address)
        async with self._store.reading() as connection:
            held = await held_on(connection, self._keys, who)
        wording, day = self._wording(), self._clock().date()
        name = wording.text(words("privacy.kind.file"), language, "plain")
        text = readable(held, wording, language, day)
        document = {"made_on": day, "held": held}
        return (
            Made(f"{name}.txt", "text/plain; charset=utf-8", text.encode()),
            Made(
                f"{name}.json",
                "application/json",
                orjson.dumps(document, default=_plain, option=orjson.OPT_INDENT_2),
            ),
        )


def beside(make: Make, my_data: Make) -> Make:
    """One maker for everything: a supporter's own data, and all that ``make`` makes."""

    async def made(attachment: Attachment, language: str) -> tuple[Made, ...]:
        maker = my_data if attachment.kind == MY_DATA else make
        return await maker(attachment, language)

    return made


def readable(held: Held, wording: Wording, language: str, day: date) -> str:
    """The same as a text, kind by kind."""

    def said(key: str, **values: Any) -> str:
        return wording.text(words(f"privacy.kind.{key}", **values), language, "plain")

    def line(name: str, value: Any) -> str:
        return said("line", label=words(f"privacy.kind.field.{name}"), value=_written(value))

    parts = [said("title"), said("made", day=day)]
    for kind, rows in held.items():
        lines = [said(kind).upper(), *([] if rows else [said("nothing")])]
        for row in rows:
            told = [line(name, value) for name, value in row.items() if value != ""]
            lines += [f"{'– ' if first else '  '}{one}" for first, one in _marked(told)]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _marked(lines: list[str]) -> list[tuple[bool, str]]:
    return [(number == 0, line) for number, line in enumerate(lines)]


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    return orjson.dumps(value, default=_plain).decode()


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"no plain form of {type(value).__name__}")
