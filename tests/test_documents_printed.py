"""Postcards, posters and QR codes that can be handed to a stranger."""

from __future__ import annotations

import io
import re
import zlib
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PdfReader

from bot.documents.naming import file_name
from bot.documents.postcard_pdf import Postcard, PostcardLabels, postcard_pdf
from bot.documents.poster_pdf import PosterSheet, poster_pdf
from bot.documents.qr import qr_drawing, qr_picture
from tests.documents_samples import DAY, NAMES

MM = 72 / 25.4
LINK = "https://t.me/example_bot?start=mamat_s-k3f9q2"
CARD = Postcard(
    case="mamat",
    language="fr",
    address=(
        "Amnesty International France",
        "76, boulevard de la Villette",
        "75940 Paris Cedex 19",
    ),
    recipient="Mamat Ablat",
    chinese_name=NAMES[0],
    words=(
        ("en", "Dear Mamat, France stands with you."),
        ("fr", "Cher Mamat, la France est à vos côtés."),
    ),
    town="Lyon",
)
LABELS = PostcardLabels(
    title="Carte de soutien à Mamat",
    recipient="Pour",
    forwarded="Merci de transmettre cette carte, si c’est possible.",
    stamp="Timbre",
    own_words="Quelques mots sur votre ville\u00a0:",
    town="Envoyé de",
    file="carte",
)
POSTER = PosterSheet(
    case="akber",
    language="fr",
    title="Dix-sept ans de prison pour un boulanger",
    name="Akber Hushur",
    chinese_name=NAMES[1],
    sentence="Akber a été arrêté dans sa boulangerie en 2017. Vous pouvez agir pour lui.",
    call="Scannez, agissez",
    qr_alt="Code QR qui ouvre la conversation sur Akber",
    link=LINK,
    short_link=LINK.removeprefix("https://"),
    organisation="Amnesty International France",
)


def words_of(text: str) -> str:
    return re.sub(r"\s+", "", text)


def accessible(content: bytes, title: str) -> PdfReader:
    """The file, after it was found tagged, titled, and holding its fonts."""
    reader = PdfReader(io.BytesIO(content))
    catalog: Any = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == "fr"
    assert reader.metadata is not None
    assert reader.metadata.title == title
    for page in reader.pages:
        fonts: Any = page["/Resources"]["/Font"]  # type: ignore[index]
        for font in fonts.values():
            descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert {"/FontFile2", "/FontFile3"} & set(descriptor.get_object())
    return reader


async def test_a_postcard_has_an_address_side_and_a_message_side() -> None:
    made = await postcard_pdf(CARD, LABELS, DAY)
    assert made.name == "carte-mamat.pdf"
    address, message = accessible(made.content, LABELS.title).pages
    for page in (address, message):
        size = (float(page.mediabox.width) / MM, float(page.mediabox.height) / MM)
        assert size == pytest.approx((148, 105), abs=0.1)
    front, back = words_of(address.extract_text()), words_of(message.extract_text())
    assert words_of("".join(CARD.address)) in front
    assert LABELS.stamp in front
    assert "MamatAblat" in front
    assert NAMES[0] in front
    for _, passage in CARD.words:
        assert words_of(passage) in back
    assert words_of(f"{LABELS.town} {CARD.town}") in back


async def test_without_a_town_there_is_a_line_to_write_it_on() -> None:
    made = await postcard_pdf(replace(CARD, town="🌸"), LABELS, DAY)
    back = PdfReader(io.BytesIO(made.content)).pages[1].extract_text()
    assert back.strip().endswith(LABELS.town)


async def test_a_long_message_still_takes_one_side() -> None:
    words = tuple((language, text * 9) for language, text in CARD.words)
    made = await postcard_pdf(replace(CARD, words=words), LABELS, DAY)
    assert len(PdfReader(io.BytesIO(made.content)).pages) == 2


async def test_a_poster_fits_one_page_and_leads_into_the_chat() -> None:
    for poster in (
        POSTER,
        replace(POSTER, title=POSTER.title * 3, sentence=POSTER.sentence * 4),
        replace(POSTER, chinese_name="", short_link="t.me/" + "x" * 80),
    ):
        made = await poster_pdf(poster, DAY)
        reader = accessible(made.content, poster.title)
        (page,) = reader.pages
        text = words_of(page.extract_text())
        for part in (poster.title, poster.name, poster.chinese_name, poster.sentence):
            assert words_of(part) in text
        assert words_of(poster.short_link) in text
        assert poster.qr_alt in described(reader.trailer["/Root"]["/StructTreeRoot"])
        links = [note.get_object()["/A"]["/URI"] for note in page["/Annots"]]  # type: ignore[attr-defined]
        assert set(links) == {LINK}


def described(element: Any) -> list[str]:
    """What a screen reader is told instead of pictures, under this element of the structure."""
    element = element.get_object() if hasattr(element, "get_object") else element
    if isinstance(element, list):
        return [text for one in element for text in described(one)]
    if not isinstance(element, dict):
        return []
    own = [str(element["/Alt"])] if "/Alt" in element else []
    return own + described(element.get("/K", []))


async def test_the_same_poster_and_card_give_the_same_bytes() -> None:
    assert await poster_pdf(POSTER, DAY) == await poster_pdf(POSTER, DAY)
    assert await postcard_pdf(CARD, LABELS, DAY) == await postcard_pdf(CARD, LABELS, DAY)
    assert qr_picture(LINK) == qr_picture(LINK)


def pixels(png: bytes, width: int) -> list[str]:
    """The rows of a black and white PNG: "1" is white, "0" is black."""
    start = png.index(b"IDAT")
    length = int.from_bytes(png[start - 4 : start])
    data = zlib.decompress(png[start + 4 : start + 4 + length])
    stride = 1 + (width + 7) // 8
    rows: list[str] = []
    for at in range(0, len(data), stride):
        how, packed = data[at], data[at + 1 : at + stride]
        # Filter 2 says how a row differs from the one above: here it never does.
        assert how == 0 or (how == 2 and not any(packed))
        rows.append("".join(f"{byte:08b}" for byte in packed)[:width] if how == 0 else rows[-1])
    return rows


def test_a_qr_code_is_large_and_has_its_quiet_zone() -> None:
    made = qr_picture(LINK, file="QR", case="mamat")
    assert made.name == "qr-mamat.png"
    width, height = (int.from_bytes(made.content[at : at + 4]) for at in (16, 20))
    assert width == height
    assert 700 <= width <= 900
    rows = pixels(made.content, width)
    quiet = next(number for number, row in enumerate(rows) if "0" in row)
    # The corner mark is seven modules wide, and four modules of white lie around everything.
    corner = len(rows[quiet].lstrip("1").split("1")[0])
    assert corner / quiet == 7 / 4
    assert all(row[:quiet] == row[-quiet:] == "1" * quiet for row in rows)
    assert all("0" not in row for row in rows[-quiet:])
    assert qr_drawing(LINK).startswith("<svg")


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("Lettre", "mamat"), "lettre-mamat.pdf"),
        (("Épreuve été", "akber"), "epreuve-ete-akber.pdf"),
        (("../../etc/passwd", ""), "etc-passwd.pdf"),
        (("麦麦提", ""), "document.pdf"),
    ],
)
def test_file_names_are_plain_ascii(parts: tuple[str, ...], name: str) -> None:
    assert file_name(*parts, ending="pdf") == name
