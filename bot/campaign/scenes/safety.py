"""The gentle question before any name: do you or your family live in or travel to China?

Letters, cards and the list of names ask it; one answer serves them all, for a day. Whoever could be
harmed is offered nothing public and no reminder, and can change the answer wherever it counts.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.campaign.bare_words import bare
from bot.campaign.effects import Effect, StopReminding
from bot.campaign.events import Corrected, Said, Showed
from bot.campaign.messages import Button, Link, Rows, Words, words
from bot.campaign.outcome import Outcome
from bot.campaign.supporter import Answers
from bot.campaign.turn import NotOffered, Turn, choice, to_menu

KEPT = timedelta(hours=24)
"""How long what was told may be used: see Answers."""


CHANGED = "anyrisk"
"""The name of the question when it is asked once more, to change the answer."""
RETURNS = ("actions", "act", "petition", "story", "share", "listed")
"""The screens that a changed answer leads back to."""
ANSWERS = ("no", "yes", "unsaid")
"""What can be answered, by a button or by typing its label."""


def answers(turn: Turn) -> Answers:
    """What the supporter told us for letters, as long as it may be used."""
    given = turn.supporter.answers
    if given.at is not None and turn.now - given.at > KEPT:
        return Answers()
    return given


def news(turn: Turn) -> tuple[Button, ...]:
    """The way to news; to whoever could be harmed by what comes unasked only where some are taken,
    to leave them, and as little where none could be sent. Who asks for them (/updates) gets them,
    or is told why not."""
    if (at_risk(turn) or turn.facts.closes) and not turn.supporter.topics:
        return ()
    return (choice("updates", "updates"),)


def at_risk(turn: Turn) -> bool:
    """Whether what shows who they are could harm them: they said so, or would rather not say."""
    return bool(answers(turn).at_risk)


def change(turn: Turn, *back: str) -> tuple[Button, ...]:
    """The button that asks again, below whatever would be otherwise after another answer."""
    return (choice("change_answer", ":".join(("change", *back))),) if at_risk(turn) else ()


def untraced(turn: Turn) -> tuple[Button, ...]:
    """The way to the page that keeps nothing, for whoever could be harmed."""
    there = turn.facts.web
    if not there or not at_risk(turn):
        return ()
    return (Link(words("buttons.untraced"), f"{there}/?trace=none"),)


def ask(turn: Turn, scene: str, of: str, more: str = "") -> Outcome:
    """The question once more; the answer leads back to that screen. Raises NotOffered.

    What was answered before holds until there is another answer.
    """
    if scene not in RETURNS:
        raise NotOffered("way back")
    here = f"{CHANGED}:{scene}:{of}:{more}"
    return turn.answer(
        turn.screen(asked(turn, words("safety.ask"), CHANGED), *choices(here), (to_menu(),)),
        question=here,
    )


def effects(kept: Answers) -> list[Effect]:
    """What an answer brings about: a reminder would name an act on the screen of a phone."""
    return [StopReminding()] if kept.at_risk else []


def choices(data: str) -> Rows:
    """The buttons under the question; ``data`` stands before the answer in what they carry."""
    return (
        (choice("risk_no", f"{data}:no"), choice("risk_yes", f"{data}:yes")),
        (choice("risk_unsaid", f"{data}:unsaid"),),
    )


def typed(turn: Turn) -> str:
    """The answer whose label was typed, "" where it is none."""
    heard = turn.campaign.heard.get(bare(turn.said), "")
    return heard if heard in ANSWERS else ""


def asked(turn: Turn, question: Words, name: str) -> Words:
    """The question of that route; where it stands open and something else came, how it can be
    answered."""
    stands_open = turn.supporter.open_question[0] == name
    if stands_open and isinstance(turn.event, Said | Showed | Corrected):
        return words("letter.risk_again", ask=question)
    return question


def told(turn: Turn, answer: str) -> Answers:
    """What is kept of an answer: anything but a clear no is a yes. Raises NotOffered."""
    if answer not in ANSWERS:
        raise NotOffered("risk answer")
    if answer == "no":
        return replace(answers(turn), at_risk=False, at=turn.now)
    return Answers(at_risk=True, at=turn.now)
