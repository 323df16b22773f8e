"""A draft → a letter in plain text, as every form of sending takes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.campaign.content import Campaign, LetterAction
from bot.campaign.letters import Draft, Letter, WrittenAddressee
from bot.campaign.messages import Markup, Words, words
from bot.campaign.typed import one_line
from bot.wording.direction import is_right_to_left

Speak = Callable[[Words, str, Markup], str]


def write_letter(speak: Speak, draft: Draft, campaign: Campaign) -> Letter:
    """The letter in its own language. Raises LookupError where content has no such letter."""
    action = campaign.cases[draft.case].action(draft.action)
    if not isinstance(action, LetterAction):
        raise LookupError(f"{draft.case} has no letter {draft.action!r}")

    right_to_left = is_right_to_left(draft.language)

    def said(text: Words) -> str:
        return speak(text, draft.language, "plain")

    # What stands on an envelope has to be read where it is sorted.
    readable = campaign.instead(draft.language) if right_to_left else draft.language

    def addressees(ids: Sequence[str]) -> tuple[WrittenAddressee, ...]:
        return tuple(
            _addressee(one, lambda text: speak(text, readable, "plain"), campaign) for one in ids
        )

    return Letter(
        case=draft.case,
        action=draft.action,
        language=draft.language,
        variant=draft.variant,
        subject=said(draft.subject),
        salutation=said(draft.salutation),
        paragraphs=tuple(said(paragraph) for paragraph in draft.paragraphs),
        closing=said(draft.closing),
        to=addressees(action.to),
        copy_to=addressees(action.copy_to),
        is_long=draft.is_long,
        first_name=one_line(draft.first_name),
        town=one_line(draft.town),
    )


def _addressee(
    addressee_id: str, said: Callable[[Words], str], campaign: Campaign
) -> WrittenAddressee:
    addressee = campaign.addressees[addressee_id]
    return WrittenAddressee(
        id=addressee_id,
        name=said(words(f"addressees.{addressee_id}.name")),
        post=tuple(addressee.post),
        fax=addressee.fax or "",
        email=addressee.email or "",
    )
