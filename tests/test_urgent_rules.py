"""What staff may set besides broadcasts, by itself: no value of theirs can silence the bot."""

from __future__ import annotations

import json
from datetime import date

import pytest

from bot.campaign import urgent
from bot.campaign.broadcast_rules.allowing import NotAllowed
from bot.campaign.content import CaseState
from bot.campaign.desk_commands.command import StaffCommand
from bot.campaign.desk_commands.settings import (
    ConfirmProposal,
    ProposeBanner,
    ProposeState,
    RefuseProposal,
)
from bot.campaign.staff import Member, Role
from bot.campaign.urgent_banner import NO_BANNER, wanted_banner, without_text, worded
from tests.shipped import shipped

CAMPAIGN, _ = shipped()
TODAY = date(2026, 11, 21)
EDITOR, SENDER = Member("e", Role.EDITOR), Member("s", Role.SENDER)


PAUSED = ProposeState("mamat", "paused")


def set_by_two(about: str, wanted: StaffCommand) -> dict[str, str]:
    """Proposed by the editor, approved by the sender."""
    values: dict[str, str] = {}
    values |= urgent.act(values, wanted, EDITOR, 1, CAMPAIGN)
    proposed = urgent.proposal(values, about)
    assert proposed is not None
    confirm = ConfirmProposal(about, proposed.fingerprint)
    return values | dict(urgent.act(values, confirm, SENDER, 1, CAMPAIGN))


def refused(wanted: StaffCommand, values: urgent.Values | None = None) -> str:
    with pytest.raises(NotAllowed) as refusal:
        urgent.act(values or {}, wanted, EDITOR, 1, CAMPAIGN)
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
        worded(NO_BANNER, "fr", typed, TODAY)


def test_a_second_language_keeps_the_day_and_the_link() -> None:
    first = worded(NO_BANNER, "fr", "Écrivez | 24/12/2031 | https://www.example.org/a", TODAY)
    both = wanted_banner(worded(first, "en", "Write", TODAY).value)
    assert both.texts == {"fr": "Écrivez", "en": "Write"}
    assert (both.until, both.url) == ("2031-12-24", "https://www.example.org/a")
    bare = worded(both, "fr", "Vite | 25/12/2031 | -", TODAY)
    assert (bare.until, bare.url) == ("2031-12-25", "")
    assert without_text(bare, "en").texts == {"fr": "Vite"}
    assert without_text(without_text(bare, "en"), "fr").value == ""


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
    values = set_by_two(
        "banner", ProposeBanner(worded(NO_BANNER, "fr", "Écrivez | 24/12/2026", TODAY))
    )
    laid_over = urgent.overlay(CAMPAIGN, values)
    banner = laid_over.banner_on(date(2026, 12, 24))
    assert banner is not None
    assert banner.id == "urgent"
    assert laid_over.banner_on(date(2026, 12, 25)) == CAMPAIGN.banner_on(date(2026, 12, 25))


def test_a_proposal_of_what_is_so_already_is_refused() -> None:
    assert refused(ProposeState("mamat", "active")) == "same"
    assert refused(ProposeBanner(NO_BANNER)) == "same"
    values = set_by_two("case.mamat", PAUSED)
    assert urgent.overlay(CAMPAIGN, values).cases["mamat"].state is CaseState.PAUSED
    assert refused(PAUSED, values) == "same"
    assert refused(ProposeState("mamat", "on holiday")) == "value"


def test_what_is_no_case_and_no_banner_is_refused() -> None:
    assert refused(ProposeState("nobody", "paused")) == "value"
    for about in ("mamat", "case.nobody"):
        assert refused(ConfirmProposal(about, "0" * 16)) == "value"
        assert refused(RefuseProposal(about)) == "value"


def test_whoever_has_a_part_in_a_banner_does_not_approve_it() -> None:
    french = worded(NO_BANNER, "fr", "Écrivez | 24/12/2031", TODAY)
    values = dict(urgent.act({}, ProposeBanner(french), SENDER, 1, CAMPAIGN))
    both = worded(french, "en", "Write", TODAY)
    values |= urgent.act(values, ProposeBanner(both), EDITOR, 1, CAMPAIGN)
    proposed = urgent.proposal(values, "banner")
    assert proposed is not None
    assert proposed.author == EDITOR.mark
    confirm = ConfirmProposal("banner", proposed.fingerprint)
    with pytest.raises(NotAllowed) as refusal:
        urgent.act(values, confirm, SENDER, 1, CAMPAIGN)
    assert refusal.value.reason == "own"


def test_those_who_decide_are_told_of_each_proposal_once() -> None:
    values = dict(urgent.act({}, PAUSED, EDITOR, 1, CAMPAIGN))
    (about,) = urgent.untold(values)
    assert about == "case.mamat"
    values["told.case.mamat"] = urgent.untold(values)[about].fingerprint
    assert not urgent.untold(values)
    values |= urgent.act(values, RefuseProposal("case.mamat"), SENDER, 1, CAMPAIGN)
    values |= urgent.act(values, PAUSED, EDITOR, 1, CAMPAIGN)
    assert urgent.untold(values)
