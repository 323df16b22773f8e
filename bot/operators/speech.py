"""Sentences for operators, by name. Not content: they are there however broken that may be."""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

import yaml

from bot.wording.typography import typeset

LANGUAGES: Final = ("en", "fr")
"""The first is that of everybody else."""
_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
DO: Final = ".do"
"""So end the names of remedies."""


def language_here() -> str:
    """The operator's language, as this machine's session has it."""
    told = next((value for name in _VARIABLES if (value := os.environ.get(name))), "")
    if not told and os.name == "nt":
        told = locale.getlocale()[0] or ""
    code = told.lower()[:2]
    return code if code in LANGUAGES else LANGUAGES[0]


class Speech:
    """The sentences of one language."""

    def __init__(self, language: str = ""):
        """``language``: by default that of the session; another one than ours is English."""
        known = language or language_here()
        self.language = known if known in LANGUAGES else LANGUAGES[0]
        self._words = words(self.language)

    def says(self, name: str, values: Mapping[str, object] | None = None) -> str:
        """The sentence of that name with the values in it."""
        told = typeset(self._words[name], self.language)
        shown = {name: self._number(value) for name, value in (values or {}).items()}
        return told.format_map(shown).strip()

    def _number(self, value: object) -> object:
        if not isinstance(value, float):
            return value
        shown = f"{value:.1f}" if value >= 1 else f"{value:.2f}"
        return shown.replace(".", ",") if self.language == "fr" else shown

    def remedy(self, name: str, values: Mapping[str, object] | None = None) -> str:
        """The next step of a finding; "" where there is none."""
        return self.says(name + DO, values) if name + DO in self._words else ""


@cache
def words(language: str) -> Mapping[str, str]:
    """Every sentence of a language, by name."""
    file = resources.files("bot.operators") / "words" / f"{language}.yaml"
    read = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {str(name): str(text) for name, text in read.items()}
