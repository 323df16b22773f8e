"""The gentle question before any name: do you or your family live in or travel to China?

Letters, cards and the list of names ask it; one answer serves them all, for a day.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.campaign.countries import plain
from bot.campaign.events import Corrected, Said, Showed
from bot.campaign.messages import Rows, Words, words
from bot.campaign.supporter import Answers
from bot.campaign.turn import NotOffered, Turn, choice

KEPT = timedelta(hours=24)
"""How long what was told may be used: see Answers."""


QUESTIONS = ("risk", "cardrisk", "namerisk")
"""The names of the question where it stands before a letter, a card, a name on the list."""
ANSWERS = ("no", "yes", "unsaid")
"""What can be answered, by a button or by typing its label."""


def answers(turn: Turn) -> Answers:
    """What the supporter told us for letters, as long as it may be used."""
    given = turn.supporter.answers
    if given.at is not None and turn.now - given.at > KEPT:
        return Answers()
    return given


def choices(data: str) -> Rows:
    """The buttons under the question; ``data`` stands before the answer in what they carry."""
    return (
        (choice("risk_no", f"{data}:no"), choice("risk_yes", f"{data}:yes")),
        (choice("risk_unsaid", f"{data}:unsaid"),),
    )


def typed(turn: Turn) -> str:
    """The answer whose label was typed, "" where it is none."""
    heard = turn.campaign.heard.get(plain(turn.said), "")
    return heard if heard in ANSWERS else ""


def asked(turn: Turn, question: Words) -> Words:
    """The question; where it stands open and something else came, how it can be answered."""
    stands_open = turn.supporter.question.split(":")[0] in QUESTIONS
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
