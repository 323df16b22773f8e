"""Letters: enough versions in each language, and short enough for one message on the screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import product

from bot.campaign.capabilities import length
from bot.campaign.content import LetterAction
from bot.campaign.messages import Words, words
from bot.campaign.scenes.letter import LONGEST
from bot.content_files.checks.content import Checked
from bot.content_files.problems import Problem
from bot.wording import WordingError

_GAP = 2


def check(content: Checked) -> Iterator[Problem]:
    """Each letter of each case in each language, below the longest text that comes with it."""
    above = _longest(content, content.said.get("letter.ready", ()), tuple(content.texts))
    for case_id, case in content.campaign.cases.items():
        for action in case.actions:
            if isinstance(action, LetterAction) and action.to[0] in content.campaign.addressees:
                for language in content.texts:
                    yield from _letter(content, case_id, action, language, above)


def _letter(
    content: Checked, case_id: str, action: LetterAction, language: str, above: int
) -> Iterator[Problem]:
    texts = content.texts[language]
    lists = [f"{case_id}.letter.{paragraph}" for paragraph in action.paragraphs]
    for key in lists:
        if key in texts.sources:
            yield content.in_text(
                language, key, "one text where versions are wanted", 'write it below, after "- "'
            )
    to = f"addressees.{action.to[0]}"
    parts = [f"{to}.salutation", f"{to}.closing"]
    longest = above + _GAP
    longest += sum(_longest(content, [words(key)], (language,)) + _GAP for key in parts)
    for key in lists:
        count = texts.versions.get(key, 0)
        versions = [words(f"{key}.{n}") for n in range(count)]
        longest += _longest(content, versions, (language,)) + _GAP
    longest += sum(map(length, LONGEST.values())) + 1
    most = min((one.text for one in content.channels), default=longest)
    if longest > most:
        yield content.in_text(
            language,
            lists[0],
            f"the letter {action.id} of {case_id} can take {longest} characters on the screen",
            f"shorten its longest paragraphs: {most} fit, with the text above it",
        )
    subject = f"{case_id}.letter.subject.{action.id}"
    if "\n" in texts.sources.get(subject, "").strip():
        yield content.in_text(language, subject, "a subject of several lines", "write one line")


def _longest(content: Checked, spoken: Iterable[Words], languages: Iterable[str]) -> int:
    lengths = [0]
    for text, language in product(spoken, languages):
        # What cannot be rendered is reported where translations and placeholders are checked.
        with suppress(WordingError):
            lengths.append(length(content.strict(text, language, "plain")))
    return max(lengths)
