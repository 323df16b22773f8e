"""Finding a country by a few letters, and telling how many signed where without telling who.

The names come from the content (``Campaign.territories``); what is typed is compared without
accents, case and signs, so that "etats unis" finds "États-Unis".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from bot.campaign.bare_words import bare

AT_MOST = 6
"""More buttons than this nobody reads; one letter more makes them fewer."""
SMALLEST_GROUP = 5
"""Fewer people in a country are shown among the others: five in one are hard to tell apart."""
ALIKE = 0.7
"""From which likeness on a name is offered as "did you mean"; below it, anything goes."""


class Countries:
    """The countries and territories that can be chosen, by all names people know them by."""

    def __init__(
        self,
        names: Mapping[str, Mapping[str, str]],
        also_called: Mapping[str, Sequence[str]] | None = None,
    ):
        """``names``: language → code → name; ``also_called``: code → further names."""
        self._names: dict[str, list[tuple[str, str]]] = {
            language: [(bare(name), code) for code, name in of_language.items()]
            for language, of_language in names.items()
        }
        self._codes = frozenset(code for of_language in names.values() for code in of_language)
        self._more = [
            (bare(name), code)
            for code, called in (also_called or {}).items()
            if code in self._codes
            for name in called
        ]

    def __contains__(self, code: object) -> bool:
        return code in self._codes

    def exactly(self, typed: str, language: str) -> str:
        """The code of the country that is called so, or ""."""
        wanted = bare(typed)
        exact = {code for name, code in self._all(language) if name == wanted}
        return exact.pop() if len(exact) == 1 else ""

    def search(self, typed: str, language: str) -> tuple[str, ...]:
        """Codes of countries with these letters in their name, the nearest first."""
        wanted = bare(typed)
        if not wanted:
            return ()
        ranked = sorted(
            (rank, place, code)
            for place, (name, code) in enumerate(self._all(language))
            if (rank := _rank(wanted, name)) is not None
        )
        return _first(code for _, _, code in ranked)

    def alike(self, typed: str, language: str) -> tuple[str, ...]:
        """Codes of countries whose name is nearly what was typed, for "did you mean"."""
        # The matcher studies its second text once and compares many others with it.
        matcher = SequenceMatcher(None, "", bare(typed), autojunk=False)
        scored = sorted(
            (
                (-likeness, place, code)
                for place, (name, code) in enumerate(self._all(language))
                if (likeness := _likeness(matcher, name)) >= ALIKE
            ),
        )
        return _first(code for _, _, code in scored)[:3]

    def _all(self, language: str) -> Iterable[tuple[str, str]]:
        """Every name: those of the language first, then the others'."""
        yield from self._names.get(language, ())
        yield from self._more
        for other, names in self._names.items():
            if other != language:
                yield from names


def _rank(wanted: str, name: str) -> int | None:
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    if f" {wanted}" in name:
        return 2
    return 3 if len(wanted) > 2 and wanted in name else None


def _likeness(matcher: SequenceMatcher[str], name: str) -> float:
    matcher.set_seq1(name)
    # Cheap bounds first: most names are nothing like what was typed.
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return 0.0
    return matcher.ratio()


def _first(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes))[:AT_MOST]


def shown(counts: Mapping[str, int]) -> tuple[tuple[tuple[str, int], ...], int]:
    """Countries that may be shown with their numbers, the largest first, and how many remain.

    Who named no country ("") is always among the others. Where the others were fewer than
    ``SMALLEST_GROUP`` although there are some, the smallest country shown joins them: otherwise
    the total, which is public, would tell their number.
    """
    named = sorted(
        ((code, number) for code, number in counts.items() if code and number >= SMALLEST_GROUP),
        key=lambda pair: (-pair[1], pair[0]),
    )
    others = sum(counts.values()) - sum(number for _, number in named)
    while named and 0 < others < SMALLEST_GROUP:
        others += named.pop()[1]
    return tuple(named), others
