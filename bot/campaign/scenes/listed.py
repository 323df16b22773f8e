"""A name for the list that is handed over: optional, and only after the question of risk."""

from __future__ import annotations

from bot.campaign.effects import Effect, ListName
from bot.campaign.messages import words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import DependsOn, Route
from bot.campaign.scenes import letter, petition, safety
from bot.campaign.scenes.safety import answers
from bot.campaign.supporter import Answers
from bot.campaign.turn import Turn, choice, to_menu
from bot.campaign.typed import one_line

LONGEST = 60
ASKED = "listed_name"
"""The question whose answer is a name for the list."""
LONGEST_NAME = letter.LONGEST["town"][:LONGEST]


def ask(turn: Turn, petition_id: str) -> Outcome:
    """Is a name safe? Then: which name. The answer given for a letter counts here too."""
    petition.of(turn, petition_id)
    if petition.changeable(turn, petition_id) is None:
        return petition.show(turn, petition_id)
    kept = answers(turn)
    if kept.at_risk is None and _may_be_named(turn, petition_id):
        return _ask_risk(turn, petition_id)
    return _name_or_none(turn, petition_id, kept)


def _may_be_named(turn: Turn, petition_id: str) -> bool:
    signature = petition.changeable(turn, petition_id)
    return petition.may_be_named(turn, signature.country if signature else "")


def _name_or_none(turn: Turn, petition_id: str, kept: Answers) -> Outcome:
    if not _may_be_named(turn.knowing(answers=kept), petition_id):
        return _careful(turn, petition_id, kept)
    return _ask_name(turn, petition_id, kept)


def _ask_risk(turn: Turn, petition_id: str) -> Outcome:
    return turn.answer(
        turn.screen(
            safety.asked(turn, words("listed.risk"), "namerisk"),
            *safety.choices(f"namerisk:{petition_id}"),
            (choice("petition", f"petition:{petition_id}"), to_menu()),
        ),
        question=f"namerisk:{petition_id}",
    )


def said_risk(turn: Turn, petition_id: str) -> Outcome:
    """The answer typed as it stands on its button; anything else asks again."""
    answer = safety.typed(turn)
    return risk(turn, petition_id, answer) if answer else ask(turn, petition_id)


def risk(turn: Turn, petition_id: str, answer: str) -> Outcome:
    """Anything but a clear no ends here, and takes a name off the list that was given before."""
    petition.of(turn, petition_id)
    kept = safety.told(turn, answer)
    if petition.changeable(turn, petition_id) is None:
        return petition.show(turn, petition_id)
    return _name_or_none(turn, petition_id, kept)


def _careful(turn: Turn, petition_id: str, kept: Answers) -> Outcome:
    signature = petition.changeable(turn, petition_id)
    effects: list[Effect] = []
    if signature is not None and signature.is_listed:
        effects.append(ListName(petition_id, ""))
    effects += safety.effects(kept)
    told = turn.knowing(answers=kept)
    return turn.answer(
        turn.screen(
            words("listed.careful", told=words("safety.told") if kept.at_risk else ""),
            safety.change(told, "listed", petition_id),
            safety.untraced(told),
            (choice("petition", f"petition:{petition_id}"), to_menu()),
        ),
        effects=effects,
        answers=kept,
    )


def _ask_name(turn: Turn, petition_id: str, kept: Answers, key: str = "listed.ask") -> Outcome:
    return turn.answer(
        turn.screen(
            words(key, most=LONGEST, closed=turn.facts.names_closed),
            (choice("without_name", f"petition:{petition_id}"),),
            (to_menu(),),
        ),
        question=f"{ASKED}:{petition_id}",
        answers=kept,
    )


def said_name(turn: Turn, petition_id: str) -> Outcome:
    """The text is a name, where it can be one."""
    petition.of(turn, petition_id)
    if petition.changeable(turn, petition_id) is None:
        return petition.show(turn, petition_id)
    kept = answers(turn)
    if kept.at_risk is not False or not _may_be_named(turn, petition_id):
        # The answer of yesterday is gone: a question of safety is asked again.
        return ask(turn, petition_id)
    name = one_line(turn.said)
    if not name or len(name) > LONGEST:
        return _ask_name(turn, petition_id, kept, "listed.again")
    return turn.answer(
        turn.screen(
            # Where nobody here may read it, it is not repeated: answers are kept for a while.
            words("listed.noted_closed")
            if turn.facts.names_closed
            else words("listed.noted", name=name),
            (choice("petition", f"petition:{petition_id}"),),
            (choice("unlist", f"unlist:{petition_id}"), to_menu()),
        ),
        effects=[ListName(petition_id, name)],
    )


def take_off(turn: Turn, petition_id: str) -> Outcome:
    """The name is taken off the list; the signature stays."""
    petition.of(turn, petition_id)
    if petition.changeable(turn, petition_id) is None:
        return petition.show(turn, petition_id)
    return turn.answer(
        turn.screen(
            words("listed.taken_off"), (choice("petition", f"petition:{petition_id}"), to_menu())
        ),
        effects=[ListName(petition_id, "")],
    )


ROUTES = (
    Route("listed", ask, depends_on=DependsOn.ANSWERS, personal=True),
    Route(ASKED, question=said_name, asked_again=ask, answers=(LONGEST_NAME,), personal=True),
    Route("namerisk", risk, question=said_risk, asked_again=ask, answers=("?",), personal=True),
    Route("unlist", take_off),
)
