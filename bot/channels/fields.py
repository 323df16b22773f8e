"""Fields of what a platform sends, each of the kind that it has to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Malformed(Exception):
    """What is wrong with an update; nothing personal."""


def text_in(holder: Mapping[str, Any], name: str) -> str:
    """A text, which may be empty. Raises Malformed."""
    value = holder.get(name)
    if type(value) is not str:
        raise Malformed(f"{name} is no text")
    return value


def mapping(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What holds fields of its own. Raises Malformed."""
    value = holder.get(name)
    if type(value) is not dict:
        raise Malformed(f"{name} is no object")
    return value
