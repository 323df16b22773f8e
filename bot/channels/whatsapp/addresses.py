"""Whom a message is from and for: somebody's id within this business, or a telephone number.

Whoever has an id is known by it: a username may hide the number. The number is kept nowhere then;
for as long as the process runs it is remembered of those who wrote last, for what the platform
does not send to an id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from babel.core import UnknownLocaleError
from babel.languages import get_official_languages

_ID: Final = re.compile(r"([A-Z]{2})\.[A-Za-z0-9.]{1,128}")
_NUMBER: Final = re.compile(r"\d{5,20}")
MOST: Final = 20_000


def is_id(address: object) -> bool:
    """Whether it is somebody's id within this business."""
    return isinstance(address, str) and _ID.fullmatch(address) is not None


def is_number(address: object) -> bool:
    """Whether it is a telephone number as the platform writes it: digits alone."""
    return isinstance(address, str) and _NUMBER.fullmatch(address) is not None


def language_of(address: str) -> str:
    """What is spoken in the country that an id begins with; "" where none is told."""
    country = _ID.fullmatch(address)
    if country is None:
        return ""
    try:
        spoken = get_official_languages(country[1], regional=False, de_facto=True)
    except UnknownLocaleError:
        return ""
    return spoken[0] if spoken else ""


class Numbers:
    """The numbers of people with an id, and the ids of numbers, as far as they were told lately."""

    def __init__(self) -> None:
        self._number: dict[str, str] = {}
        self._id: dict[str, str] = {}

    def learn(self, whose: str, number: str) -> None:
        """Both were told of the same person."""
        if len(self._number) >= MOST:
            self._number.clear()
            self._id.clear()
        self._number[whose] = number
        self._id[number] = whose

    def number_of(self, whose: str) -> str:
        """The number of that id, "" where it was not told lately."""
        return self._number.get(whose, "")

    def known_as(self, whose: object, number: object) -> str:
        """The address of somebody of whom this was told; "" where neither can be one."""
        if is_id(whose):
            if is_number(number):
                self.learn(str(whose), str(number))
            return str(whose)
        if not is_number(number):
            return ""
        return self._id.get(str(number), str(number))

    def recipient(self, address: str, *, by_number: bool = False) -> Mapping[str, Any]:
        """How a message says for whom it is."""
        if not is_id(address):
            return {"to": address}
        number = self.number_of(address) if by_number else ""
        return {"to": number} if number else {"recipient": address}
