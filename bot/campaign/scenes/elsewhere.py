"""What is done on a page, where the platform's firm knows who writes by their telephone number.

There no name is asked, no letter stands in the chat, and nobody is asked what ties them to China:
the answer would be known to a firm that can be made to tell. The page asks, or keeps no trace.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.campaign import letters
from bot.campaign.content import LetterAction, SupportAction
from bot.campaign.effects import Evidence, Record
from bot.campaign.messages import Message, words
from bot.campaign.outcome import Outcome
from bot.campaign.scenes import letter, petition, support
from bot.campaign.turn import NotOffered, Turn, choice, to_menu

SILENCE = timedelta(hours=24)
"""After it a conversation begins anew, and what is known of whom is said again."""


def applies(turn: Turn) -> bool:
    """Whether a page does what would tell too much here."""
    return turn.facts.exposed and bool(turn.facts.compose)


def untraced(turn: Turn) -> str:
    """Where the page is that keeps nothing."""
    return f"{turn.facts.web or turn.facts.compose}/?trace=none"


def first_line(turn: Turn, messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Above the first words of a conversation: who else knows of it, and where nobody does."""
    seen = turn.supporter.seen_at
    begins = not turn.supporter.known or seen is None or turn.now - seen > SILENCE
    if not applies(turn) or not begins or not messages:
        return messages
    banner = messages[0].banner
    told = words("exposed.first", untraced=untraced(turn), banner=banner or "")
    return (replace(messages[0], banner=told), *messages[1:])


def show(turn: Turn, *arguments: str) -> Outcome:
    """Instead of a scene that asks for a name or shows a letter: whatever of ``arguments`` it is
    about. Raises NotOffered."""
    for place, case_id in enumerate(arguments):
        if case_id in turn.campaign.petitions:
            return petition.show(turn, case_id)
        if case_id in turn.campaign.cases:
            action_id = arguments[place + 1] if place + 1 < len(arguments) else ""
            if isinstance(turn.action(case_id, action_id), SupportAction):
                return support.begin(turn, case_id, action_id)
            return the_letter(turn, case_id, action_id)
    raise NotOffered("what it is about")


def the_letter(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """The way to the letter on the page, and to the one that keeps no trace."""
    action = turn.to_act(case_id, action_id, LetterAction)
    spoken = letters.spoken_to(turn.campaign, case_id, action, turn.language)
    draft = letter.drafted(turn, case_id, action, spoken, "0")
    link, offered = letter.page(turn, action, draft)
    return turn.answer(
        turn.screen(
            words(
                "exposed.letter",
                name=turn.case(case_id).name,
                untraced=f"{untraced(turn)}&start={case_id}-{action_id}",
            ),
            link,
            (choice("sent", f"did:{case_id}:{action_id}"),),
            (choice("actions", f"actions:{case_id}"), to_menu()),
        ),
        effects=[Record(case_id, action_id, Evidence.PREPARED), *offered],
        case=case_id,
    )
