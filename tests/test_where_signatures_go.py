"""Before signing, supporters read where signatures given here go, or that nobody has decided."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.campaign.content import Campaign
from bot.campaign.conversation import step
from bot.campaign.events import Chose
from bot.campaign.petitions import HandOver
from bot.campaign.supporter import Facts, Supporter
from tests.shipped import shipped

CAMPAIGN, WORDING = shipped()
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
OPEN = {"fr": "rien de cela n’est encore fixé", "en": "none of this is settled yet"}


def petition(language: str, **changes: object) -> str:
    """The petition's screen, plain, where that is known of the petition."""
    changed = CAMPAIGN.petitions["xinjiang"].model_copy(update=changes)
    campaign: Campaign = CAMPAIGN.model_copy(update={"petitions": {"xinjiang": changed}})
    event = Chose(id="", channel="", address="", data="petition:xinjiang")
    outcome = step(Supporter(known=True, language=language), event, Facts(), campaign, NOW)
    return WORDING.text(outcome.messages[0].text, language, "plain")


@pytest.mark.parametrize("language", CAMPAIGN.languages)
def test_what_nobody_has_decided_is_told_as_not_decided(language: str) -> None:
    assert OPEN[language] in petition(language)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fr", ("Ambassade de Chine", "printemps 2027", "Amnesty International France")),
        ("en", ("Chinese embassy", "spring 2027", "Amnesty International France")),
    ],
)
def test_what_is_decided_is_told(language: str, told: tuple[str, ...]) -> None:
    decided = HandOver(
        to=["embassy"], when="spring 2027", decided_by="Amnesty International France"
    )
    screen = petition(language, hand_over=decided)
    assert OPEN[language] not in screen
    assert all(one in screen for one in told)


@pytest.mark.parametrize(("language", "undecided"), [("fr", "pas encore"), ("en", "not")])
def test_what_is_still_open_beside_it_is_told_too(language: str, undecided: str) -> None:
    screen = petition(language, hand_over=HandOver(to=["embassy"]))
    assert screen.count(f": {undecided} ") + screen.count(f"\u00a0: {undecided} ") >= 2


@pytest.mark.parametrize(
    ("language", "told"), [("fr", "remises le 10 décembre 2026"), ("en", "on 10 December 2026")]
)
def test_after_the_hand_over_its_day_is_told(language: str, told: str) -> None:
    screen = petition(language, state="closed", delivered="2026-12-10")
    assert told in screen
    assert OPEN[language] not in screen
