"""The names of countries and territories in a language, from the Unicode CLDR (by Babel)."""

from __future__ import annotations

import re
from functools import cache

from bot.wording import locale_of

# Codes of ISO 3166 where nobody lives, and codes of CLDR that are no country or territory.
LEFT_OUT = frozenset(
    {"BV", "GS", "HM", "TF", "UM"}
    | {"AC", "CP", "CQ", "DG", "EA", "IC", "TA"}
    | {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
)


@cache
def territories(language: str) -> dict[str, str]:
    """ISO code → name; empty where Babel knows no such language."""
    try:
        names = locale_of(language).territories
    except LookupError:
        return {}
    return {
        code: str(name)
        for code, name in names.items()
        if re.fullmatch("[A-Z]{2}", code) and code not in LEFT_OUT
    }
