"""Public numbers, each by its own name: signatures by country, and how far actions have gone."""

from __future__ import annotations

from bot.campaign import countries
from bot.campaign.effects import Evidence
from bot.campaign.messages import Message, Words, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import Route
from bot.campaign.scenes import petition
from bot.campaign.supporter import Need
from bot.campaign.turn import Turn, choice, to_menu

COUNTRIES_SHOWN = 12
"""The rest joins the others: a screen is no table of the world."""


def of_petition(turn: Turn, petition_id: str) -> Outcome:
    """How many signed here, and where; small groups are never shown alone."""
    petition.of(turn, petition_id)
    named, others = countries.shown(turn.facts.by_country.get(petition_id, {}))
    others += sum(number for _, number in named[COUNTRIES_SHOWN:])
    lines = tuple(
        words("figures.country", name=turn.campaign.country(code, turn.language), number=number)
        for code, number in named[:COUNTRIES_SHOWN]
    )
    text = words(
        "figures.petition",
        title=words(f"petitions.{petition_id}.title"),
        here=turn.facts.signatures.get(petition_id, 0),
        lines=lines,
        others=others,
        smallest=countries.SMALLEST_GROUP,
    )
    return turn.answer(
        turn.screen(text, (choice("petition", f"petition:{petition_id}"), to_menu()))
    )


def of_case(turn: Turn, case_id: str) -> Outcome:
    """How many opened, prepared, planned or declared each action; declared is never proven."""
    case = turn.case(case_id)
    text = words(
        "figures.case",
        name=case.full_name,
        actions=tuple(_ladder(turn, case_id, action.id) for action in case.actions),
    )
    return turn.answer(turn.screen(text, (choice("actions", f"actions:{case_id}"), to_menu())))


def _ladder(turn: Turn, case_id: str, action_id: str) -> Words:
    numbers = {
        evidence.value: turn.facts.evidence.get((case_id, action_id, evidence), 0)
        for evidence in Evidence
    }
    return words("figures.action", title=words(f"{case_id}.action.{action_id}.title"), **numbers)


def milestone(petition_id: str, number: int) -> Message:
    """Told once to those who signed and take updates."""
    return Message(
        words(
            "figures.milestone",
            title=words(f"petitions.{petition_id}.title"),
            number=number,
        ),
        buttons=(
            (choice("figures", f"figures:{petition_id}"),),
            (choice("updates", "updates"), to_menu()),
        ),
    )


ROUTES = (
    Route("figures", of_petition, needs=(Need.BY_COUNTRY,)),
    Route("ladder", of_case, needs=(Need.EVIDENCE,)),
)
