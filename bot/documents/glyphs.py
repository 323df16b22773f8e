"""Which characters the fonts of the documents have, looked up without setting a line.

Whoever types a name of rare letters would else have typst try again and again, 150 ms for each of
them, in the threads that everybody's documents wait for.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from fontTools.ttLib import TTFont

from bot.documents.fonts import font_files

# Of the fonts that typst brings with it (Libertinus Serif, New Computer Modern, DejaVu Sans Mono),
# whose files nobody can open: what Noto Sans lacks of the letters of names and of punctuation.
# A test has typst set all of them.
_BUILT_IN = """
108-109 114-115 11c-11d 124-125 12c-12d 132-135 138 13f-140 149 15c-15d 162-163 166-167 17f-191
193-19f 1a2-1ae 1b1-1cc 1dd-1f7 1fa-217 21c-236 238-250 252-260 262-2ba 2bc-2c5 2c8 2cc-2d7
2de-2e9 2ec-2ff 305 309 30d-311 313-325 329-34e 350-377 37a-37f 384-38a 38c 38e-390 3aa-3b0
3ca-400 402-40f 450 452-484 487-4ff 510-513 51a-51d 531-556 559-58a 58d-58f 10d0-10ff 1d00-1dbf
1e00-1e3d 1e40-1e7f 1e86-1e9d 1e9f 1efa-1f15 1f18-1f1d 1f20-1f45 1f48-1f4d 1f50-1f57 1f59 1f5b
1f5d 1f5f-1f7d 1f80-1fb4 1fb6-1fc4 1fc6-1fd3 1fd6-1fdb 1fdd-1fef 1ff2-1ff4 1ff6-1ffe 2017 201b
201f 2023-2024 2031 2034 2036-2038 203d-2040 2044-2046 204a-204e 2050 2052 2054-205e 2070-2071
2075-208e 2090-209c 20a0-20a8 20ad-20c0 2101-2102 2104 2106-2108 210b-210e 2110-2112 2114-2115
2117-211e 2120 2124 2128-212a 212c-212d 212f-2134 2136-213a 213c-2151 2153-215f 216c-216f
217c-2184 2189 219a-21b7 21ba-21c3 21c7-21ca 21cd-21cf 21d1 21d3 21d5-21e5 21ea-21f4 21f6-21ff
2c60-2c7f a720-a727 a72d a730 a735 a765 a789-a78e a790-a791 a793 a7aa a7f8-a7f9 ab52 ab66
fb05-fb06
"""


@cache
def characters() -> frozenset[int]:
    """Every character that can be shown by itself."""
    found: set[int] = set()
    for part in _BUILT_IN.split():
        first, _, last = part.partition("-")
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    for file in font_files():
        with TTFont(file, lazy=True) as font:
            found.update(font.getBestCmap())
    return frozenset(found)


def has(cluster: str) -> bool:
    """Whether there is a glyph for each character of it."""
    there = characters()
    return all(ord(one) in there for one in unicodedata.normalize("NFC", cluster))


def is_one(cluster: str) -> bool:
    """Whether it is one character, with its accents in it: the fonts need not put any together."""
    return len(unicodedata.normalize("NFC", cluster)) == 1
