"""What messages carry is made from the content of the moment, and checked before start."""

from __future__ import annotations

import io
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from pypdf import PdfReader

from bot.campaign.content import PostAction
from bot.campaign.messages import Attachment, Link
from bot.campaign.screens import every_screen
from bot.campaign.x_length import LIMIT, post_length
from bot.channels.registered import ALL
from bot.content_files import load
from bot.documents.checking import check
from bot.documents.making import Makers, NotInContent
from tests import shipped
from tests.shipped import ROOT

CONTENT = shipped.content()
MAKE = Makers(lambda: CONTENT.now, lambda: datetime(2026, 2, 28, 23, 30, tzinfo=UTC))


def paper(content: bytes) -> list[str]:
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]


def ordered(kind: str, **values: str | int | bool) -> Attachment:
    return Attachment(kind, tuple(values.items()))


async def test_a_letter_is_dated_in_its_own_language_where_the_campaign_lives() -> None:
    letter = {"case": "mamat", "action": "letter", "seed": 5, "variant": 1}
    for language, dated, label in (
        ("fr", "Nantes, le 1er mars 2026", "Copie à"),
        ("en", "Nantes, 1 March 2026", "Copy to"),
    ):
        order = ordered("letter.pdf", letter_language=language, town="Nantes", **letter)
        preview, pages = await MAKE(order, "fr")
        assert (preview.media_type, pages.media_type) == ("image/png", "application/pdf")
        first, copy = paper(pages.content)
        assert "".join(dated.split()) in first
        assert "".join(label.split()) in first
        assert first.count("Nantes") == 3, "sender, date and signature"
        assert "chinaemb" not in first + copy


async def test_without_a_name_a_letter_has_no_sender_and_the_date_no_place() -> None:
    order = ordered("letter.pdf", case="akber", action="letter", letter_language="fr", fax=True)
    (_, pages) = await MAKE(order, "en")
    (first,) = paper(pages.content)
    assert first.startswith("Parfax:0147202422Ambassade")
    assert "Le1ermars2026" in first


async def test_a_card_offers_english_first_and_then_the_language_that_was_chosen() -> None:
    for chosen in ("fr", "en"):
        order = ordered(
            "card.pdf", case="mamat", action="support", card_language=chosen, town="Lyon", version=7
        )
        (made,) = await MAKE(order, "fr")
        address, message = paper(made.content)
        assert "75940ParisCedex19" in address
        assert "MamatAblat" in address
        assert 0 <= message.index("DearMamat") < message.index("CherMamat")
        assert message.count("Lyon") == 3


@pytest.mark.parametrize(
    "order",
    [
        ordered("letter.pdf", case="nobody", action="letter", letter_language="fr"),
        ordered("letter.eml", case="mamat", action="support", letter_language="fr"),
        ordered("letter.eml", case="mamat", action="letter", letter_language="xx"),
        ordered("card.pdf", case="mamat", action="letter"),
        ordered("something.else", case="mamat"),
    ],
)
async def test_what_the_content_does_not_hold_is_refused(order: Attachment) -> None:
    with pytest.raises(NotInContent):
        await MAKE(order, "fr")


@pytest.mark.slow
def test_a_character_that_no_font_has_is_found_before_start(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "content", tmp_path / "content")
    letters = tmp_path / "content/messages/fr/mamat.yaml"
    text = letters.read_text(encoding="utf-8")
    letters.write_text(text.replace("J’ai appris", "𓀀 J’ai appris", 1), encoding="utf-8")
    cases = tmp_path / "content/cases.yaml"
    text = cases.read_text(encoding="utf-8")
    cases.write_text(text.replace("艾克白尔", "𗀀艾克白尔", 1), encoding="utf-8")

    loaded = load(tmp_path / "content", ALL, more_checks=(check,))
    found = [str(problem) for problem in loaded.errors]
    assert len(found) == 2, found
    assert re.search(r"cases\.yaml:\d+:\d+: .*akber.*U\+17000", found[0])
    assert re.search(r"fr/mamat\.yaml:\d+:\d+: mamat\.letter\.dismay\.0: .*U\+13000", found[1])


@pytest.mark.slow
def test_a_label_that_no_language_has_is_named(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "content", tmp_path / "content")
    for language in ("fr", "en"):
        labels = tmp_path / f"content/messages/{language}/documents.yaml"
        kept = [line for line in labels.read_text().split("\n") if not line.startswith("  stamp:")]
        labels.write_text("\n".join(kept))
    loaded = load(tmp_path / "content", ALL, more_checks=(check,))
    assert ["documents.card.stamp" in str(problem) for problem in loaded.errors] == [True]


def test_every_post_opens_on_x_as_it_was_written_and_fits() -> None:
    campaign, wording = CONTENT.now
    seen = 0
    for _, message in every_screen(campaign):
        for button in (button for row in message.buttons for button in row):
            if not (isinstance(button, Link) and "intent/post" in button.url):
                continue
            for language in campaign.languages:
                rendered = wording.render(message, language, "plain")
                url = next(b.url for row in rendered.buttons for b in row if "intent" in b.url)
                assert "+" not in url
                post = parse_qs(urlsplit(url).query, strict_parsing=True)
                assert post["text"] == [rendered.block]
                tags = tuple(post["hashtags"][0].split(","))
                assert post_length(rendered.block, post["url"][0], tags) <= LIMIT
                seen += 1
    posts = [a for case in campaign.cases.values() for a in case.actions if a.kind == "post"]
    assert all(isinstance(post, PostAction) for post in posts)
    assert seen >= 2 * len(posts) > 0
