"""Numbers, sums and days in words of a language, by Babel's tables."""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency, format_decimal, format_percent

from bot.wording.typography import typeset

# The English that is written here is British: "7 October 2021".
_LOCALES = {"en": "en_GB"}
# Babel has no words for the parts of a year. A language that is not here says the year alone.
_PARTS_OF_A_YEAR = {
    "fr": {
        "early": "début {year}",
        "spring": "printemps {year}",
        "summer": "été {year}",
        "autumn": "automne {year}",
        "late": "fin {year}",
    },
    "en": {
        "early": "early {year}",
        "spring": "spring {year}",
        "summer": "summer {year}",
        "autumn": "autumn {year}",
        "late": "late {year}",
    },
}


@cache
def locale_of(language: str) -> Locale:
    """Babel's data on a language. Raises LookupError where Babel knows no such language."""
    try:
        return Locale.parse(_LOCALES.get(language, language))
    except (UnknownLocaleError, ValueError) as error:
        raise LookupError(f"no language {language!r}") from error


class Formats:
    """The filters and functions that templates of one language have."""

    def __init__(self, language: str) -> None:
        self._language = language

    @property
    def _locale(self) -> Locale:
        return locale_of(self._language)

    def number(self, value: float) -> str:
        """ "323 832" in French, "323,832" in English."""
        return _decimal(float(value) if isinstance(value, float) else int(value), self._locale)

    def money(self, value: float) -> str:
        """Euros, with cents only where there are any: "5,10 €", "15 €"."""
        return _euros(round(float(value), 2), self._locale)

    def percent(self, value: float) -> str:
        """ "66 %" from 66."""
        return format_percent(float(value) / 100, locale=self._locale)

    def day(self, value: date | str) -> str:
        """A day, month, year or part of a year in words, as exact as it is given."""
        written = value if isinstance(value, str) else value.isoformat()[:10]
        return _day(written, self._language)

    def moment(self, value: str) -> str:
        """A day and hour: "1er mars 2027, 18:30" from "2027-03-01 18:30"."""
        day, _, clock = str(value).partition(" ")
        return f"{self.day(day)}, {clock}"

    def language(self, codes: str) -> str:
        """Languages by name: "français, anglais" from "fr, en"; what Babel does not know stays."""
        names = self._locale.languages
        return ", ".join(str(names.get(code, code)) for code in str(codes).split(", "))

    def plural(self, count: float, **forms: str) -> str:
        """The form for a count; without a ``zero`` form, none counts as the language has it."""
        if "other" not in forms:
            raise ValueError('plural() needs other="…"')
        category = "zero" if count == 0 and "zero" in forms else self._locale.plural_form(count)
        return typeset(forms.get(category, forms["other"]), self._language)


@lru_cache(maxsize=1024)
def _decimal(value: float, locale: Locale) -> str:
    return format_decimal(value, locale=locale)


@lru_cache(maxsize=256)
def _euros(value: float, locale: Locale) -> str:
    whole = value == int(value)
    pattern = locale.currency_formats["standard"].pattern.replace(".00", "") if whole else None
    return format_currency(value, "EUR", format=pattern, locale=locale, currency_digits=not whole)


@lru_cache(maxsize=256)
def _day(value: str, language: str) -> str:
    locale = locale_of(language)
    part_of_it, _, exact = value.rpartition(" ")
    parts = [int(part) for part in exact.split("-")]
    if len(parts) == 1:
        written = _PARTS_OF_A_YEAR.get(language, {}).get(part_of_it, "{year}")
        return written.format(year=parts[0])
    if len(parts) == 2:
        return format_skeleton("yMMMM", date(parts[0], parts[1], 1), locale=locale)
    year, month, day = parts
    written = format_date(date(year, month, day), format="long", locale=locale)
    if language == "fr" and day == 1:
        written = "1er" + written.removeprefix("1")
    return written
