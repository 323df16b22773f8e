"""Each kind of data, declared once: where it is, how it is shown, how it ends, how long it stays.

A new table or column belongs here, or the tests fail. ``Kind.rows`` makes /mydata complete,
``Kind.ends`` says how /forget reaches it, ``Kind.sealed`` what a new key must seal again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Row, Select, select

from bot.keys import Keys
from bot.store import dead_letters, outbox
from bot.store.broadcasts import deliveries
from bot.store.every_table import metadata
from bot.store.people import erasing, page_tokens, supporters, web_turns
from bot.store.petitions import signatures


@dataclass(frozen=True, slots=True)
class Who:
    """Whose data are looked for. ``petitions``: their pseudonym within each petition."""

    channel: str
    address: str = field(repr=False)
    pseudonym: bytes
    petitions: Mapping[str, bytes]

    @classmethod
    def of(cls, keys: Keys, channel: str, address: str) -> Who:
        """Somebody by their address on a channel."""
        petitions = {p: keys.petition_pseudonym(p, channel, address) for p in keys.petitions()}
        return cls(channel, address, keys.pseudonym(channel, address), petitions)


CASCADE = "with the supporter's row"
BY_FORGET = "by /forget, with the number lowered, or left without a person if so chosen"
NOT_PERSONAL = "holds nothing on a person"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of data.

    ``tables``: its tables with all their columns. ``whose``: the columns (by table) that hold a
    supporter's pseudonym; where the table is ``signatures``, that within the petition. ``sealed``:
    purpose by (table, column). ``ends``: what /forget does to it. ``kept``: for how long, in words;
    the numbers stand in content (``retention``). ``hidden``: columns that mean nothing to anybody.
    """

    name: str
    tables: Mapping[str, tuple[str, ...]]
    kept: str
    ends: str | Callable[..., Any] = NOT_PERSONAL
    whose: Mapping[str, str] = field(default_factory=dict)
    sealed: Mapping[tuple[str, str], bytes] = field(default_factory=dict)
    hidden: Collection[str] = ()

    @property
    def is_personal(self) -> bool:
        """Whether it is held on a supporter."""
        return bool(self.whose)

    def selects(self, who: Who) -> list[tuple[str, Select[Any]]]:
        """The queries for all rows on somebody, by table."""
        queries = []
        for name, column in self.whose.items():
            table = metadata.tables[name]
            mine = (
                table.c[column].in_(list(who.petitions.values()))
                if name == "signatures"
                else table.c[column] == who.pseudonym
            )
            queries.append((name, select(table).where(mine)))
        return queries

    def shown(self, keys: Keys, table: str, row: Row[Any]) -> dict[str, Any]:
        """A row as its supporter may read it: unsealed, with nothing left out but pseudonyms."""
        told: dict[str, Any] = {}
        for name, value in row._mapping.items():
            column = str(name)
            if column == self.whose.get(table) or column in self.hidden or value is None:
                continue
            purpose = self.sealed.get((table, column))
            if purpose is None:
                told[column] = value
            else:
                told[column.removesuffix("_sealed")] = _opened(keys.unseal(value, purpose))
        return told


def _opened(plain: bytes) -> Any:
    try:
        return orjson.loads(plain)
    except orjson.JSONDecodeError:
        return plain.decode("utf-8", "replace").strip()


