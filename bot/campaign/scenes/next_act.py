"""What can be done for somebody, the light acts first: which of it comes next, and the way back to
the story."""

from __future__ import annotations

from bot.campaign.content import Case, LetterAction, PostAction, SupportAction
from bot.campaign.effects import Evidence
from bot.campaign.messages import Choice, Words, words
from bot.campaign.scenes import safety
from bot.campaign.turn import Turn, choice

SIGN = "sign"
"""Stands for the petition where acts are named by their ids."""
ORDER = (LetterAction, SupportAction, PostAction)
"""Behind the signature; of a kind the quickest first."""


def acts(turn: Turn, case_id: str) -> list[str]:
    """All acts of a case in order; none that is public for whoever could be harmed by it."""
    case = turn.case(case_id)
    offered = [
        action
        for action in case.actions
        if not (isinstance(action, PostAction) and safety.at_risk(turn))
    ]
    offered.sort(key=lambda action: (ORDER.index(type(action)), action.minutes))
    return [*_signature(turn, case), *(action.id for action in offered)]


def _signature(turn: Turn, case: Case) -> list[str]:
    petition = turn.campaign.petitions.get(case.petition)
    is_open = petition is not None and petition.state == "open"
    return [SIGN] if is_open or case.petition in turn.facts.signed else []


def is_done(turn: Turn, case_id: str, act: str) -> bool:
    """Whether the supporter has done it, or means to."""
    if act == SIGN:
        return turn.case(case_id).petition in turn.facts.signed
    return turn.facts.done.get((case_id, act)) in (Evidence.DECLARED, Evidence.PLEDGED)


def after(turn: Turn, case_id: str, act: str) -> str:
    """The first one that is not yet done beside this one; "" where all are."""
    left = [one for one in acts(turn, case_id) if one != act and not is_done(turn, case_id, one)]
    return left[0] if left else ""


def title(case_id: str, act: str) -> Words:
    """Its name within a sentence or in a list."""
    return words("actions.signature" if act == SIGN else f"{case_id}.action.{act}.title")


def button(turn: Turn, case_id: str, act: str) -> Choice:
    """The button that opens it."""
    if act == SIGN:
        label = "my_signature" if is_done(turn, case_id, act) else "sign_petition"
        return choice(label, f"petition:{turn.case(case_id).petition}")
    return Choice(title(case_id, act), f"act:{case_id}:{act}")


def story(turn: Turn, case_id: str) -> Choice:
    """The way back to the step that was read last, else to the story's beginning."""
    steps = len(turn.case(case_id).story)
    step = min(turn.supporter.step, steps) if turn.supporter.case == case_id else 0
    if not step:
        return choice("story", f"story:{case_id}:1")
    return choice("back_to_story", f"story:{case_id}:{step}", step=step, steps=steps)
