"""Texts that run from right to left, with names, numbers and addresses that do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wording.direction import directed, is_right_to_left

SHOWN = str.maketrans({"\u2066": "⟦", "\u2069": "⟧", "\u200f": "←"})


def marked(text: str, *, tags: bool = False) -> str:
    return directed(text, tags=tags).translate(SHOWN)


def test_a_name_inside_a_sentence_is_isolated() -> None:
    assert (
        marked("وُلد Mamat Ablat (麦麦提·阿卜来提)، وهو")
        == "وُلد ⟦Mamat Ablat⟧ (⟦麦麦提·阿卜来提⟧)، وهو"
    )


def test_a_line_that_begins_with_a_name_runs_from_right_to_left_all_the_same() -> None:
    assert marked("Mamat أويغوري.") == "←⟦Mamat⟧ أويغوري."
    assert marked("<b>Mamat Ablat</b>", tags=True) == "←<b>⟦Mamat Ablat⟧</b>"


@pytest.mark.parametrize(
    "whole",
    [
        "+86 10 6238 1025",
        "76, boulevard de la Villette",
        "75940 Paris Cedex 19",
        "Amnesty International France",
        "english@mail.gov.cn",
        "https://www.amnesty.fr/agir?a=1",
        "@campaign_bot",
        "/privacy",
    ],
)
def test_what_reads_from_left_to_right_stays_in_one_piece(whole: str) -> None:
    assert marked(f"هنا: {whole}.") == f"هنا: ⟦{whole}⟧."


def test_numbers_need_no_mark_and_keep_their_order() -> None:
    assert marked("في عام 2018، ثم 16 أو 17 عاماً (2021–2022).") == (
        "في عام 2018، ثم 16 أو 17 عاماً (2021–2022)."
    )


def test_what_a_page_fills_in_stays_whole() -> None:
    assert marked("الكتابة من أجل {name}") == "الكتابة من أجل ⟦{name}⟧"


def test_an_address_alone_on_its_line_is_copied_as_it_is() -> None:
    assert marked("https://t.me/bot?start=mamat") == "https://t.me/bot?start=mamat"


def test_a_sentence_of_another_language_keeps_its_own_direction() -> None:
    text = "Un don aide à continuer ce travail. En France, 66 %."
    assert marked(text) == text


def test_tags_and_their_addresses_are_never_touched() -> None:
    text = '<a href="https://amnesty.fr/">الموقع</a>'
    assert marked(text, tags=True) == text


@given(st.text(alphabet="abع غ ،.:<>/@#12\n\u2066\u2069\u200f", max_size=60))
def test_marking_twice_is_marking_once(text: str) -> None:
    once = directed(text.replace("\u2066", "").replace("\u2069", ""), tags=False)
    assert directed(once, tags=False) == once


def test_a_language_that_nobody_knows_runs_from_left_to_right() -> None:
    assert [is_right_to_left(one) for one in ("ar", "ug", "fr", "qx")] == [True, True, False, False]
