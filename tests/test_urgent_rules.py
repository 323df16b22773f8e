"""What staff may set besides broadcasts, by itself: no value of theirs can silence the bot."""

from __future__ import annotations

import json
from datetime import date

import pytest

from bot.campaign import urgent
from bot.campaign.broadcast_rules.allowing import NotAllowed
from bot.campaign.content import CaseState
from bot.campaign.staff import Member, Role
from tests.shipped import shipped

CAMPAIGN, _ = shipped()
TODAY = date(2026, 11, 21)
EDITOR, SENDER = Member("e", Role.EDITOR), Member("s", Role.SENDER)


def set_by_two(name: str, value: str, kept: urgent.Values | None = None) -> dict[str, str]:
    """Proposed by the editor, approved by the sender."""
    values = dict(kept or {})
    values |= urgent.act(values, "propose", f"{name}={value}", EDITOR, 1, CAMPAIGN)
    proposed = urgent.proposal(values, name)
    assert proposed is not None
    confirmed = f"{name}={proposed.fingerprint}"
    return values | dict(urgent.act(values, "confirm", confirmed, SENDER, 1, CAMPAIGN))


def refused(name: str, value: str, values: urgent.Values | None = None) -> str:
    with pytest.raises(NotAllowed) as refusal:
        urgent.act(values or {}, "propose", f"{name}={value}", EDITOR, 1, CAMPAIGN)
    return refusal.value.reason


@pytest.mark.parametrize(
    "typed",
    [
        "Écrivez | 2031-12-24 | https://",
        "Écrivez | 2031-12-24 | https://exam ple.org",
        "Écrivez | 2031-12-24 | https://localhost/x",
        "Écrivez | 2031-12-24 | http://example.org:port/",
        "Écrivez | 20311224",
        "Écrivez | 2031-W52-3",
        "Écrivez | 2026-11-20",
        "Écrivez",
        " | 2031-12-24",
        "x" * 201 + " | 2031-12-24",
    ],
)
def test_a_banner_that_will_not_do_is_refused_when_it_is_typed(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        urgent.worded("", "fr", typed, TODAY)


def test_a_second_language_keeps_the_day_and_the_link() -> None:
    first = urgent.worded("", "fr", "Écrivez | 24/12/2031 | https://www.example.org/a", TODAY)
    both = urgent.wanted_banner(urgent.worded(first, "en", "Write", TODAY))
    assert both.texts == {"fr": "Écrivez", "en": "Write"}
    assert (both.until, both.url) == ("2031-12-24", "https://www.example.org/a")
    bare = urgent.wanted_banner(urgent.worded(both.value, "fr", "Vite | 25/12/2031 | -", TODAY))
    assert (bare.until, bare.url) == ("2031-12-25", "")
    assert urgent.wanted_banner(urgent.without_text(bare.value, "en")).texts == {"fr": "Vite"}
    assert urgent.without_text(urgent.without_text(bare.value, "en"), "fr") == ""


@pytest.mark.parametrize(
    "kept",
    [
        "not json",
        "[]",
        json.dumps({"texts": {"fr": "x"}, "until": "soon", "url": ""}),
        json.dumps({"texts": {"fr": "x"}, "until": "2031-12-24", "url": "https://"}),
        json.dumps({"unknown": 1}),
        json.dumps({"texts": 5, "until": "2031-12-24", "url": ""}),
        json.dumps({"texts": {"fr": 5}, "until": "2031-12-24", "url": ""}),
        json.dumps({"texts": {"fr": "x"}, "until": 2031, "url": None}),
    ],
)
def test_whatever_the_desk_keeps_supporters_are_answered(kept: str) -> None:
    values = {"banner": kept, "case.mamat": "gone fishing", "case.nobody": "died"}
    assert urgent.overlay(CAMPAIGN, values) == CAMPAIGN
    assert set(urgent.unusable(values)) == {"banner", "case.mamat"}


def test_what_is_set_counts_until_its_last_day() -> None:
    values = set_by_two("banner", urgent.worded("", "fr", "Écrivez | 24/12/2026", TODAY))
    laid_over = urgent.overlay(CAMPAIGN, values)
    banner = laid_over.banner_on(date(2026, 12, 24))
    assert banner is not None
    assert banner.id == "urgent"
    assert laid_over.banner_on(date(2026, 12, 25)) == CAMPAIGN.banner_on(date(2026, 12, 25))


def test_a_proposal_of_what_is_so_already_is_refused() -> None:
    assert refused("case.mamat", "active") == "same"
    assert refused("banner", "") == "same"
    values = set_by_two("case.mamat", "paused")
    assert urgent.overlay(CAMPAIGN, values).cases["mamat"].state is CaseState.PAUSED
    assert refused("case.mamat", "paused", values) == "same"
    assert refused("case.mamat", "on holiday") == "value"


def test_what_is_no_case_and_no_banner_is_refused() -> None:
    assert refused("mamat", "paused") == "value"
    assert refused("case.nobody", "paused") == "value"


def test_whoever_has_a_part_in_a_banner_does_not_approve_it() -> None:
    french = urgent.worded("", "fr", "Écrivez | 24/12/2031", TODAY)
    values = dict(urgent.act({}, "propose", f"banner={french}", SENDER, 1, CAMPAIGN))
    both = urgent.worded(french, "en", "Write", TODAY)
    values |= urgent.act(values, "propose", f"banner={both}", EDITOR, 1, CAMPAIGN)
    proposed = urgent.proposal(values, "banner")
    assert proposed is not None
    assert proposed.author == EDITOR.mark
    confirmed = f"banner={proposed.fingerprint}"
    with pytest.raises(NotAllowed) as refusal:
        urgent.act(values, "confirm", confirmed, SENDER, 1, CAMPAIGN)
    assert refusal.value.reason == "own"


def test_those_who_decide_are_told_of_each_proposal_once() -> None:
    values = dict(urgent.act({}, "propose", "case.mamat=paused", EDITOR, 1, CAMPAIGN))
    (about,) = urgent.untold(values)
    assert about == "case.mamat"
    values["told.case.mamat"] = urgent.untold(values)[about].fingerprint
    assert not urgent.untold(values)
    values |= urgent.act(values, "refuse", "case.mamat=", SENDER, 1, CAMPAIGN)
    values |= urgent.act(values, "propose", "case.mamat=paused", EDITOR, 1, CAMPAIGN)
    assert urgent.untold(values)
