"""Another man's name where a case speaks: whoever copies a case asks for the wrong release.

A story may tell of a case that the copy did not begin with: in the texts of its steps, where it is
named as ``other`` in cases.yaml and the person of the case stands there as well ("read also").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.campaign.content import Case, LetterAction
from bot.content_files.checks.content import Checked
from bot.content_files.problems import Problem
from bot.content_files.reading import Address

_TELLS = re.compile(r"story\.\w+\.text")


def check(content: Checked) -> Iterator[Problem]:
    """Every case against every other one."""
    cases = content.campaign.cases
    for case_id, case in cases.items():
        for other_id, other in cases.items():
            if other_id != case_id:
                yield from _same_marks(content, case_id, other_id)
                strangers = _strangers(case, other)
                yield from _in_texts(content, case_id, other_id, strangers)
                yield from _in_structure(content, case_id, other_id, strangers)
                yield from _in_addressees(content, case_id, other_id, strangers)


def _names(case: Case) -> list[str]:
    return [name for name in (case.full_name, case.name, case.chinese_name, case.pinyin) if name]


def _strangers(case: Case, other: Case) -> list[str]:
    """The names of the other person that are no part of this one's: the longest first."""
    own = " ".join(_names(case))
    found = {name for name in _names(other) if name not in own}
    return sorted(found, key=lambda name: (-len(name), name))


def _named(text: str, names: Sequence[str]) -> tuple[int, str] | None:
    """Where one of the names stands and which; in capitals or behind a hashtag's word as well."""
    for name in names:
        for written in dict.fromkeys((name, name.upper())):
            for found in re.finditer(re.escape(written), text):
                # "Anatole" is not Ana; "FreeAna" is.
                begins_inside = text[: found.start()][-1:].islower() and written[0].islower()
                if not (text[found.end() :][:1].islower() or begins_inside):
                    return found.start(), written
    return None


def _in_texts(
    content: Checked, case_id: str, other_id: str, strangers: Sequence[str]
) -> Iterator[Problem]:
    case = content.campaign.cases[case_id]
    for language, texts in content.texts.items():
        for key, source in texts.sources.items():
            if not key.startswith(f"{case_id}."):
                continue
            found = _named(source, strangers)
            if found is None or _is_cross_reference(case, other_id, key, source):
                continue
            place, name = found
            line = source.count("\n", 0, place) + 1
            yield content.in_text(
                language,
                key,
                *_told(case, other_id, name, key.removeprefix(f"{case_id}.")),
                line=line,
            )


def _is_cross_reference(case: Case, other_id: str, key: str, source: str) -> bool:
    told = bool(_TELLS.fullmatch(key.partition(".")[2]))
    return told and case.other == other_id and _named(source, _names(case)) is not None


def _told(case: Case, other_id: str, name: str, key: str) -> tuple[str, str]:
    remedy = f"write of {case.full_name}"
    if _TELLS.fullmatch(key):
        remedy += f", or, to point to {other_id}, write other: {other_id} and name {case.name} too"
    return f'"{name}" is the person of the case {other_id}', remedy


def _in_structure(
    content: Checked, case_id: str, other_id: str, strangers: Sequence[str]
) -> Iterator[Problem]:
    """What cases.yaml says of the case: hashtags, the address that goes on a card, …"""
    at: Address = ("cases", case_id)
    own = _names(content.campaign.cases[case_id])
    for address in content.document.values:
        value = content.document.at(address)
        if address[: len(at)] != at or not isinstance(value, str) or value in own:
            continue
        found = _named(value, strangers)
        if found is not None:
            case = content.campaign.cases[case_id]
            yield content.at(address, *_told(case, other_id, found[1], ""))


def _same_marks(content: Checked, case_id: str, other_id: str) -> Iterator[Problem]:
    """The name in another script that stayed behind in a copy; two may truly be called the same."""
    case, other = content.campaign.cases[case_id], content.campaign.cases[other_id]
    ids = list(content.campaign.cases)
    if ids.index(case_id) < ids.index(other_id):
        return
    same_name = case.full_name == other.full_name
    for field in ("full_name", "chinese_name", "pinyin"):
        value = getattr(case, field)
        if value and value == getattr(other, field):
            yield content.at(
                ("cases", case_id, field),
                f'{field} "{value}" is that of the case {other_id}',
                f"write that of {case.full_name}"
                if not same_name
                else "if they are truly called the same, leave it",
                severity="warning" if same_name else "error",
            )


def _in_addressees(
    content: Checked, case_id: str, other_id: str, strangers: Sequence[str]
) -> Iterator[Problem]:
    """Whom the letters of the case go to: their texts stand in letters of every case."""
    case = content.campaign.cases[case_id]
    letters = [action for action in case.actions if isinstance(action, LetterAction)]
    for addressee in dict.fromkeys(
        one for action in letters for one in (*action.to, *action.copy_to)
    ):
        for language, texts in content.texts.items():
            for key, source in texts.sources.items():
                if not key.startswith(f"addressees.{addressee}."):
                    continue
                found = _named(source, strangers)
                if found is not None:
                    yield content.in_text(
                        language,
                        key,
                        f'"{found[1]}" is the person of the case {other_id}, and {case_id} writes'
                        " there as well",
                        "name nobody here: a letter names its own person",
                    )
