"""Rare letters cost whoever types them nothing of other people's time."""

from __future__ import annotations

import pytest
from fontTools.ttLib import TTFont

from bot.documents import glyphs, typesetting
from bot.documents.fonts import font_files
from bot.documents.typesetting import missing_glyphs, printable

RARE = "".join(map(chr, range(0x12000, 0x12040)))  # cuneiform, which no font of ours has


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What typst is asked to try."""
    tried: list[str] = []
    can_show = typesetting._can_show

    def trying(text: str) -> bool:
        tried.append(text)
        return can_show(text)

    monkeypatch.setattr(typesetting, "_can_show", trying)
    return tried


def test_rare_letters_are_looked_up_and_nothing_is_set_for_them(asked: list[str]) -> None:
    assert printable(f"Zoé {RARE} 麦麦提") == "Zoé 麦麦提"
    assert missing_glyphs(RARE) == set(RARE)
    assert asked == []


def test_accents_that_have_to_be_put_together_are_tried_once(asked: list[str]) -> None:
    odd = "".join(f"{chr(0x5D0 + number)}\u0353\u20dd" for number in range(20))
    assert printable(f"Zoé {odd}") in ("Zoé", f"Zoé {odd}")
    assert printable("e\u0301") == "é"
    assert len(asked) == 1


def test_the_table_of_letters_is_what_the_fonts_have() -> None:
    """Where it is not, its right form is in the message: it takes the place of the old one."""
    have: set[int] = set()
    for file in font_files():
        with TTFont(file, lazy=True) as font:
            have.update(font.getBestCmap())
    spans: list[list[int]] = []
    for one in sorted(have):
        if spans and spans[-1][1] == one - 1:
            spans[-1][1] = one
        else:
            spans.append([one, one])
    table = " ".join(f"{a:x}-{b:x}" if a != b else f"{a:x}" for a, b in spans)
    assert " ".join(glyphs._OF_OUR_FILES.split()) == table


def test_typst_sets_every_character_that_is_looked_up_as_there() -> None:
    listed = glyphs._BUILT_IN.split()
    spans = [(part.partition("-")[0], part.rpartition("-")[2]) for part in listed]
    every = [chr(one) for a, b in spans for one in range(int(a, 16), int(b, 16) + 1)]
    carried = " ".join(f"e{one}" if "\u0300" <= one <= "\u036f" else one for one in every)
    assert typesetting._can_show(carried)
    sample = sorted(glyphs.characters() - set(map(ord, every)))[::37]
    letters = [chr(one) for one in sample if chr(one).isalpha()]
    assert len(letters) > 500
    assert typesetting._can_show(" ".join(letters))
