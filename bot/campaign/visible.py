"""Whether a text shows anything: what looks empty says nothing, and platforms refuse it.

Decided by the Unicode properties of each character (General_Category and
Default_Ignorable_Code_Point, https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt).
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right

# Controls, formats, surrogates, private use (in no font that everybody has), separators; marks
# need a letter that they stand on. Not Cn: what is unassigned to this Python may be a new emoji.
_NOTHING = frozenset({"Cc", "Cf", "Cs", "Co", "Zs", "Zl", "Zp", "Mn", "Mc", "Me"})

# Default_Ignorable_Code_Point, Unicode 16: the letters (Hangul fillers) and the unassigned ones
# among these are of no category above.
_IGNORABLE = (
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)
_STARTS = [first for first, _ in _IGNORABLE]

# Blank by their glyph, whatever their category: BRAILLE PATTERN BLANK, MUSICAL SYMBOL NULL
# NOTEHEAD, EGYPTIAN HIEROGLYPH FULL BLANK and HALF BLANK (their charts in
# https://www.unicode.org/charts/). OBJECT REPLACEMENT CHARACTER stands for what is not there;
# Telegram strips it like a space (strip_empty_characters in TDLib's td/telegram/misc.cpp).
_BLANK = frozenset("\u2800\U0001d159\U00013441\U00013442\ufffc")


def shows(text: str) -> bool:
    """Whether a reader sees anything of it."""
    return any(map(_shows, text))


def _shows(character: str) -> bool:
    if unicodedata.category(character) in _NOTHING or character in _BLANK:
        return False
    code = ord(character)
    if code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
        return False  # noncharacters
    place = bisect_right(_STARTS, code) - 1
    return place < 0 or code > _IGNORABLE[place][1]
