"""Languages: offered or waiting, whole or in part, told apart in the menu, in their own folder."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from bot.campaign.bare_words import bare
from bot.campaign.languages import STAFF_TEXTS, Language
from bot.content_files.checks.content import Checked
from bot.content_files.checks.function_words import WORDS
from bot.content_files.problems import Problem
from bot.wording.rendering import LENT

NAME = "language.name"
FIRST_SCREENS = ("welcome.hello", "welcome.bot", "story.screen", "actions.screen", "actions.line")
"""What a language in part begins with: without these it is not offered."""
_SEEN = 8
"""Function words from which on a text says in which language it is."""
_NOT_WORDS = re.compile(r"\{[{%].*?[%}]\}|`[^`]*`|\]\([^)]*\)|https?://\S+", re.DOTALL)


def check(content: Checked) -> Iterator[Problem]:
    """Each language by itself, then the languages beside each other."""
    for n, language in enumerate(content.campaign.spoken):
        yield from _standing(content, n, language)
        if language.partial and language.is_offered:
            yield from _needed(content, language)
    yield from _same_names(content)
    yield from _folders(content)


def _standing(content: Checked, n: int, language: Language) -> Iterator[Problem]:
    """One line a language: whether it is offered, and how much of it is there."""
    said = []
    if not language.is_offered:
        said.append(
            "nobody has reviewed the first language"
            if n == 0
            else "offered to nobody until somebody whose language it is has reviewed it"
        )
    if language.partial:
        said.append(_counted(content, language.code))
    if not said:
        return
    remedies = []
    if not language.is_offered:
        remedies.append('then write reviewed: {by: NAME, on: "2026-12-01"}')
    if language.partial:
        remedies.append(f"run_bot.py translate export {language.code} lists it")
    yield content.at(
        ("languages", n),
        f'"{language.code}": {"; ".join(said)}',
        "; ".join(remedies),
        severity="warning",
    )


def _counted(content: Checked, code: str) -> str:
    """How many texts there are, and of which files most are missing."""
    whole = [one.code for one in content.campaign.spoken if not one.partial]
    wanted = {
        key
        for other in whole
        for key in content.texts[other].sources
        if key.partition(".")[0] not in STAFF_TEXTS
    }
    missing = [key for key in wanted if not content.wording.has(key, code)]
    if not missing:
        return f"all {len(wanted)} texts are there"
    files = Counter(key.partition(".")[0] for key in missing).most_common()
    named = ", ".join(f"{file} {count}" for file, count in files[:6])
    more = f", {len(files) - 6} more files" if len(files) > 6 else ""
    there = f"{len(wanted) - len(missing)} of {len(wanted)} texts are there"
    lent = content.campaign.instead(code)
    return f'{there}, the rest is said in "{lent}" (missing: {named}{more})'


def _needed(content: Checked, language: Language) -> Iterator[Problem]:
    for key in (NAME, LENT, *FIRST_SCREENS):
        if content.texts[language.code].documents and not content.wording.has(key, language.code):
            yield content.in_text(
                language.code, key, "is missing", "a language in part has at least this one"
            )


def _same_names(content: Checked) -> Iterator[Problem]:
    """Two buttons that say the same in the menu of languages."""
    first: dict[str, str] = {}
    for language, texts in content.texts.items():
        name = bare(texts.sources.get(NAME, ""))
        if name and first.setdefault(name, language) != language:
            yield content.in_text(
                language,
                NAME,
                f'"{texts.sources[NAME]}" is the name of "{first[name]}" too',
                "write what the language is called in itself",
            )


def _folders(content: Checked) -> Iterator[Problem]:
    """Texts that are written in another language than that of their folder."""
    for language, texts in content.texts.items():
        if language not in WORDS:
            continue
        for key, source in texts.sources.items():
            if key.partition(".")[0] == "typed" and key.endswith(".says"):
                continue  # people type in every language
            found = _spoken_in(source)
            if found is not None and found != language:
                yield content.in_text(
                    language,
                    key,
                    f'this reads as "{found}", and the folder is "{language}"',
                    "translate it, or move it to its own folder",
                    severity="warning",
                )


def _spoken_in(source: str) -> str | None:
    """The language whose function words stand in the text, three times more than any other's."""
    if len(source) < _SEEN * 4:
        return None
    said = Counter(bare(_NOT_WORDS.sub(" ", source).replace("’", " ").replace("'", " ")).split())
    hits = sorted(
        ((sum(said[word] for word in known), language) for language, known in WORDS.items()),
        reverse=True,
    )
    (most, language), (second, _) = hits[:2]
    return language if most >= _SEEN and most > 3 * second else None
