"""From which country? Found by typing a few letters, and never asked twice."""

from __future__ import annotations

from collections.abc import Iterable

from bot.campaign.effects import Effect, ListName, NameCountry
from bot.campaign.messages import Button, Choice, Rows, Words, words
from bot.campaign.outcome import Outcome
from bot.campaign.routes import DependsOn, Route
from bot.campaign.scenes import petition, safety
from bot.campaign.turn import NotOffered, Turn, choice, in_columns, to_menu

NONE = "none"
"""Stands in a button for "do not say"."""


def ask(turn: Turn, petition_id: str, code: str = "") -> Outcome:
    """Ask for the country, or note the one that was chosen."""
    petition.of(turn, petition_id)
    if petition.changeable(turn, petition_id) is None:
        return petition.show(turn, petition_id)
    if code == NONE:
        return _noted(turn, petition_id, "")
    if code:
        return _chosen(turn, petition_id, code)
    first = (code for code in turn.campaign.countries_first if code in turn.campaign.countries)
    return _asked(turn, petition_id, words("countries.ask"), first)


def said(turn: Turn, petition_id: str) -> Outcome:
    """A few letters of a country: noted where they name just one, else what it could be."""
    petition.of(turn, petition_id)
    if petition.changeable(turn, petition_id) is None:
        return petition.show(turn, petition_id)
    countries = turn.campaign.countries
    typed = turn.said[:100]
    exact = countries.exactly(typed, turn.language)
    if exact:
        return _chosen(turn, petition_id, exact)
    found = countries.search(typed, turn.language)
    if found:
        return _asked(turn, petition_id, words("countries.which"), found)
    near = countries.alike(typed, turn.language)
    key = "countries.did_you_mean" if near else "countries.unknown"
    return _asked(turn, petition_id, words(key), near)


def _chosen(turn: Turn, petition_id: str, code: str) -> Outcome:
    if code not in turn.campaign.countries:
        raise NotOffered("country")
    return _noted(turn, petition_id, code)


def _noted(turn: Turn, petition_id: str, code: str) -> Outcome:
    signature = petition.changeable(turn, petition_id)
    listed = signature is not None and signature.is_listed
    effects: list[Effect] = [NameCountry(petition_id, code)]
    if code in turn.campaign.no_names_from:
        listing = "taken_off" if listed else "none"
        effects += [ListName(petition_id, "")] if listed else []
    elif listed:
        listing = "listed"
    else:
        listing = "offered" if petition.may_be_named(turn, code) else "none"
    name = turn.campaign.country(code, turn.language) if code else ""
    name_on_list = words(f"countries.name.{listing}")
    return turn.answer(
        turn.screen(
            words("countries.noted", name=name, list=name_on_list)
            if code
            else words("countries.left_out", list=name_on_list),
            (choice("list_name", f"listed:{petition_id}"),) if listing == "offered" else (),
            safety.change(turn, "petition", petition_id),
            (choice("petition", f"petition:{petition_id}"), to_menu()),
        ),
        effects=effects,
    )


def _asked(turn: Turn, petition_id: str, text: Words, codes: Iterable[str]) -> Outcome:
    return turn.answer(
        turn.screen(
            text,
            *_buttons(turn, petition_id, codes),
            (choice("leave_out_country", f"country:{petition_id}:{NONE}"),),
            (choice("petition", f"petition:{petition_id}"), to_menu()),
        ),
        question=f"country:{petition_id}",
    )


def _buttons(turn: Turn, petition_id: str, codes: Iterable[str]) -> Rows:
    buttons: list[Button] = [
        Choice(
            words("buttons.country_named", name=turn.campaign.country(code, turn.language)),
            f"country:{petition_id}:{code}",
        )
        for code in codes
    ]
    short = all(len(turn.campaign.country(code, turn.language)) < 16 for code in codes)
    return in_columns(buttons, 2 if short else 1)


ROUTES = (
    Route(
        "country",
        ask,
        question=said,
        asked_again=ask,
        answers=("be", "Belgqiue", "Saint-Vincent-et-les Grenadines"),
        depends_on=DependsOn.ANSWERS,
    ),
)
