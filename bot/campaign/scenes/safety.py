"""The gentle question before any name: do you or your family live in or travel to China?

Letters, cards and the list of names ask it; one answer serves them all, for a day.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.campaign.messages import Rows
from bot.campaign.supporter import Answers
from bot.campaign.turn import NotOffered, Turn, choice

KEPT = timedelta(hours=24)
"""How long what was told may be used: see Answers."""


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


def told(turn: Turn, answer: str) -> Answers:
    """What is kept of an answer: anything but a clear no is a yes. Raises NotOffered."""
    if answer not in ("no", "yes", "unsaid"):
        raise NotOffered("risk answer")
    if answer == "no":
        return replace(answers(turn), at_risk=False, at=turn.now)
    return Answers(at_risk=True, at=turn.now)
