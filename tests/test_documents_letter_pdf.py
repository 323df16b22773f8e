"""The PDF is the letter, ready for a window envelope."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pypdf import PageObject, PdfReader

from bot.campaign.letters import Letter
from bot.documents.letter_pdf import letter_pdf, letter_preview
from bot.documents.typesetting import CannotTypesetError, missing_glyphs, printable
from tests.documents_samples import DAY, EMBASSY, LABELS, LETTER, LONG, NAMES, PRESIDENT

MM = 72 / 25.4


async def pages_of(letter: Letter, **options: Any) -> list[PageObject]:
    return list(
        PdfReader(io.BytesIO((await letter_pdf(letter, LABELS, DAY, **options)).content)).pages
    )


def words_of(text: str) -> str:
    """The text without spaces and line ends, which a page sets as it likes."""
    return re.sub(r"\s+", "", text)


def runs(page: PageObject) -> Iterator[tuple[float, float, str]]:
    """Every run of text: mm from the left edge, mm of its base line from the top edge."""
    found: list[tuple[float, float, str]] = []

    def note(text: str, outer: Any, inner: Any, *_: Any) -> None:
        if text.strip():
            x = inner[4] * outer[0] + outer[4]
            y = inner[5] * outer[3] + outer[5]
            found.append((x / MM, (float(page.mediabox.height) - y) / MM, text.strip()))

    page.extract_text(visitor_text=note)
    yield from found


def fonts(page: PageObject) -> Iterator[tuple[str, bool]]:
    """The name of each font on the page, and whether the file holds it."""
    for reference in page["/Resources"]["/Font"].values():  # type: ignore[index]
        for descendant in reference.get_object()["/DescendantFonts"]:
            descriptor = descendant.get_object()["/FontDescriptor"].get_object()
            embedded = {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor)
            yield descriptor["/FontName"], bool(embedded)


async def test_the_page_says_what_the_letter_says() -> None:
    (page, _) = await pages_of(LETTER)
    text = words_of(page.extract_text())
    for part in (
        LABELS.dated,
        f"{LABELS.subject} {LETTER.subject}",
        LETTER.salutation,
        *LETTER.paragraphs,
        LETTER.closing,
        *PRESIDENT.name.split("\n"),
        *PRESIDENT.post,
        LETTER.first_name,
        f"{LABELS.copy_to} {EMBASSY.name}",
    ):
        assert words_of(part) in text
    body = words_of("".join((LETTER.salutation, *LETTER.paragraphs, LETTER.closing)))
    assert body in text


async def test_the_president_comes_first_and_the_embassy_gets_a_marked_copy() -> None:
    letter, copy = await pages_of(LETTER)
    assert LABELS.copy_mark not in letter.extract_text()
    assert LABELS.copy_mark in copy.extract_text()
    said = words_of(copy.extract_text())
    assert words_of(f"{LABELS.sent_to} {PRESIDENT.name}") in said
    assert words_of("".join(EMBASSY.post)) in said
    assert words_of("".join(LETTER.paragraphs)) in said


async def test_each_addressee_has_a_sheet_in_print_order() -> None:
    pages = await pages_of(replace(LETTER, to=(PRESIDENT, EMBASSY), copy_to=(PRESIDENT,)))
    assert len(pages) == 3
    marks = [LABELS.copy_mark in page.extract_text() for page in pages]
    assert marks == [False, False, True]


@pytest.mark.parametrize("sender", [(), ("Zoé Martin", "12 rue des Lilas", "69003 Lyon")])
async def test_the_window_shows_the_address_and_nothing_else(sender: tuple[str, ...]) -> None:
    for page, addressee in zip(
        await pages_of(LETTER, sender=sender, fax=True), (PRESIDENT, EMBASSY), strict=True
    ):
        address = {words_of(line) for line in (*addressee.name.split("\n"), *addressee.post)}
        shown = set()
        for x, y, text in runs(page):
            # However the sheet slides in the envelope, this much may show ...
            if 90 <= x <= 200 and 44 <= y <= 90:
                shown.add(words_of(text))
                # ... and this much shows for certain.
                assert 100 <= x <= 190
                assert 55 <= y <= 79
        assert shown == address


async def test_a_long_address_is_set_smaller_and_stays_in_the_window() -> None:
    long = replace(PRESIDENT, post=(*PRESIDENT.post, "Line 7", "Line 8"))
    (page,) = await pages_of(replace(LETTER, to=(long,), copy_to=()))
    assert all(55 <= y <= 80 for x, y, _ in runs(page) if x >= 90 and 44 <= y <= 90)


async def test_there_is_room_to_sign() -> None:
    (page, _) = await pages_of(LETTER)
    places = list(runs(page))
    closing = max(y for _, y, text in places if "considération" in text)
    name = next(y for _, y, text in places if text == "Zoé")
    assert name - closing >= 18


async def test_the_sender_and_the_fax_number_stand_only_where_asked_for() -> None:
    plain = words_of("".join(page.extract_text() for page in await pages_of(LETTER)))
    assert "12ruedesLilas" not in plain
    assert words_of(PRESIDENT.fax) not in plain
    letter, copy = await pages_of(LETTER, sender=("Zoé Martin", "12 rue des Lilas"), fax=True)
    assert words_of(f"{LABELS.fax} {PRESIDENT.fax}") in words_of(letter.extract_text())
    assert words_of(f"{LABELS.fax} {EMBASSY.fax}") in words_of(copy.extract_text())
    assert "12ruedesLilas" in words_of(copy.extract_text())


async def test_a_letter_of_several_pages_counts_them_for_each_addressee() -> None:
    pages = await pages_of(LONG)
    assert len(pages) == 4
    assert [page.extract_text().split()[-1] for page in pages] == ["1/2", "2/2", "1/2", "2/2"]
    # The closing never stands alone: some of the letter is above it.
    assert "Dans l’attente" in pages[1].extract_text()


async def test_the_file_is_accessible_and_holds_its_fonts() -> None:
    made = await letter_pdf(LETTER, LABELS, DAY)
    reader = PdfReader(io.BytesIO(made.content))
    catalog: Any = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/StructTreeRoot"]
    assert catalog["/Lang"] == "fr"
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == LETTER.subject
    assert reader.metadata.author is None
    assert b"pdfuaid" in made.content
    for page in reader.pages:
        held = dict(fonts(page))
        assert all(held.values())
        assert any("LibertinusSerif" in name for name in held)
        assert any("NotoSansSC" in name for name in held)


async def test_the_same_letter_and_day_give_the_same_bytes_in_every_thread() -> None:
    made = await asyncio.gather(*(letter_pdf(LETTER, LABELS, DAY) for _ in range(8)))
    assert len({one.content for one in made}) == 1
    assert (await letter_pdf(LETTER, LABELS, date(2026, 3, 6))).content != made[0].content


async def test_the_file_name_tells_of_the_case_only() -> None:
    made = await letter_pdf(LETTER, replace(LABELS, file="Lettre été"), DAY)
    assert (made.name, made.media_type) == ("lettre-ete-mamat.pdf", "application/pdf")


async def test_names_are_printed_in_their_scripts() -> None:
    for name in (*NAMES, "مەمەت", "שלום", "Łukasz Ştefan Ðức", "Ελένη", "Людмила"):
        (page, _) = await pages_of(replace(LETTER, first_name=name, town=""))
        assert set(words_of(name)) <= set(page.extract_text())
        assert not missing_glyphs(name)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Zoé 🌸", "Zoé"),
        ("🌸👩🏽‍🚒", ""),
        ("Zoé\r\nBcc: x", "Zoé Bcc: x"),
        ("麦麦提", "麦麦提"),
        ("#set text(9pt) $x$ *b*", "#set text(9pt) $x$ *b*"),
        ("\ud83c Zoé\x00", "Zoé"),
        ("", ""),
    ],
)
async def test_what_no_font_has_is_left_out_of_a_name(typed: str, shown: str) -> None:
    assert printable(typed) == shown
    (page, _) = await pages_of(replace(LETTER, first_name=typed, town=""))
    assert words_of(LETTER.closing + shown + LABELS.copy_to) in words_of(page.extract_text())


async def test_a_name_of_ten_thousand_characters_still_makes_a_letter() -> None:
    (first, *_) = await pages_of(replace(LETTER, first_name="é" * 10_000))
    assert words_of(LETTER.paragraphs[0]) in words_of(first.extract_text())


async def test_content_without_a_glyph_is_refused_without_telling_the_text() -> None:
    with pytest.raises(CannotTypesetError) as refused:
        await letter_pdf(replace(LETTER, salutation="Monsieur 🌸,"), LABELS, DAY)
    assert "check" in str(refused.value)
    assert "Monsieur" not in str(refused.value)


def test_check_learns_every_character_that_no_font_has() -> None:
    assert missing_glyphs("Été – « ça » … 麦麦提·阿卜来提 艾克白尔·吾舒尔 مەمەت\n") == set()
    assert missing_glyphs("Bonjour 🌸, et\n👩 ici 🌸") == {"🌸", "👩"}
    # Every character that is passed without asking the fonts can be shown.
    plain = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2010, 0x2027)]))
    assert not missing_glyphs("麦" + plain + "\u202f")


async def test_the_preview_is_the_first_page() -> None:
    made = await letter_preview(LONG, LABELS)
    assert made.name == "lettre-mamat.png"
    assert made.content.startswith(b"\x89PNG")
    width, height = (int.from_bytes(made.content[at : at + 4]) for at in (16, 20))
    assert height / width == pytest.approx(297 / 210, abs=0.01)
    assert width > 800


@pytest.mark.slow
async def test_letters_are_made_off_the_event_loop() -> None:
    turns = 0
    for number in range(20):
        making = asyncio.create_task(
            letter_pdf(replace(LETTER, first_name=f"Zoé {number}"), LABELS, DAY)
        )
        while not making.done():
            turns += 1
            await asyncio.sleep(0)
        assert making.result().content
    assert turns > 100, "a letter that is made on the loop leaves it two or three turns"
