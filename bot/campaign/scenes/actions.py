"""The three actions of a case, what the supporter has done of them, and saying so."""

from __future__ import annotations

from collections.abc import Callable

from bot.campaign.content import LetterAction, PostAction, SupportAction
from bot.campaign.effects import Evidence, Record, TakeBack
from bot.campaign.messages import Choice, Message, Rows, Words, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import DependsOn, Route
from bot.campaign.scenes import closed, letter, post, reminders, safety, support
from bot.campaign.scenes.whom import of_case
from bot.campaign.turn import Turn, choice, to_menu


def show(turn: Turn, case_id: str) -> Outcome:
    """The actions of a case with how long each takes and what is done already."""
    case = turn.case(case_id)
    if not case.is_active:
        return closed.show(turn, case_id)
    careful = safety.at_risk(turn)
    offered = [
        action for action in case.actions if not (careful and isinstance(action, PostAction))
    ]
    return turn.answer(
        turn.screen(
            words(
                "actions.screen",
                name=case.full_name,
                chinese=case.chinese_name,
                actions=tuple(_line(turn, case_id, action.id) for action in offered),
                careful=int(careful),
            ),
            *(
                (
                    Choice(
                        words(f"{case_id}.action.{action.id}.title"), f"act:{case_id}:{action.id}"
                    ),
                )
                for action in offered
            ),
            (
                choice("sign_petition", f"petition:{case.petition}"),
                *(() if careful else (choice("share", f"share:{case_id}"),)),
            ),
            safety.change(turn, "actions", case_id),
            closed.other(turn, case),
            (choice("ladder", f"ladder:{case_id}"),),
            (choice("story", f"story:{case_id}:1"), to_menu()),
        ),
        case=case_id,
    )


def _line(turn: Turn, case_id: str, action_id: str) -> Words:
    evidence = turn.facts.done.get((case_id, action_id))
    return words(
        "actions.line",
        title=words(f"{case_id}.action.{action_id}.title"),
        about=words(f"{case_id}.action.{action_id}.about"),
        minutes=turn.action(case_id, action_id).minutes,
        done=words(f"actions.done.{evidence.value if evidence else 'nothing'}"),
    )


def open_action(turn: Turn, case_id: str, action_id: str) -> Outcome:
    """The scene of an action, by its kind."""
    action = turn.action(case_id, action_id)
    if not turn.case(case_id).is_active:
        return closed.show(turn, case_id)
    if isinstance(action, LetterAction):
        return letter.begin(turn, case_id, action_id)
    if isinstance(action, PostAction):
        return post.begin(turn, case_id, action_id)
    return support.begin(turn, case_id, action_id)


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
        return turn.answer(_thanks(turn, case_id, action_id, "declared"), case=case_id)
    return _said(turn, case_id, action_id, Evidence.PLEDGED)


def _said(turn: Turn, case_id: str, action_id: str, evidence: Evidence) -> Outcome:
    turn.action(case_id, action_id)
    if not turn.case(case_id).is_active:
        return closed.show(turn, case_id)
    return turn.answer(
        _thanks(turn, case_id, action_id, evidence.value),
        effects=[Record(case_id, action_id, evidence)],
        case=case_id,
    )


def _thanks(turn: Turn, case_id: str, action_id: str, key: str) -> Message:
    here = case_id, action_id
    careful = safety.at_risk(turn)
    more: Rows = ()
    if key == "pledged" and isinstance(turn.action(*here), SupportAction):
        text, more = support.pledged(turn, *here)
    else:
        text = words(
            f"actions.{key}",
            name=turn.case(case_id).name,
            title=words(f"{case_id}.action.{action_id}.title"),
            careful=int(careful),
        )
    follow: Rows
    if key == "pledged":
        days = () if careful else reminders.when(case_id, action_id)
        follow = ((choice("do_it_now", f"act:{case_id}:{action_id}"),), *more, *days)
    else:
        follow = () if careful else ((choice("share", f"share:{case_id}"),),)
    return turn.screen(
        text,
        *follow,
        safety.change(turn, "actions", case_id),
        (choice("take_back", f"undo:{case_id}:{action_id}"),),
        (choice("actions", f"actions:{case_id}"), to_menu()),
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
