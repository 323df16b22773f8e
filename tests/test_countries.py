"""A country is found by a few letters, and small groups are never told alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.campaign.bare_words import bare
from bot.campaign.countries import SMALLEST_GROUP, Countries, shown
from bot.campaign.messages import words
from bot.channels.registered import ALL
from tests.house import CAMPAIGN, WORDING

COUNTRIES = CAMPAIGN.countries


@pytest.mark.parametrize(
    ("typed", "language", "first"),
    [
        ("bel", "fr", "BE"),
        ("BELGIQUE", "fr", "BE"),
        ("etats unis", "fr", "US"),
        ("États-Unis", "en", "US"),
        ("usa", "fr", "US"),
        ("côte d'i", "fr", "CI"),
        ("cote d ivoire", "en", "CI"),
        ("united k", "en", "GB"),
        ("Écosse", "fr", "GB"),
        ("germany", "fr", "DE"),
        ("turq", "fr", "TR"),
        ("türkiye", "fr", "TR"),
        ("hol", "fr", "NL"),
    ],
)
def test_a_few_letters_find_a_country(typed: str, language: str, first: str) -> None:
    assert first in COUNTRIES.search(typed, language)[:2]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("Belgqiue", "BE"), ("Allemange", "DE"), ("Ouzbekistna", "UZ"), ("Kazakstan", "KZ")],
)
def test_a_slip_is_asked_about(typed: str, meant: str) -> None:
    assert COUNTRIES.search(typed, "fr") == ()
    assert COUNTRIES.alike(typed, "fr")[0] == meant


@pytest.mark.parametrize("typed", ["", "   ", "!?", "🇫🇷", "x" * 100, "\u202e"])
def test_what_is_no_country_is_none(typed: str) -> None:
    assert COUNTRIES.search(typed, "fr") == ()
    assert COUNTRIES.alike(typed, "fr") == ()
    assert COUNTRIES.exactly(typed, "fr") == ""


@given(st.text(max_size=100))
def test_anything_may_be_typed(typed: str) -> None:
    for code in (*COUNTRIES.search(typed, "fr"), *COUNTRIES.alike(typed, "fr")):
        assert code in COUNTRIES


def test_a_name_that_two_countries_have_is_not_taken_for_one() -> None:
    twins = Countries({"en": {"AA": "Twin", "BB": "Twin"}})
    assert twins.exactly("twin", "en") == ""
    assert twins.search("twin", "en") == ("AA", "BB")


def test_every_name_fits_on_a_button_of_every_channel() -> None:
    for language, names in CAMPAIGN.territories.items():
        assert len(names) > 240
        for name in names.values():
            label = words("buttons.country_named", name=name)
            short = WORDING.short(label, language)
            for able in ALL:
                said = name if len(name) <= able.label else short
                assert 0 < len(said) <= able.label


def test_accents_case_and_signs_do_not_matter() -> None:
    assert bare("  Côte-d’Ivoire ") == bare("COTE D IVOIRE")


@given(
    st.dictionaries(
        st.sampled_from(["", "FR", "BE", "CH", "CA", "DE", "ES"]), st.integers(1, 40), max_size=7
    )
)
def test_nobody_can_work_out_a_small_group_from_the_total(counts: dict[str, int]) -> None:
    named, others = shown(counts)
    total = sum(counts.values())
    assert sum(number for _, number in named) + others == total
    assert all(number >= SMALLEST_GROUP for _, number in named)
    # What is not shown is none at all, a group of some size, or everything there is.
    assert others == 0 or others >= SMALLEST_GROUP or not named
