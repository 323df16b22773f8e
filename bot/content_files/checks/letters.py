"""Letters: enough versions in each language, and short enough for one message on the screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import product

from bot.campaign.capabilities import length
from bot.campaign.content import LetterAction
from bot.campaign.letters import MOST_BY_EMAIL, OWN_LINE, angles
from bot.campaign.messages import Words, words
from bot.campaign.scenes.letter import LONGEST
from bot.content_files.checks.content import Checked
from bot.content_files.checks.translations import paragraph_keys
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
                    yield from _by_email(content, case_id, action, language)


def _letter(
    content: Checked, case_id: str, action: LetterAction, language: str, above: int
) -> Iterator[Problem]:
    texts = content.texts[language]
    lists = paragraph_keys(case_id, action)
    for key in lists:
        if key in texts.sources:
            yield content.in_text(
                language, key, "one text where versions are wanted", 'write it below, after "- "'
            )
    longest = (
        above
        + _GAP
        + max(
            _whole(content, case_id, action, paragraphs, language) for paragraphs in angles(action)
        )
    )
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


def _by_email(
    content: Checked, case_id: str, action: LetterAction, language: str
) -> Iterator[Problem]:
    """Short enough for the link that opens it in a mail program."""
    for angle, paragraphs in action.angles.items():
        longest = _whole(content, case_id, action, paragraphs, language) + length(OWN_LINE)
        if longest > MOST_BY_EMAIL:
            yield content.in_text(
                language,
                f"{case_id}.letter.{paragraphs[0]}",
                f"the letter {action.id} of {case_id} ({angle}) can take {longest} characters",
                f"shorten its longest paragraphs: {MOST_BY_EMAIL} go into an e-mail's link",
            )


def _whole(
    content: Checked, case_id: str, action: LetterAction, paragraphs: list[str], language: str
) -> int:
    """How long the letter can become: the longest version of each part, name and town included."""
    to = f"addressees.{action.to[0]}"
    total = sum(map(length, LONGEST.values())) + 1
    for key in (f"{to}.salutation", f"{to}.closing"):
        total += _longest(content, [words(key)], (language,)) + _GAP
    old = content.campaign.cases[case_id].confirmed
    for paragraph in paragraphs:
        key = f"{case_id}.letter.{paragraph}"
        versions = [
            words(f"{key}.{n}", unconfirmed=old.as_of if old else "")
            for n in range(content.texts[language].versions.get(key, 0))
        ]
        total += _longest(content, versions, (language,)) + _GAP
    return total


def _longest(content: Checked, spoken: Iterable[Words], languages: Iterable[str]) -> int:
    lengths = [0]
    for text, language in product(spoken, languages):
        # What cannot be rendered is reported where translations and placeholders are checked.
        with suppress(WordingError):
            lengths.append(length(content.strict(text, language, "plain")))
    return max(lengths)
