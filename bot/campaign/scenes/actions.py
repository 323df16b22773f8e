"""The three actions of a case, what the supporter has done of them, and saying so."""

from __future__ import annotations

from collections.abc import Callable

from bot.campaign.content import LetterAction, PostAction, SupportAction
from bot.campaign.effects import Evidence, Record, TakeBack
from bot.campaign.messages import Button, Message, Rows, Words, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import DependsOn, Route
from bot.campaign.scenes import (
    closed,
    elsewhere,
    letter,
    next_act,
    petition,
    post,
    reminders,
    safety,
    support,
)
from bot.campaign.scenes.whom import of_case
from bot.campaign.turn import Turn, choice, to_menu


def show(turn: Turn, case_id: str) -> Outcome:
    """What can be done for a person: the next act in front, two others, the rest behind "More".

    The lightest act is the signature: what is signed stands on this very screen.
    """
    case = turn.case(case_id)
    if not case.is_active:
        return closed.show(turn, case_id)
    acts = ordered(turn, case_id)
    next_one = next(iter(acts), "")
    to_sign = next_one == next_act.SIGN and not next_act.is_done(turn, case_id, next_one)
    signing = to_sign and not turn.wide
    buttons: list[Button] = [next_act.button(turn, case_id, act) for act in acts]
    if signing:
        buttons[0] = petition.sign_button(turn, case.petition)
    return turn.answer(
        turn.screen(
            petition.presented(turn, case.petition, words("actions.sign", name=case.name))
            if signing
            else _acts(turn, case_id, acts),
            *((button,) for button in buttons[:SHOWN]),
            safety.change(turn, "actions", case_id),
            (next_act.story(turn, case_id), to_menu()),
            rest=(
                *((button,) for button in buttons[SHOWN:]),
                () if safety.at_risk(turn) else (choice("share", f"share:{case_id}"),),
                (choice("ladder", f"ladder:{case_id}"), *closed.other(turn, case)),
                *_taking_back(turn, case_id),
            ),
            here=f"actions:{case_id}",
        ),
        case=case_id,
    )


def ordered(turn: Turn, case_id: str) -> list[str]:
    """All acts as they stand on the screen: what is left to do, then what is done."""
    every = next_act.acts(turn, case_id)
    left = [act for act in every if not next_act.is_done(turn, case_id, act)]
    return [*left, *(act for act in every if act not in left)]


SHOWN = 3
"""So many acts stand on the screen; the others behind "More"."""


def _acts(turn: Turn, case_id: str, acts: list[str]) -> Words:
    case = turn.case(case_id)
    return words(
        "actions.screen",
        name=case.full_name,
        chinese=case.chinese_name,
        actions=tuple(_line(turn, case_id, act) for act in acts if act != next_act.SIGN),
        signed=int(case.petition in turn.facts.signed),
        careful=int(safety.at_risk(turn)),
    )


def _taking_back(turn: Turn, case_id: str) -> Rows:
    """One button for each act that was said to be done or planned."""
    return tuple(
        (
            choice(
                "take_back_of",
                f"undo:{case_id}:{action.id}",
                title=words(f"{case_id}.action.{action.id}.title"),
            ),
        )
        for action in turn.case(case_id).actions
        if next_act.is_done(turn, case_id, action.id)
    )


def _line(turn: Turn, case_id: str, action_id: str) -> Words:
    evidence = turn.facts.done.get((case_id, action_id))
    return words(
        "actions.line",
        title=words(f"{case_id}.action.{action_id}.title"),
        about=words(f"{case_id}.action.{action_id}.about"),
        minutes=turn.action(case_id, action_id).minutes,
        done=words(f"actions.done.{evidence.value}") if evidence else "",
    )


