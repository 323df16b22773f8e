"""What was typed, as it is compared with what was expected."""

from __future__ import annotations

import re
import unicodedata


def bare(text: str) -> str:
    """The text as it is compared: small letters without accents, words parted by one space."""
    letters = "".join(
        character
        for character in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(character)
    )
    return " ".join(re.findall(r"[^\W_]+", letters))
