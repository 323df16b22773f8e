"""A letter as the compose page shows it: its fields, its links, and what it says in one's own
language. Without any name: those are put in by the page, in the browser."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from bot.campaign import letters
from bot.campaign.content import Campaign, Case, LetterAction
from bot.campaign.letters import Letter
from bot.campaign.messages import words
from bot.campaign.scenes.letter import NAMED
from bot.content_files.watching import InUse
from bot.documents.mail_links import mail_draft, mailto
from bot.documents.plain_text import plain_lines
from bot.web.context import direction


class NoSuchLetter(LookupError):
    """The content has no letter of that case, action or language."""


def offered_in(now: InUse, case_id: str, action_id: str, reader: str) -> str:
    """The language in which that letter is shown first to somebody who speaks this one."""
    action = _action(now.campaign.cases.get(case_id), action_id)
    return letters.spoken_to(now.campaign, case_id, action, reader) if action else reader


def written(
    now: InUse, case_id: str, action_id: str, language: str, number: str, *, day: date
) -> Letter:
    """That letter as it is written on that day; without an action the last listed, which goes to
    the highest. Raises NoSuchLetter.
    """
    campaign, wording = now
    action = _action(campaign.cases.get(case_id), action_id)
    if action is None or not campaign.writes(language, case_id, action.id):
        raise NoSuchLetter
    if not number.isdecimal() or len(number) > 9:
        raise NoSuchLetter
    seed = int(number) % letters.versions(campaign, case_id, action)
    unconfirmed = campaign.unconfirmed(case_id, day)
    draft = letters.draft(campaign, case_id, action, language, seed=seed, unconfirmed=unconfirmed)
    return wording.write(draft, campaign)


def shown(
    now: InUse,
    case_id: str,
    action_id: str,
    language: str,
    number: str,
    *,
    day: date,
    reader: str = "",
) -> dict[str, Any]:
    """A letter as the page needs it; of a closed case only that. Raises NoSuchLetter.

    ``reader``: the language of whoever sends it. A letter in another one comes with a reading of
    it: the same letter in theirs.
    """
    campaign, wording = now
    letter = written(now, case_id, action_id, language, number, day=day)
    case = campaign.cases[case_id]
    if not case.is_active:
        return {"active": False, "name": case.full_name}
    seed, following = _numbers(campaign, case, letter, number)
    named = {"case": case_id, "action": letter.action, "language": language, "number": str(seed)}
    draft = mail_draft(letter)
    return {
        **named,
        "number": seed,
        "next": following,
        "direction": direction(language),
        "active": True,
        "name": case.full_name,
        "chinese": case.chinese_name,
        "title": wording.text(words(f"{case_id}.action.{letter.action}.title"), language, "plain"),
        "to": list(draft.to),
        "cc": list(draft.cc),
        "to_names": _names(letter, copies=False),
        "cc_names": _names(letter, copies=True),
        "subject": draft.subject,
        "body": draft.body,
        "closing": plain_lines(letter.closing),
        "reading": _reading(now, letter, str(seed), reader, day),
        "mailto": mailto(draft),
        "file": f"compose/file?{urlencode(named)}",
        "another": address(**{**named, "number": str(following)}),
        "languages": {
            other: address(**{**named, "language": other})
            for other in campaign.written_for(case_id, letter.action)
            if other != language
        },
    }


def address(**named: str) -> str:
    """The part of the page's address that names a letter."""
    return urlencode({NAMED[name]: value for name, value in named.items()})


def offered(now: InUse, language: str) -> list[dict[str, str]]:
    """Every letter that can be written now."""
    return [
        {
            "address": address(case=case_id, action=action.id),
            "name": case.full_name,
            "chinese": case.chinese_name,
            "title": now.wording.text(
                words(f"{case_id}.action.{action.id}.title"), language, "plain"
            ),
        }
        for case_id, case in now.campaign.cases.items()
        if case.is_active
        for action in case.actions
        if isinstance(action, LetterAction)
    ]


def _numbers(campaign: Campaign, case: Case, letter: Letter, number: str) -> tuple[int, int]:
    """Which of all versions this is, and the one that "another version" leads to."""
    action = _action(case, letter.action)
    of_all = letters.versions(campaign, letter.case, action) if action else 1
    seed = int(number) % of_all
    return seed, (seed + letters.STRIDE) % of_all


def _reading(
    now: InUse, letter: Letter, number: str, reader: str, day: date
) -> dict[str, str] | None:
    can_read = now.campaign.writes(reader, letter.case, letter.action)
    if not can_read or reader == letter.language:
        return None
    read = written(now, letter.case, letter.action, reader, number, day=day)
    return {"language": reader, "direction": direction(reader), "body": plain_lines(read.body)}


def _action(case: Case | None, action_id: str) -> LetterAction | None:
    listed = case.actions if case else []
    found = [action for action in listed if isinstance(action, LetterAction)]
    fitting = [action for action in found if not action_id or action.id == action_id]
    return fitting[-1] if fitting else None


def _names(letter: Letter, *, copies: bool) -> list[str]:
    addressees = letter.copy_to if copies else letter.to
    return [addressee.name.replace("\n", ", ") for addressee in addressees]
