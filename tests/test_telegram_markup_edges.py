"""Marks at the very ends of a text, and around characters of two units."""

from __future__ import annotations

import pytest

from bot.campaign.markup import read
from bot.channels.telegram.markup import to_markup
from bot.wording.speaking import spoken


@pytest.mark.parametrize(
    ("text", "offset", "length", "html"),
    [
        ("Bonjour", 0, 7, "<b>Bonjour</b>"),
        ("été 😀", 4, 2, "été <b>😀</b>"),
        ("😀", 0, 2, "<b>😀</b>"),
        ("😀!", 2, 1, "😀<b>!</b>"),
        ("😀", 0, 1, "😀"),
        ("😀", 1, 1, "😀"),
        ("😀😀", 0, 3, "😀😀"),
        ("Bonjour", 0, 8, "Bonjour"),
        ("Bonjour", -1, 2, "Bonjour"),
    ],
)
def test_a_mark_is_kept_where_it_holds_whole_characters(
    text: str, offset: int, length: int, html: str
) -> None:
    markup = to_markup(text, [{"type": "bold", "offset": offset, "length": length}])
    assert spoken(read(markup), "html") == html
