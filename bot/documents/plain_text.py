"""Text that files and links can hold."""

from __future__ import annotations

import re
import unicodedata


def well_formed(text: str) -> str:
    """The text without halves of characters, which no file can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def single_line(text: str) -> str:
    """A subject or title on one line: line ends and control characters become a space."""
    spaced = "".join(
        " " if unicodedata.category(character) in {"Cc", "Zl", "Zp"} else character
        for character in well_formed(text)
    )
    # No-break spaces stay: they are typography here.
    return re.sub(" {2,}", " ", spaced).strip(" ")


def plain_lines(text: str) -> str:
    """The text with "\\n" line ends only, as mail and links need it."""
    return well_formed(text).replace("\r\n", "\n").replace("\r", "\n")