KINDS: tuple[Kind, ...] = (
    Kind(
        "supporter",
        {
            "supporters": (
                *("pseudonym", "channel", "address_sealed", "language", "case", "question_sealed"),
                *("source", "answers_sealed", "answers_at", "joined_on", "seen_at", "ended_at"),
            )
        },
        "answers for letters 24 hours; the rest until 12 months after the last visit",
        erasing.erase,
        {"supporters": "pseudonym"},
        {
            ("supporters", "address_sealed"): supporters.ADDRESS,
            ("supporters", "question_sealed"): supporters.QUESTION,
            ("supporters", "answers_sealed"): supporters.ANSWERS,
        },
    ),
    Kind(
        "updates",
        {"subscriptions": ("pseudonym", "topic", "wording_version", "day")},
        "until stopped, at most as long as the supporter",
        CASCADE,
        {"subscriptions": "pseudonym"},
    ),
    Kind(
        "acts",
        {"acts": ("pseudonym", "case", "action", "evidence", "day")},
        "as long as the supporter",
        CASCADE,
        {"acts": "pseudonym"},
    ),
    Kind(
        "reminders",
        {"reminders": ("pseudonym", "case", "action", "on", "due")},
        "until sent, stopped or a day late",
        CASCADE,
        {"reminders": "pseudonym"},
    ),
    Kind(
        "signature",
        {
            "signatures": (
                *("pseudonym", "petition", "state", "day", "language", "text_version"),
                *("text_hash", "country", "name_sealed"),
            )
        },
        "until a month after the hand-over, then destroyed with the petition's key",
        BY_FORGET,
        {"signatures": "pseudonym"},
        {("signatures", "name_sealed"): signatures.NAME},
    ),
    Kind(
        "sharing",
        {"share_codes": ("pseudonym", "code")},
        "as long as the supporter",
        CASCADE,
        {"share_codes": "pseudonym"},
    ),
    Kind(
        "pages",
        {
            "page_tokens": (
                *("hash", "pseudonym", "channel", "address_sealed", "case", "action", "at"),
            )
        },
        "24 hours",
        CASCADE,
        {"page_tokens": "pseudonym"},
        {("page_tokens", "address_sealed"): page_tokens.ADDRESS},
        hidden=("hash",),
    ),
    Kind(
        "conversation",
        {"web_turns": ("pseudonym", "number", "turn", "sealed", "at", "until")},
        "on the chat page only: what was typed and letters 24 hours, the rest 30 days",
        web_turns.erase,
        {"web_turns": "pseudonym"},
        {("web_turns", "sealed"): web_turns.BODY},
    ),
    Kind(
        "outbox",
        {
            "outbox": (
                *("id", "pseudonym", "channel", "address_sealed", "lane", "body_sealed"),
                *("created_at", "attempts", "not_before"),
            )
        },
        "until sent",
        outbox.erase,
        {"outbox": "pseudonym"},
        {
            ("outbox", "address_sealed"): outbox.ADDRESS,
            ("outbox", "body_sealed"): outbox.BODY,
        },
    ),
    Kind(
        "deliveries",
        {"deliveries": ("broadcast", "pseudonym", "state", "at", "ref")},
        "7 days after the end of the broadcast",
        deliveries.erase,
        {"deliveries": "pseudonym"},
    ),
    Kind(
        "dead_letters",
        {"dead_letters": ("channel", "event", "pseudonym", "sealed", "reason", "at")},
        "7 days",
        dead_letters.erase,
        {"dead_letters": "pseudonym"},
        {("dead_letters", "sealed"): dead_letters.EVENT},
    ),
    Kind(
        "notice",
        {"notices": ("pseudonym", "sent_at")},
        "as long as the supporter",
        CASCADE,
        {"notices": "pseudonym"},
    ),
    # What follows holds nothing on a person: texts, numbers, marks of keys, the work of staff.
    Kind("events", {"events_seen": ("channel", "id", "at")}, "48 hours"),
    Kind(
        "figures",
        {
            "counters": ("name", "value"),
            "tallies": ("petition", "day", "kind", "count"),
            "arrivals": ("source", "day", "count"),
            "sequences": ("name", "last"),
            "frozen_totals": ("petition", "day", "totals"),
            "handovers": ("petition", "checksum", "made_on", "total"),
            # `told_upto` is where the telling has come to, and is emptied at its end.
            "milestones": ("petition", "number", "reached_on", "told_upto", "told"),
        },
        "for good: numbers only",
    ),
    Kind(
        "texts",
        {"signed_texts": ("hash", "petition", "language", "version", "text")},
        "for good: public texts",
    ),
    Kind("keys", {"key_marks": ("name", "mark")}, "as long as the key"),
    Kind(
        "staff",
        {
            "decisions": (
                *("number", "petition", "day", "verdict", "reason", "by", "signatures"),
                "decided_on",
            ),
            "broadcasts": (
                *("id", "state", "body", "changed_at", "recipients", "fixed_upto", "fixed"),
                *("sent", "blocked", "failed", "unknown", "left", "progress", "report"),
            ),
            "broadcast_files": ("digest", "name", "media_type", "content", "ref"),
            "desk": ("name", "value"),
            "orders": ("id", "broadcast", "act", "value", "at", "answer"),
            "audit": ("number", "at", "who", "act", "broadcast", "detail", "hash"),
        },
        "for good: the record of what staff did, by role or mark",
    ),
)
"""All kinds. Staff who work on the campaign are no supporters: their marks stand in the log."""


def sealed_columns() -> dict[tuple[str, str], bytes]:
    """The purpose of every sealed column of the database."""
    return {where: purpose for kind in KINDS for where, purpose in kind.sealed.items()}
