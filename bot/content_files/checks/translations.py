"""Texts that a language lacks, that no language has, or that nothing says."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from bot.campaign.content import LetterAction, PostAction
from bot.campaign.languages import may_lack
from bot.content_files.checks.content import Checked
from bot.content_files.checks.references import INTERFACE
from bot.content_files.messages import Texts
from bot.content_files.problems import Place, Problem
from bot.wording.rendering import SHORT

# Said where there is something to say it of, or by other rooms: posters, the banner's frame.
SOMETIMES = re.compile(r"\w+\.(name_card|poster)|(banner|others)\.screen")


def check(content: Checked) -> Iterator[Problem]:
    """Languages, then each language against the others and against what is said."""
    yield from _languages(content)
    needed = required(content)
    known = {key for texts in content.texts.values() for key in texts.sources}
    yield from _nowhere(content, sorted(needed - known))
    whole = {one.code: one for one in content.campaign.spoken if not one.partial}
    known = {key for code in whole for key in content.texts[code].sources}
    for code, language in whole.items():
        texts = content.texts[code]
        lacking = {
            key
            for key in known - texts.sources.keys()
            if not may_lack(language, key) and not _is_short(key, known)
        }
        if texts.documents:
            yield from _missing(content, code, texts, lacking)
    yield from _surplus(content)
    yield from _unused(content, needed)


def required(content: Checked) -> set[str]:
    """The keys of all texts that the conversation and the letters need."""
    keys = set(content.said)
    keys.update(f"addressees.{addressee}.name" for addressee in content.campaign.addressees)
    keys.update(f"petitions.{petition}.text" for petition in content.campaign.petitions)
    if content.campaign.banner is not None:
        keys.add(f"banner.{content.campaign.banner.id}")
    for case_id, case in content.campaign.cases.items():
        for action in case.actions:
            if isinstance(action, LetterAction):
                keys.update(letter_keys(content, case_id, action))
            elif isinstance(action, PostAction):
                keys.update(version_keys(content, f"{case_id}.post"))
    return keys


def letter_keys(content: Checked, case_id: str, action: LetterAction) -> Iterator[str]:
    """The keys of a letter in all its versions."""
    yield f"{case_id}.letter.subject.{action.id}"
    yield f"addressees.{action.to[0]}.salutation"
    yield f"addressees.{action.to[0]}.closing"
    for key in paragraph_keys(case_id, action):
        yield from version_keys(content, key)


def paragraph_keys(case_id: str, action: LetterAction) -> list[str]:
    """What the letter is made of, long or short."""
    named = dict.fromkeys(
        one for parts in (action.paragraphs, *action.angles.values()) for one in parts
    )
    return [f"{case_id}.letter.{paragraph}" for paragraph in named]


def version_keys(content: Checked, key: str) -> list[str]:
    """The keys of all versions that are used of a text."""
    return [f"{key}.{n}" for n in range(content.campaign.variants.get(key, 1))]


def _languages(content: Checked) -> Iterator[Problem]:
    for n, language in enumerate(content.campaign.languages):
        if not content.texts[language].documents:
            yield content.at(
                ("languages", n),
                f'no texts in "{language}"',
                f"put them in {content.messages}/{language}/, or take the language away",
            )
    for language in content.directories:
        if language not in content.campaign.languages:
            yield Problem(
                Place(f"{content.messages}/{language}"),
                f'nobody reads "{language}"',
                f"add it to languages in {content.document.file}",
                "warning",
            )


def _nowhere(content: Checked, keys: Iterable[str]) -> Iterator[Problem]:
    """What no language has: told once, for the largest part that is missing."""
    first = content.campaign.languages[0]
    if not content.texts[first].documents:
        return
    for part, missing in _parts(keys, content.texts[first]).items():
        if _reported(content.texts[first], missing[0]):
            continue
        named = ", ".join(key.removeprefix(part + ".") for key in missing[:6])
        more = ", …" if len(missing) > 6 else ""
        below = f": {named}{more}" if [part] != missing else ""
        yield content.in_text(
            first, part, f"no text in any language{below}", "write it in each language"
        )


def _missing(
    content: Checked, language: str, texts: Texts, missing_here: set[str]
) -> Iterator[Problem]:
    """What another language has, but for versions: of those each may have its own number."""
    lacking = sorted(key for key in missing_here if key.rpartition(".")[0] not in texts.versions)
    for part, missing in _parts(lacking, texts).items():
        if _reported(texts, missing[0]):
            continue
        there = next(
            other.places[missing[0]]
            for other in content.texts.values()
            if missing[0] in other.sources
        )
        count = f" ({len(missing)} texts)" if len(missing) > 1 else ""
        yield content.in_text(
            language,
            part,
            f'no translation in "{language}"{count}',
            f"translate {there.file}:{there.line}",
        )


def _is_short(key: str, known: Collection[str]) -> bool:
    """Whether it is the short form of a label, which each language has where it needs one."""
    return key.endswith(SHORT) and key.removesuffix(SHORT) in known


def _reported(texts: Texts, key: str) -> bool:
    """Whether why a text is missing is told elsewhere: its file is broken, or it is empty."""
    document = texts.documents.get(key.split(".")[0])
    return key in texts.places or (document is not None and document.broken)


def _parts(keys: Iterable[str], texts: Texts) -> dict[str, list[str]]:
    """The keys by the largest part that is missing as a whole."""
    there = {
        ".".join(names[:length])
        for key in texts.places
        for names in [key.split(".")]
        for length in range(1, len(names) + 1)
    }
    parts: dict[str, list[str]] = {}
    for key in keys:
        names = key.split(".")
        lengths = (n for n in range(1, len(names)) if ".".join(names[:n]) not in there)
        parts.setdefault(".".join(names[: next(lengths, len(names))]), []).append(key)
    return parts


def _surplus(content: Checked) -> Iterator[Problem]:
    whole = [content.texts[one.code] for one in content.campaign.spoken if not one.partial]
    for language, texts in content.texts.items():
        for key, count in texts.versions.items():
            least = content.campaign.variants.get(key, count)
            if count > least and all(key in other.versions for other in whole):
                yield content.in_text(
                    language,
                    f"{key}.{least}",
                    f"{count} versions here and {least} in another language",
                    "what is beyond is never shown: translate it or delete it",
                    severity="warning",
                )


def _unused(content: Checked, needed: set[str]) -> Iterator[Problem]:
    if content.stuck:
        return
    lists = {key.rpartition(".")[0] for key in needed if key.rpartition(".")[2].isdecimal()}
    for language, texts in content.texts.items():
        for key in texts.sources:
            parent, _, last = key.rpartition(".")
            if key in needed or _is_short(key, needed):
                continue
            if last.isdecimal() and parent in lists:
                continue
            if key.split(".")[0] not in INTERFACE and not SOMETIMES.fullmatch(key):
                yield content.in_text(
                    language, key, "nothing says this", "delete it", severity="warning"
                )
