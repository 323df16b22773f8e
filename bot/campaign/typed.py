"""What supporters type, made safe to use: one line, no control or direction-changing characters."""

from __future__ import annotations

import re
import unicodedata

from bot.campaign.visible import shows

# Cc: control; Cf: format (direction overrides, zero-width); Cs: lone surrogates; Co, Cn: none.
_UNWANTED = {"Cc", "Cf", "Cs", "Co", "Cn"}
# Needed inside emoji sequences and in several scripts: not harmful, and part of names.
_JOINERS = {"\u200c", "\u200d"}


def one_line(text: str) -> str:
    """The text on one line, in NFC; "" where no letter or digit is in it."""
    spaced = "".join(
        " " if character.isspace() or unicodedata.category(character) == "Zl" else character
        for character in unicodedata.normalize("NFC", text)
    )
    kept = "".join(
        character
        for character in spaced
        if character in _JOINERS or unicodedata.category(character) not in _UNWANTED
    )
    line = re.sub(r"\s+", " ", kept).strip()
    # A Hangul filler is a letter by its category.
    return line if any(sign.isalnum() and shows(sign) for sign in line) else ""


def is_money(text: str) -> bool:
    """Whether it is an amount with its currency ("20 €", "15 euros")."""
    return bool(re.search(r"€|\beur(os?)?\b", text.lower())) and amount(text) is not None


def amount(text: str) -> float | None:
    """An amount of money as people type it ("15", "15,50 €", "1 000"); None where it is none."""
    digits = re.sub(r"[\s\u00a0\u202f€]|eur(os?)?", "", text.strip().lower())
    if not re.fullmatch(r"\d{1,6}([.,]\d{1,2})?", digits):
        return None
    value = float(digits.replace(",", "."))
    return value if value > 0 else None
