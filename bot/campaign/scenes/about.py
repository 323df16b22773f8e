"""The other people, school groups, help, language: one screen each."""

from __future__ import annotations

from bot.campaign.messages import Choice, Link, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import Route
from bot.campaign.scenes import safety
from bot.campaign.turn import NotOffered, Turn, choice, to_menu


def others(turn: Turn) -> Outcome:
    """The other people whom the petition page names."""
    rows = [
        (Choice(words("buttons.other", name=other.name), f"other:{other.id}"),)
        for other in turn.campaign.others
    ]
    return turn.answer(turn.screen(words("others.intro"), *rows, (_petition(turn), to_menu())))


def other(turn: Turn, other_id: str) -> Outcome:
    """What is known of one of them."""
    found = next((other for other in turn.campaign.others if other.id == other_id), None)
    if found is None:
        raise NotOffered("other person")
    text = words("others.screen", text=words(f"others.{other_id}"), as_of=found.as_of)
    back = (choice("back", "others"), to_menu())
    return turn.answer(turn.screen(text, (_petition(turn),), back))


def _petition(turn: Turn) -> Choice:
    return choice("petition", f"petition:{next(iter(turn.campaign.petitions))}")


def school(turn: Turn) -> Outcome:
    """How to join or found a group at school."""
    groups = turn.campaign.school_groups
    text = words("others.school", organiser=groups.organiser, register=groups.register_number or "")
    return turn.answer(
        turn.screen(text, (Link(words("buttons.open_school"), groups.url),), (to_menu(),))
    )


def help_(turn: Turn) -> Outcome:
    """What can be done here and by which command."""
    text = words(
        "help.screen",
        org=turn.campaign.organisation.name,
        careful=int(safety.at_risk(turn)),
    )
    rows = (choice("write", "write"),), (choice("cases", "cases"), to_menu())
    return turn.answer(turn.screen(text, *rows))


def languages(turn: Turn) -> Outcome:
    """The languages to choose from, each named in itself."""
    rows = [
        (Choice(words("language.name").in_language(language), f"language:{language}"),)
        for language in turn.campaign.languages
    ]
    # An open question stays open: it is asked again in the language that is chosen.
    return turn.answer(
        turn.screen(words("language.screen"), *rows, (to_menu(),)),
        question=turn.supporter.question,
    )


ROUTES = (
    Route("languages", languages),
    Route("others", others),
    Route("other", other),
    Route("school", school),
    Route("help", help_, command=help_, typed=("help", "aide")),
)
