"""What is held on a supporter, said in words: one line for each thing, in their language.

The file for machines keeps every value as it is stored; this one is for people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from bot.campaign.content import Campaign
from bot.campaign.light_html import without_markup
from bot.campaign.messages import Words, words
from bot.store.broadcasts.deliveries import Fate
from bot.store.people.supporters import parted
from bot.wording import Wording

RowsByTable = dict[str, list[dict[str, Any]]]
"""Rows by kind of data."""


class Teller:
    """Says rows of one supporter in one language."""

    def __init__(self, campaign: Campaign, wording: Wording, language: str):
        self._campaign = campaign
        self._wording = wording
        self._language = language
        self._zone = ZoneInfo(campaign.time_zone)

    def text(self, held: RowsByTable, day: date) -> str:
        """All of it, kind by kind."""
        parts = [self._kind("title"), self._kind("made", day=day)]
        for kind, rows in held.items():
            lines = [self._kind(kind).upper(), *([] if rows else [self._kind("nothing")])]
            for row in rows:
                told = [
                    line for name, value in row.items() for line in self._lines(name, value, row)
                ]
                lines += [f"{'  ' if number else '– '}{one}" for number, one in enumerate(told)]
            parts.append("\n".join(lines))
        return "\n\n".join(parts) + "\n"

    def _lines(self, name: str, value: Any, row: Mapping[str, Any]) -> Iterator[str]:
        if name == "answers" and isinstance(value, list):
            for what, answer in zip(("at_risk", "first_name", "town"), value, strict=False):
                if answer not in ("", None):
                    yield self._line(f"answer.{what}", self._value(what, answer, row))
        elif name == "question":
            question, step, furthest = parted(str(value))
            further = furthest if furthest > step else 0
            told = {"question": question, "step": step, "furthest": further}
            for part, said in told.items():
                if said:
                    yield self._line(f"field.{part}", self._value(part, said, row))
        elif value not in ("", []):
            yield self._line(f"field.{name}", self._value(name, value, row))

    def _line(self, label: str, value: str) -> str:
        return self._kind("line", label=words(f"privacy.kind.{label}"), value=value)

    def _kind(self, key: str, **values: Any) -> str:
        return self._say(words(f"privacy.kind.{key}", **values))

    def _say(self, spoken: Words) -> str:
        return self._wording.text(spoken, self._language, "plain")

    def _value(self, name: str, value: Any, row: Mapping[str, Any]) -> str:
        if isinstance(value, datetime):
            at = value if value.tzinfo else value.replace(tzinfo=UTC)
            moment = at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M")
            return self._kind("moment", at=moment)
        if isinstance(value, date):
            return self._kind("day", day=value)
        # The fate of a delivery is kept as a number.
        known = Fate(value).name if name == "state" and isinstance(value, int) else str(value)
        key = self._named(name, known, row)
        if key is not None:
            return key
        if isinstance(value, bytes):
            return value.hex()
        return value if isinstance(value, str) else written(value)

    def _named(self, name: str, value: str, row: Mapping[str, Any]) -> str | None:
        """The words that content has for a value that is an id; None where it has none."""
        if name == "country":
            return self._campaign.country(value, self._language)
        if name == "language":
            known = self._wording.has("language.name", value)
            return self._say(words("language.name").in_language(value)) if known else None
        if name == "consent_hash":
            # The very words, where they are still those of the content.
            agreed = {hash_: one for one, hash_ in self._campaign.signing_hashes.items()}
            return self._campaign.signing_texts[agreed[value]] if value in agreed else None
        if name == "case" and value in self._campaign.cases:
            return self._campaign.cases[value].full_name
        # A question is named by what it asks, then by what it is about.
        first = value.split(":")[0] if name == "question" else value
        keys: Mapping[str, str] = {
            "action": f"{row.get('case')}.action.{value}.title",
            "petition": f"petitions.{value}.title",
            "topic": f"updates.topic.{value}",
        }
        key = keys.get(name, f"privacy.kind.value.{name}.{first.lower()}")
        return self._say(words(key)) if self._wording.is_said(key, self._language) else None


def written(value: Any) -> str:
    """What was said, of a message or turn, on one line; anything else as data."""
    if isinstance(value, list):
        return " / ".join(map(written, value))
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            text = without_markup(value["text"])
            return " ".join(f"{text} {value.get('block', '')}".split())
        for name in ("own", "message"):
            if name in value:
                return written(value[name])
    return orjson.dumps(value, default=as_text).decode()


def as_text(value: Any) -> str:
    """Bytes as text, for what takes none."""
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"no plain form of {type(value).__name__}")
