"""Each kind of data: how it is shown, how it ends, how long it stays.

A table names its kind where it is defined, and so does a column what it is sealed for; a new one
that does not fails the tests. /mydata is complete, /forget reaches everything and a new key seals
everything again because all three follow from that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Row, Select, Table, select

from bot.keys import Keys, SealBroken, closed
from bot.store import dead_letters, outbox, sizes
from bot.store.broadcasts import deliveries
from bot.store.every_table import metadata
from bot.store.people import (
    acts,
    erasing,
    inbox,
    page_tokens,
    reminders,
    share_codes,
    web_turns,
)
from bot.store.petitions.tables import signatures
from bot.store.schema import is_aside, is_hidden, is_packed, kind_of, purpose_of, row_of


@dataclass(frozen=True, slots=True)
class Who:
    """Whose data are looked for. ``petitions``: their pseudonym within each petition."""

    channel: str
    address: str = field(repr=False)
    pseudonym: bytes
    petitions: Mapping[str, bytes]
    keys: Keys = field(repr=False)

    @classmethod
    def of(cls, keys: Keys, channel: str, address: str) -> Who:
        """Somebody by their address on a channel."""
        petitions = {p: keys.petition_pseudonym(p, channel, address) for p in keys.petitions()}
        return cls(channel, address, keys.pseudonym(channel, address), petitions, keys)

    def within(self, table: Table) -> bytes:
        """Their pseudonym in that table (a signature's has one for each petition)."""
        return self.keys.aside(self.pseudonym, table.name) if is_aside(table) else self.pseudonym


PSEUDONYM = "pseudonym"
"""The column that holds whose row it is; in ``signatures``, under the petition's own pseudonym."""
CASCADE = "with the supporter's row"
BY_FORGET = "by /forget, with the number lowered, or left without a person if so chosen"
NOT_PERSONAL = "holds nothing on a person"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of data. Its tables and sealed columns say themselves that they belong to it.

    ``kept``: for how long, in words; the numbers stand in content (``retention``). ``ends``: what
    /forget does to it.
    """

    name: str
    kept: str
    ends: str | Callable[..., Any] = NOT_PERSONAL

    @property
    def tables(self) -> list[Table]:
        """Where it lies."""
        return [table for table in metadata.sorted_tables if kind_of(table) == self.name]

    @property
    def is_personal(self) -> bool:
        """Whether it is held on a supporter."""
        return any(PSEUDONYM in table.c for table in self.tables)

    def selects(self, who: Who) -> list[tuple[Table, Select[Any]]]:
        """The queries for all rows on somebody, by table."""
        queries = []
        for table in self.tables:
            whose = table.c.get(PSEUDONYM)
            if whose is None:
                continue
            mine = (
                whose.in_(list(who.petitions.values()))
                if table is signatures
                else whose == who.within(table)
            )
            queries.append((table, select(table).where(mine)))
        return queries

    def shown(self, keys: Keys, table: Table, row: Row[Any]) -> dict[str, Any]:
        """A row as its supporter may read it: unsealed, with nothing left out but pseudonyms."""
        told: dict[str, Any] = {}
        for column in table.c:
            value = row._mapping[column]
            if column.name == PSEUDONYM or is_hidden(column) or value is None:
                continue
            purpose, name = purpose_of(column), str(column.name)
            if purpose is None:
                told[name] = value
                continue
            try:
                plain = keys.unseal(value, purpose, row_of(table, row))
            except SealBroken:
                continue  # altered, or another's: nothing of it is shown
            if closed.is_closed(plain):
                told[f"{name.removesuffix('_sealed')}_closed"] = True
            elif is_packed(column):
                told[name] = _opened(sizes.unpacked(plain))["turns"]
            else:
                told[name.removesuffix("_sealed")] = _opened(plain)
        return told


def _opened(plain: bytes) -> Any:
    try:
        return orjson.loads(plain)
    except orjson.JSONDecodeError:
        return plain.decode("utf-8", "replace").strip()


KINDS: tuple[Kind, ...] = (
    Kind(
        "supporter",
        "answers for letters 24 hours; the rest until 12 months after the last visit",
        erasing.erase,
    ),
    Kind("updates", "until stopped, at most as long as the supporter", CASCADE),
    Kind("acts", "as long as the supporter", acts.erase),
    Kind("reminders", "until sent, stopped or a day late", reminders.erase),
    Kind(
        "signature",
        "until a month after the hand-over, then destroyed with the petition's key",
        BY_FORGET,
    ),
    Kind("sharing", "as long as the supporter", share_codes.erase),
    Kind("pages", "24 hours", page_tokens.erase),
    Kind("inbox", "30 days (inbox_days) after the last word of either side", inbox.erase),
    Kind(
        "conversation",
        "on the chat page only: what tells an answer as long as that answer, the rest 30 days",
        web_turns.erase,
    ),
    Kind("outbox", "until sent", outbox.erase),
    Kind("deliveries", "7 days after the end of the broadcast", deliveries.erase),
    Kind("dead_letters", "7 days", dead_letters.erase),
    Kind("notice", "as long as the supporter", CASCADE),
    # What follows holds nothing on a person: texts, numbers, marks of keys, the work of staff.
    Kind("events", "48 hours"),
    # `told_upto` of a milestone is where the telling has come to, and is emptied at its end.
    Kind("figures", "for good: numbers only"),
    Kind("texts", "for good: public texts"),
    Kind("keys", "as long as the key"),
    Kind("health", "as long as something is wrong: numbers and times of the bot itself"),
    Kind("staff", "for good: the record of what staff did, by role or mark"),
)
"""All kinds. Staff who work on the campaign are no supporters: their marks stand in the log."""


def sealed_columns() -> dict[tuple[str, str], bytes]:
    """The purpose of every sealed column of the database."""
    return {
        (table.name, column.name): purpose
        for table in metadata.sorted_tables
        for column in table.c
        if (purpose := purpose_of(column)) is not None
    }