def open_action(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """The scene of an action, by its kind."""
    action = turn.action(case_id, action_id)
    if not turn.case(case_id).is_active:
        return closed.show(turn, case_id)
    if isinstance(action, LetterAction):
        if elsewhere.applies(turn):
            return elsewhere.the_letter(turn, case_id, action_id)
        return letter.begin(turn, case_id, action_id)
    if isinstance(action, PostAction):
        return post.begin(turn, case_id, action_id)
    return support.begin(turn, case_id, action_id)


def open_act(turn: Turn, case_id: str, act: str) -> Outcome:
    """The same of an act as the screen lists it, the signature among them."""
    if act == next_act.SIGN:
        return petition.show(turn, turn.case(case_id).petition)
    return open_action(turn, case_id, act)


def of_kind(kind: str) -> Callable[[Turn, str], Outcome]:
    """The main action of that kind in a case: the last one listed (the letter to the highest)."""

    def answer(turn: Turn, case_id: str) -> Outcome:
        fitting = [action for action in turn.case(case_id).actions if action.kind == kind]
        if not fitting:
            return show(turn, case_id)
        return open_action(turn, case_id, fitting[-1].id)

    return answer


def done(case_id: str, action_id: str) -> str:
    """What the button "I have done it" carries."""
    return f"did:{case_id}:{action_id}"


def did(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """ "I have done it": recorded as declared, never as proven."""
    return _said(turn, case_id, action_id, Evidence.DECLARED)


def will(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """ "I will do it": a pledge. What was declared already stays declared."""
    if turn.facts.done.get((case_id, action_id)) is Evidence.DECLARED:
        return turn.answer(_thanks(turn, case_id, action_id), case=case_id)
    return _said(turn, case_id, action_id, Evidence.PLEDGED)


def _said(turn: Turn, case_id: str, action_id: str, evidence: Evidence) -> Outcome:
    turn.action(case_id, action_id)
    if not turn.case(case_id).is_active:
        return closed.show(turn, case_id)
    planned = evidence is Evidence.PLEDGED
    return turn.answer(
        (_planned if planned else _thanks)(turn, case_id, action_id),
        effects=[Record(case_id, action_id, evidence)],
        case=case_id,
    )


def _thanks(turn: Turn, case_id: str, action_id: str) -> Message:
    """Thanks, one next step, and the way back to where the supporter was."""
    kind = turn.action(case_id, action_id).kind
    further = next_act.after(turn, case_id, action_id)
    return turn.screen(
        words(
            f"actions.thanks.{kind}",
            name=turn.case(case_id).name,
            further=next_act.title(case_id, further) if further else "",
        ),
        (next_act.button(turn, case_id, further),) if further else (),
        (next_act.story(turn, case_id),),
        safety.change(turn, "actions", case_id),
        (choice("actions", f"actions:{case_id}"), to_menu()),
        in_place=False,
    )


def _planned(turn: Turn, case_id: str, action_id: str) -> Message:
    """ "I will": a day for a reminder, where none could harm."""
    careful = safety.at_risk(turn) or turn.facts.closes
    text = words(
        "actions.pledged",
        name=turn.case(case_id).name,
        title=words(f"{case_id}.action.{action_id}.title"),
        careful=int(careful),
    )
    more: Rows = ()
    if isinstance(turn.action(case_id, action_id), SupportAction):
        text, more = support.pledged(turn, case_id, action_id)
    now: Rows = ((next_act.button(turn, case_id, action_id),),)
    return turn.screen(
        text,
        *(now if careful else reminders.when(case_id, action_id)),
        safety.change(turn, "actions", case_id),
        (next_act.story(turn, case_id), to_menu()),
        rest=more,
        here=f"will:{case_id}:{action_id}",
        in_place=False,
    )


def undo(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """Take back what was pledged or declared; works in every state of the case."""
    turn.action(case_id, action_id)
    done = turn.facts.done.get((case_id, action_id))
    there = done in (Evidence.PLEDGED, Evidence.DECLARED)
    return turn.answer(
        turn.screen(
            words("actions.taken_back" if there else "actions.nothing_to_take_back"),
            (choice("actions", f"actions:{case_id}"), to_menu()),
        ),
        effects=[TakeBack(case_id, action_id)] if there else [],
        case=case_id,
    )


_letter, _support = of_kind("letter"), of_kind("support")

ROUTES = (
    Route("actions", show, command=of_case(show, "actions"), depends_on=DependsOn.RISK),
    Route("act", open_action, depends_on=DependsOn.ANSWERS),
    Route("letter", _letter, command=of_case(_letter, "letter")),
    Route(
        "support",
        _support,
        command=of_case(_support, "support"),
        depends_on=DependsOn.ANSWERS,
    ),
    Route("did", did, depends_on=DependsOn.RISK),
    Route("will", will, depends_on=DependsOn.RISK),
    Route("undo", undo),
)
