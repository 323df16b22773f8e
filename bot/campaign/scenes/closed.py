"""A case that can no longer be acted for: said kindly, also behind buttons that are months old."""

from __future__ import annotations

from bot.campaign.content import Case
from bot.campaign.messages import Button, Words, words
from bot.campaign.outcome import Outcome
from bot.campaign.turn import Turn, choice, to_menu


def why(case_id: str, case: Case) -> Words:
    """Why the actions are closed, by the state of the case."""
    return words(f"{case_id}.status.{case.state.value.replace('-', '')}")


def other(turn: Turn, case: Case) -> tuple[Button, ...]:
    """The way to the story of the other person, where there is one."""
    found = turn.campaign.cases.get(case.other or "")
    if found is None:
        return ()
    return (choice("read_also", f"story:{case.other}:1", name=found.full_name),)


def show(turn: Turn, case_id: str) -> Outcome:
    """Instead of an action: why nothing can be done for this person now."""
    case = turn.case(case_id)
    return turn.answer(
        turn.screen(
            words("actions.closed", name=case.full_name, why=why(case_id, case)),
            other(turn, case),
            (choice("story", f"story:{case_id}:1"), to_menu()),
        ),
        case=case_id,
    )
