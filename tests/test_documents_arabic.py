"""Letters, cards and posters in a language that runs from right to left."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from pypdf import PageObject, PdfReader

from bot.campaign.messages import Attachment
from bot.content_files.watching import InUse
from bot.documents.making import Makers
from tests.shipped import shipped

CAMPAIGN, WORDING = shipped()
NOW = InUse(CAMPAIGN.trying("ar"), WORDING)
MAKE = Makers(lambda: NOW, lambda: datetime(2026, 2, 28, 23, 30, tzinfo=UTC))


async def made(kind: str, **values: str | int | bool) -> list[PageObject]:
    *_, paper = await MAKE(Attachment(kind, tuple(values.items())), "ar")
    return list(PdfReader(io.BytesIO(paper.content)).pages)


def placed(page: PageObject, *wanted: str) -> list[float]:
    """How far from the left each of these stands, where it is found first."""
    found: dict[str, float] = {}

    def look(text: str, whole: list[float], line: list[float], *_more: object) -> None:
        for one in wanted:
            if one in text:
                found.setdefault(one, whole[4] + line[4])

    page.extract_text(visitor_text=look)
    return [found[one] for one in wanted]


async def test_a_letter_in_arabic_is_sorted_by_an_address_in_latin_letters() -> None:
    first, copy = await made(
        "letter.pdf",
        case="mamat",
        action="letter",
        letter_language="ar",
        town="Nantes",
        seed=5,
        variant=1,
    )
    text = first.extract_text()
    assert "Monsieur Xi Jinping\nPrésident de la République populaire de Chine\n" in text
    assert "Beijing Shi 100017\nChina" in text
    assert "20 rue Monsieur\n75007 Paris" in copy.extract_text()


async def test_a_letter_in_arabic_begins_at_the_right_edge() -> None:
    first, _ = await made(
        "letter.pdf", case="mamat", action="letter", letter_language="ar", seed=5, variant=1
    )
    [name] = placed(first, "Mamat")
    assert name > float(first.mediabox.width) / 3


async def test_the_address_on_an_arabic_card_keeps_its_order() -> None:
    front, _ = await made(
        "card.pdf", case="mamat", action="support", card_language="ar", town="ليون", version=2
    )
    text = front.extract_text()
    assert "76, boulevard de la Villette" in text
    assert "75940 Paris Cedex 19" in text


async def test_the_chinese_name_on_an_arabic_poster_reads_from_left_to_right() -> None:
    [sheet] = await made("share.poster", case="mamat", link="https://t.me/bot?start=mamat")
    first, second = placed(sheet, "麦麦提", "阿卜来提")
    assert first < second
