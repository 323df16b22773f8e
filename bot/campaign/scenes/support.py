"""A card with words of support, sent through the secretariat that forwards it."""

from __future__ import annotations

from bot.campaign.content import SupportAction
from bot.campaign.effects import Evidence, Record
from bot.campaign.messages import Copy, words
from bot.campaign.outcome import Outcome
from bot.campaign.scenes import closed
from bot.campaign.turn import NotOffered, Turn, choice, to_menu


def begin(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """How it works and what is better not written, before any words are offered."""
    _action(turn, case_id, action_id)
    return turn.answer(
        turn.screen(
            words(
                "support.screen",
                name=turn.case(case_id).full_name,
                about=words(f"{case_id}.support.about"),
                safety=words(f"{case_id}.support.safety"),
            ),
            (choice("support_words", f"card:{case_id}:{action_id}:{turn.language}:0"),),
            (choice("actions", f"actions:{case_id}"), to_menu()),
        ),
        effects=[Record(case_id, action_id, Evidence.OPENED)],
        case=case_id,
    )


def _action(turn: Turn, case_id: str, action_id: str) -> SupportAction:
    found = turn.action(case_id, action_id)
    if not isinstance(found, SupportAction):
        raise NotOffered("support action")
    return found


def card(turn: Turn, case_id: str, action_id: str, language: str, version: str) -> Outcome:
    """Suggested words as a block to copy, and the address block of the card."""
    action = _action(turn, case_id, action_id)
    if not turn.case(case_id).is_active:
        return closed.show(turn, case_id)
    if language not in turn.campaign.languages or not version.isdecimal() or len(version) > 6:
        raise NotOffered("card")
    versions = turn.campaign.variants.get(f"{case_id}.support.words", 1)
    text = words(f"{case_id}.support.words.{int(version) % versions}", town="")
    here = f"{case_id}:{action_id}"
    others = [
        choice(f"words_in_{other}", f"card:{here}:{other}:{version}")
        for other in turn.campaign.languages
        if other != language
    ]
    message = turn.screen(
        words(
            "support.card",
            name=turn.case(case_id).name,
            address="\n".join(action.forwarded_by),
            as_of=action.as_of,
        ),
        (Copy(words("buttons.copy_address"), "\n".join(action.forwarded_by)),),
        (choice("other_words", f"card:{here}:{language}:{int(version) + 1}"), *others),
        (choice("sent", f"did:{here}"), choice("will", f"will:{here}")),
        (choice("back", f"act:{here}"), to_menu()),
    )
    return turn.answer(
        message.with_block(text.in_language(language)),
        effects=[Record(case_id, action_id, Evidence.PREPARED)],
        case=case_id,
    )
