"""Posts are counted as X counts them."""

from __future__ import annotations

import pytest

from bot.campaign.x_length import LIMIT, post_length, weighted_length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("This is a test.", 15),
        ("Été à Noël, c’est l’œuvre", 25),
        ("麦麦提", 6),
        ("저찀쯿쿿", 8),
        ("\U00010000", 2),
        # Typography: dashes, quotes and the ellipsis; U+2026 is outside the light ranges.
        ("– — ‘ ’ “ ”", 11),
        ("…", 2),
        ("10 € ", 6),
        # An accent that comes as two code points counts as one letter.
        ("e\u0301", 1),
    ],
)
def test_letters_count_one_or_two(text: str, length: int) -> None:
    assert weighted_length(text) == length


@pytest.mark.parametrize(
    "emoji", ["🌸", "☺️", "❤️", "👩🏽‍🚒", "👨‍👩‍👧‍👦", "🇫🇷", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "✊🏿", "🏳️‍🌈", "©️"]
)
def test_an_emoji_counts_two_whatever_it_is_made_of(emoji: str) -> None:
    assert weighted_length(emoji) == 2
    assert weighted_length(f"a{emoji}b{emoji}") == 6


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("http://test.com", 23),
        ("https://test.com", 23),
        ("test.com", 23),
        ("Test https://test.com test https://test.com test.com test", 86),
        ("https://example.org/a/very/long/path?with=a&query=of#its-own", 23),
        ("Lisez https://example.org/page.", 6 + 23 + 1),
        ("(https://example.org)", 25),
        ("« https://example.org »", 27),
        ("amnesty.fr", 23),
        # No links: an abbreviation, a number, an e-mail address.
        ("p. ex. 3.5", 10),
        ("Dr.Who etc.", 11),
    ],
)
def test_a_link_counts_23(text: str, length: int) -> None:
    assert weighted_length(text) == length


def test_a_post_counts_its_link_and_hashtags_with_it() -> None:
    assert post_length("Libérez Akber", "https://example.org/x", ("FreeAkber", "Xinjiang")) == (
        13 + 1 + 23 + 1 + 10 + 1 + 9
    )
    assert post_length("a" * LIMIT) == LIMIT
