"""Questions at a terminal, or at a pipe: one at a time, and Enter leaves things as they are."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping

from bot.operators.speech import Speech


class Ended(Exception):
    """Nobody answers any more."""


class Asking:
    """Says and asks, in one language."""

    def __init__(self, speech: Speech, *, quiet: bool = False):
        """``quiet``: nobody is there to answer; every question is left as it is."""
        self._speech = speech
        self._quiet = quiet

    def say(self, name: str, /, **values: object) -> None:
        """The sentence of that name, and an empty line behind it."""
        print(f"{self.sentence(name, **values)}\n", flush=True)

    def sentence(self, name: str, /, **values: object) -> str:
        """The sentence of that name, for whoever says it."""
        return self._speech.says(name, values)

    def ask(self, name: str, /, *, secret: bool = False, **values: object) -> str:
        """What somebody types; "" for Enter. Raises Ended."""
        return self._answer(self._speech.says(name, values), secret=secret)

    def agree(self, name: str, /, *, otherwise: bool, **values: object) -> bool:
        """Yes or no; Enter means ``otherwise``. Raises Ended."""
        choice = self._speech.says("ask.yes_or_no" if otherwise else "ask.no_or_yes")
        told = f"{self._speech.says(name, values)} {choice}"
        while not self._quiet:
            answer = self._answer(told).lower()
            if not answer:
                break
            for said, meant in (("ask.yes", True), ("ask.no", False)):
                if answer in self._speech.says(said).split():
                    return meant
        return otherwise

    def choose(self, name: str, choices: Mapping[str, str]) -> str:
        """One of these, by its number; "" for Enter. Raises Ended."""
        numbered = [
            f"  {number}. {self._speech.says(label)}"
            for number, label in enumerate(choices.values(), start=1)
        ]
        told = "\n".join([self._speech.says(name), *numbered])
        while True:
            answer = self._answer(told)
            if not answer:
                return ""
            if answer.isdecimal() and 0 < int(answer) <= len(choices):
                return list(choices)[int(answer) - 1]

    def _answer(self, told: str, *, secret: bool = False) -> str:
        if self._quiet:
            return ""
        try:
            if secret and sys.stdin.isatty():
                answer = getpass.getpass(f"{told}\n> ")
            else:
                answer = input(f"{told}\n> ")
        except EOFError:
            raise Ended from None
        print(flush=True)
        return answer.strip()
