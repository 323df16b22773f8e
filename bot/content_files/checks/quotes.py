"""Signs that were meant for YAML or for a placeholder and stand in the text instead."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.content_files.checks.content import Checked
from bot.content_files.problems import Problem
from bot.wording.markup import JINJA

# Words that the compose page itself fills in stand in single braces.
_BY_THE_PAGE = re.compile(r"\{\w+\}")
_WORD_QUOTES = re.compile(r"[“„”][^“„”\n]*[“”]")
_Found = tuple[int, str, str]


def check(content: Checked) -> Iterator[Problem]:
    """Every text, then every value of cases.yaml."""
    for language, texts in content.texts.items():
        for key, source in texts.sources.items():
            for start, text, remedy in _in_text(key, source):
                line = source.count("\n", 0, start) + 1
                yield content.in_text(language, key, text, remedy, line=line)
    for address in content.document.values:
        value = content.document.at(address)
        for found in _around(value) if isinstance(value, str) else ():
            yield content.at(address, *found[1:])


def _in_text(key: str, source: str) -> Iterator[_Found]:
    yield from _around(source)
    # What stands in placeholders is read where these are checked.
    bare = JINJA.sub(lambda part: " " * len(part.group()), source)
    if key.startswith("compose."):
        bare = _BY_THE_PAGE.sub(lambda part: " " * len(part.group()), bare)
    brace = re.search(r"[{}]", bare)
    if brace and not ("{{" in bare or "{%" in bare):
        yield (
            brace.start(),
            f'a single "{brace.group()}" is shown as it is',
            "a placeholder has two braces on each side: {{ name }}",
        )


def _around(text: str) -> Iterator[_Found]:
    if _WORD_QUOTES.fullmatch(text.strip()):
        yield (
            0,
            f"the quotes {text.strip()[0]}…{text.strip()[-1]} around the text are shown",
            'YAML takes straight ones: "…"',
        )
    elif text.endswith('"') and not text.startswith('"') and text.count('"') % 2:
        yield (
            text.rfind("\n") + 1,
            "a quote stands at the end, and none at the beginning",
            "write one before the text, or delete this one",
        )
