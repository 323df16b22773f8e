"""Every scene says once how it is come to, what it needs and how it is tried."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import pytest

from bot.campaign import entrances, scenes
from bot.campaign.conversation import step
from bot.campaign.entrances import ALL_COMMANDS, BUTTONS, COMMANDS, QUESTIONS, ROUTES, needed
from bot.campaign.events import Chose, Commanded, Said
from bot.campaign.supporter import Facts, Need, Supporter
from tests.shipped import shipped
from tests.test_conversation import NOW

CAMPAIGN, _ = shipped()


def chose(data: str) -> Chose:
    return Chose(id="1", channel="c", address="a", data=data)


def commanded(name: str) -> Commanded:
    return Commanded(id="1", channel="c", address="a", name=name)


def test_every_file_of_scenes_that_has_routes_is_registered() -> None:
    files = [
        import_module(f"{scenes.__name__}.{one.name}")
        for one in pkgutil.iter_modules(scenes.__path__)
    ]
    assert {one for one in files if hasattr(one, "ROUTES")} == set(entrances.SCENES)


@pytest.mark.parametrize("name", ROUTES)
def test_a_route_leads_somewhere_and_its_question_is_tried(name: str) -> None:
    route = ROUTES[name]
    assert route.scene or route.command or route.question
    assert not route.asked_again or route.question
    if route.question and not route.staff:
        assert route.answers, "the walk through all screens has nothing to type"
    if route.scene:
        assert route.arguments, "no number of arguments fits"


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if route.staff])
def test_what_is_for_staff_does_not_exist_for_anybody_else(name: str) -> None:
    unknown = step(Supporter(known=True), commanded("nothing"), Facts(), CAMPAIGN, NOW)
    nowhere = step(Supporter(known=True), chose("nothing"), Facts(), CAMPAIGN, NOW)
    if name in BUTTONS:
        for number in BUTTONS[name].arguments:
            forged = ":".join((name, *["1"] * number))
            outcome = step(Supporter(known=True), chose(forged), Facts(), CAMPAIGN, NOW)
            assert outcome.messages == nowhere.messages
    if name in ALL_COMMANDS:
        assert name not in COMMANDS
        outcome = step(Supporter(known=True), commanded(name), Facts(), CAMPAIGN, NOW)
        assert outcome.messages == unknown.messages
    if name in QUESTIONS:
        asked = Supporter(known=True, question=f"{name}:1:fr")
        said = Said(id="1", channel="c", address="a", text="Hm")
        outcome = step(asked, said, Facts(), CAMPAIGN, NOW)
        assert not outcome.effects


@pytest.mark.parametrize(
    ("event", "needs"),
    [
        (chose("figures:xinjiang"), (Need.BY_COUNTRY,)),
        (chose("news:7:ladder:mamat"), (Need.EVIDENCE,)),
        (chose("news:7:news:8:sign:xinjiang"), (Need.GUARDED,)),
        (commanded("Pending"), (Need.HELD,)),
        (commanded("figures"), ()),
        (chose("news:7"), ()),
        (chose("menu"), ()),
        (Said(id="1", channel="c", address="a", text="figures:xinjiang"), ()),
    ],
)
def test_what_costs_something_is_found_out_for_those_who_come_to_it(
    event: Chose | Commanded | Said, needs: tuple[Need, ...]
) -> None:
    assert needed(event) == needs


def test_the_menu_of_commands_keeps_its_order_and_new_ones_come_last() -> None:
    order = (
        "help", "cases", "actions", "letter", "sign", "support", "share", "updates", "stop",
        "language", "privacy", "mydata", "forget", "cancel",
    )  # fmt: skip
    assert COMMANDS[: len(order)] == order
