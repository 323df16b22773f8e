"""What people type and mean: words and short sentences from the content, typing errors forgiven.

A phrase fits where all its words stand in what was typed; the one that explains most letters wins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.campaign.bare_words import bare

LONGEST = 60
"""Words that are read; behind them nobody asks for anything new."""
FORGIVEN = ((8, 2), (4, 1))
"""Letters of a word from which on so many errors (one letter more, less, other, or two swapped) are
forgiven: in a shorter word each makes another word."""
LOST = 2.0
"""Letters that an error costs, so that the exact phrase wins."""
OTHER_LANGUAGE = 0.5
"""What a phrase of another language than that of the conversation weighs."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    meaning: str
    language: str
    words: tuple[str, ...]


class TypedWords:
    """All phrases of the campaign, ready to be looked for."""

    def __init__(self, phrases: Mapping[str, Mapping[str, Sequence[str]]]):
        """``phrases``: language → meaning → words and short sentences. Of two that fit equally
        well, the one that is named first counts."""
        self._phrases = [
            _Phrase(meaning, language, words)
            for language, meant in phrases.items()
            for meaning, said in meant.items()
            for words in dict.fromkeys(tuple(bare(one).split()) for one in said)
            if words
        ]
        self._vocabulary = sorted({word for one in self._phrases for word in one.words})
        self._by_word: dict[str, list[int]] = {}
        for number, one in enumerate(self._phrases):
            # By its longest word: what is typed is looked through once.
            self._by_word.setdefault(max(one.words, key=len), []).append(number)

    def meaning(self, typed: str, language: str, *, exactly: bool = False) -> str:
        """What is meant, or "". ``exactly``: only where the whole of it is one of the phrases."""
        words = bare(typed).split()[:LONGEST]
        if exactly:
            whole = tuple(words)
            return next((one.meaning for one in self._phrases if one.words == whole), "")
        found = self._understood(words)
        best, most = "", 0.0
        for number in sorted({n for word in found for n in self._by_word.get(word, ())}):
            one = self._phrases[number]
            if all(word in found for word in one.words):
                weight = sum(found[word] for word in one.words)
                weight *= 1.0 if one.language == language else OTHER_LANGUAGE
                if weight > most:
                    best, most = one.meaning, weight
        return best

    def _understood(self, typed: Sequence[str]) -> dict[str, float]:
        """The words of phrases that were typed, with the letters that they explain."""
        found: dict[str, float] = {}
        for word in dict.fromkeys(typed):
            errors = next((most for length, most in FORGIVEN if len(word) >= length), 0)
            near = process.extract(
                word, self._vocabulary, scorer=OSA.distance, score_cutoff=errors, limit=None
            )
            for known, distance, _ in near:
                if distance and len(known) < FORGIVEN[-1][0]:
                    continue
                found[known] = max(found.get(known, 0.0), len(known) - LOST * distance)
        return found
