"""Pictures of people: a photograph that may be shown, or a card with the name."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from bot.campaign.content import CaseState
from bot.campaign.identity import Picture
from bot.campaign.messages import PICTURE, Attachment
from bot.content_files.watching import InUse
from bot.documents.making import Makers
from bot.documents.name_card import SIZES, TEMPLATE, NameCard, NameCards, Shape
from bot.documents.pictures import logo, photograph
from bot.documents.typesetting import png
from tests.picture_edges import margins
from tests.shipped import shipped

PHOTO = (Path(__file__).parent.parent / "docs" / "screens" / "1-first.png").read_bytes()
LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 3"><rect width="9" height="3"/></svg>'
)
CARD = NameCard(
    case="mamat",
    language="fr",
    right_to_left=False,
    shape="wide",
    name="Mamat Ablat",
    chinese_name="麦麦提·阿卜来提",
    sentence="Sa famille est sans nouvelles de lui.",
    organisation="Amnesty International France",
    surface="#0b5f6b",
    on_surface="#ffffff",
    alt="Une carte avec un nom.",
)
LONG = {
    "a name of four long words": {
        "name": "Abdurrahman-Muhammedniyaz Abdukerim-Hoshurhaji Turghunjan Memettursun",
        "chinese_name": "阿卜杜热合曼·穆罕默德尼亚孜·阿卜杜克里木·吾守尔阿吉",
    },
    "one word without end": {"name": "A" * 120, "chinese_name": "麦" * 40},
    "a long sentence": {"sentence": "Une phrase bien plus longue que prévu. " * 10},
    "a sentence without a gap": {"sentence": "x" * 300},
    "a long organisation": {"organisation": "Organisation internationale pour les droits " * 4},
    "a long organisation and a logo": {"organisation": "Organisation " * 12, "logo": LOGO},
    "Arabic": {
        "language": "ar",
        "right_to_left": True,
        "name": "محمد عبد الرحمن " * 6,
        "sentence": "اعتُقل في أوائل عام ألفين وثمانية عشر ثم حُكم عليه دون محاكمة عادلة. " * 4,
    },
}
PPI = 36
"""A quarter of the size: enough to see a stroke, and quick to read."""


def drawn(card: NameCard) -> bytes:
    return png(TEMPLATE, {**asdict(card), "title": card.name}, PPI)


def shipped_cards() -> Iterator[NameCard]:
    campaign, wording = shipped()
    for language in campaign.languages:
        for case_id, case in campaign.cases.items():
            yield replace(
                CARD,
                language=language,
                name=case.full_name,
                chinese_name=case.chinese_name,
                sentence=wording.texts(language, case_id)["name_card"],
            )


def is_within_its_margins(card: NameCard) -> bool:
    edge = {"wide": 17, "square": 20}[card.shape]
    return margins(drawn(card), edge, edge, edge, edge) == {bytes.fromhex(card.surface[1:])}


@pytest.mark.parametrize("shape", SIZES)
def test_every_card_that_is_shipped_keeps_its_margins(shape: Shape) -> None:
    for card in shipped_cards():
        assert is_within_its_margins(replace(card, shape=shape)), (card.language, card.name)


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("which", LONG)
def test_no_sign_of_a_long_text_stands_beyond_the_margin(which: str, shape: Shape) -> None:
    assert is_within_its_margins(replace(CARD, shape=shape, **LONG[which]))  # type: ignore[arg-type]


def test_a_sign_beyond_the_margin_would_be_seen() -> None:
    """The measure itself: against margins that are wider than the card's, nothing passes."""
    assert margins(drawn(CARD), 40, 17, 17, 17) != {bytes.fromhex("0b5f6b")}


@pytest.mark.parametrize("shape", SIZES)
async def test_a_card_has_the_size_that_previews_ask_for(shape: Shape) -> None:
    made = await NameCards().made(replace(CARD, shape=shape))
    assert struct.unpack(">II", made.content[16:24]) == SIZES[shape]
    assert (made.name, made.media_type, made.alt) == ("nom-mamat.png", "image/png", CARD.alt)
    assert len(made.content) < 200_000


async def test_a_card_is_made_once_and_anew_when_its_content_changes() -> None:
    cards = NameCards()
    first, again = await cards.made(CARD), await cards.made(replace(CARD))
    other = await cards.made(replace(CARD, sentence="Une autre phrase."))
    assert first.content is again.content
    assert first.same == again.same != other.same
    assert first.content != other.content


async def test_the_photograph_of_a_case_is_shown_with_its_credit_and_description() -> None:
    campaign, wording = shipped()
    shown = Picture(
        file="pictures/mamat.png",
        credit="© Somebody",
        licence="CC BY 4.0",
        consent="His brother, January 2026",
        alt={"fr": "Mamat, debout.", "en": "Mamat, standing."},
    )
    case = campaign.cases["mamat"].model_copy(update={"pictures": [shown]})
    changed = campaign.model_copy(
        update={
            "cases": {**campaign.cases, "mamat": case},
            "files": {"pictures/mamat.png": PHOTO},
        }
    )
    with_photo, without = (
        Makers(lambda used=used: InUse(used, wording))  # type: ignore[misc]
        for used in (changed, campaign)
    )
    for attachment in (
        Attachment(PICTURE, (("case", "mamat"),)),
        Attachment(PICTURE, (("case", "mamat"), ("shape", "square"))),
        Attachment("share.poster", (("case", "mamat"), ("link", "https://t.me/bot"))),
    ):
        [card], [plain] = await with_photo(attachment, "en"), await without(attachment, "en")
        assert card.content != plain.content
        if attachment.kind == PICTURE:
            assert (card.alt, plain.alt[:19]) == ("Mamat, standing.", "A card with a name:")


async def test_nothing_is_claimed_on_the_card_of_somebody_who_is_free() -> None:
    campaign, wording = shipped()
    case = campaign.cases["mamat"].model_copy(update={"state": CaseState.RELEASED})
    freed = campaign.model_copy(update={"cases": {**campaign.cases, "mamat": case}})
    asked = Attachment(PICTURE, (("case", "mamat"),))
    [card] = await Makers(lambda: InUse(freed, wording))(asked, "fr")
    [bare] = await Makers(lambda: InUse(campaign, wording))(asked, "fr")
    assert len(card.content) < len(bare.content)


def test_a_logo_may_be_a_png_or_an_svg() -> None:
    assert logo("logo.svg", LOGO.encode()) == LOGO
    assert 'href="data:image/png;base64,' in logo("logo.png", PHOTO)
    assert 'href="data:image/jpeg;base64,' in photograph("a.jpg", PHOTO, 3, 4)
