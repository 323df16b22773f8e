"""Versions of letters, posts and cards: how many there are, and which languages have none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.campaign.content import Action, LetterAction, PostAction, Structure
from bot.content_files.messages import Texts
from bot.wording import Wording


def variants(structure: Structure, texts: Mapping[str, Texts]) -> dict[str, int]:
    """The number of versions by the key of their list: the least over the languages, so that a
    version exists in each of them. A language in part takes turns through those it has."""
    whole = [one.code for one in structure.spoken if not one.partial] or structure.written
    counts: dict[str, int] = {}
    for language in whole:
        for key, count in texts[language].versions.items():
            counts[key] = min(count, counts.get(key, count))
    return {key: max(count, 1) for key, count in counts.items()}


def taking_turns(texts: Texts, counts: Mapping[str, int]) -> dict[str, str]:
    """The texts of a language, the versions that it lacks filled by those it has."""
    filled = dict(texts.sources)
    for key, count in texts.versions.items():
        for missing in range(count, counts.get(key, count)) if count else ():
            if (turn := f"{key}.{missing % count}") in filled:
                filled.setdefault(f"{key}.{missing}", filled[turn])
    return filled


def unwritten(
    structure: Structure, wording: Wording, counts: Mapping[str, int]
) -> dict[str, frozenset[tuple[str, str]]]:
    """By language in part: the actions, as (case, action), that it has no whole text to send for.

    What goes to an authority, on a card or in public is never put together of two languages.
    """
    found = {}
    for language in structure.spoken:
        lacking = frozenset(
            (case_id, action.id)
            for case_id, case in structure.cases.items()
            for action in case.actions
            if not all(wording.has(key, language.code) for key in _sent(case_id, action, counts))
        )
        if language.partial and lacking:
            found[language.code] = lacking
    return found


def _sent(case_id: str, action: Action, counts: Mapping[str, int]) -> Iterator[str]:
    if isinstance(action, LetterAction):
        yield f"{case_id}.letter.subject.{action.id}"
        yield f"addressees.{action.to[0]}.salutation"
        yield f"addressees.{action.to[0]}.closing"
        for paragraphs in (action.paragraphs, *action.angles.values()):
            for paragraph in paragraphs:
                yield from _versions(f"{case_id}.letter.{paragraph}", counts)
    else:
        what = "post" if isinstance(action, PostAction) else "support.words"
        yield from _versions(f"{case_id}.{what}", counts)


def _versions(key: str, counts: Mapping[str, int]) -> Iterator[str]:
    return (f"{key}.{n}" for n in range(counts.get(key, 1)))
