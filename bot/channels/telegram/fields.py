"""The fields of what Telegram sends, each of the kind that it has to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.channels.fields import Malformed

HIGHEST: Final = 2**53
"""Beyond every id of Telegram's, and as far as all that reads JSON counts exactly."""


def language_of(holder: Mapping[str, Any]) -> str:
    """What whoever did it has set in Telegram, "" where that is not told."""
    person = holder.get("from")
    language = person.get("language_code") if isinstance(person, dict) else None
    return language if isinstance(language, str) else ""


def integer(holder: Mapping[str, Any], name: str) -> int:
    """A number that all that reads JSON counts exactly. Raises Malformed."""
    value = holder.get(name)
    if type(value) is not int or abs(value) >= HIGHEST:
        raise Malformed(f"{name} is no number")
    return value
