"""Answers to what people type: one of the content's own, or care where somebody is in need."""

from __future__ import annotations

from bot.campaign.content import Campaign
from bot.campaign.messages import Button, words
from bot.campaign.outcome import Outcome
from bot.campaign.turn import Turn, choice, to_menu


def answered(turn: Turn, meaning: str) -> Outcome:
    """The content's answer, with the page that says so; or where people in need are helped."""
    typed = turn.campaign.typed[meaning]
    if typed.care:
        return _cared_for(turn, meaning)
    title = turn.campaign.sources[typed.source].title if typed.source else ""
    text = words(
        "typed.screen",
        answer=words(f"typed.{meaning}.answer", **reached(turn.campaign)),
        source=title,
        as_of=typed.as_of or "",
    )
    return turn.answer(turn.screen(text, _to_act(turn), (to_menu(),)))


def _cared_for(turn: Turn, meaning: str) -> Outcome:
    """Nothing of the campaign is asked of them now."""
    places = tuple(
        words(f"typed.places.{place.id}", number=place.number)
        for place in turn.campaign.places_of_help
        if meaning in place.helps
    )
    known = reached(turn.campaign)
    text = words(f"typed.{meaning}.answer", places=places, **known)
    return turn.answer(turn.screen(text, (to_menu(),)))


def reached(campaign: Campaign) -> dict[str, str]:
    """Values of texts: who answers for the bot, and how they are reached."""
    organisation = campaign.organisation
    relatives = campaign.relatives_contact or organisation.email or ""
    return {
        "org": organisation.name,
        "email": organisation.email or "",
        "address": ", ".join(organisation.address),
        "relatives": relatives,
    }


def _to_act(turn: Turn) -> tuple[Button, ...]:
    case = turn.supporter.case
    if case in turn.campaign.cases:
        return (choice("actions", f"actions:{case}"),)
    return (choice("cases", "cases"),)
