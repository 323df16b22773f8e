"""Letters drafted, e-mail files and PDFs per second, and memory after a thousand PDFs.

    pip install -e ".[benchmark]"
    python -m benchmarks.documents [--letters 1000]

Each maker runs in a fresh process and makes the same letter: one sheet for the president, one copy
for the embassy, another first name each time. Peers are reportlab and fpdf2, set up as their
manuals say: once with the standard fonts (not embedded, no Chinese, no tags: less than is asked
for) and once with the same Noto font embedded, which the men's names need.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import multiprocessing
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files
from pathlib import Path

import psutil

from bot.campaign.letters import Letter
from tests.documents_samples import LABELS, LETTER

DAY = date(2026, 3, 5)
CONTENT = Path("content")
NOTO = "fonts/ofl/notosanssc/NotoSansSC[wght].ttf"
MARGIN, TOP, SIZE, LEADING = 71, 270, 11, 15  # points, as in our letter


@dataclass(frozen=True, slots=True)
class Figure:
    """What one maker took: in all, for the middle one of single letters, and of memory."""

    per_second: float
    median_ms: float
    megabytes_start: float
    megabytes: float
    bytes_each: int


def sheets(letter: Letter) -> list[list[str]]:
    """The paragraphs of each sheet, for the peers."""
    return [
        [
            *addressee.name.split("\n"),
            *addressee.post,
            LABELS.dated,
            f"{LABELS.subject} {letter.subject}",
            letter.salutation,
            *letter.paragraphs,
            letter.closing,
            letter.signed,
        ]
        for addressee in (*letter.to, *letter.copy_to)
    ]


def numbered(number: int) -> Letter:
    """A letter like no other."""
    return replace(LETTER, first_name=f"Zoé {number}")


def noto() -> str:
    """The file of the Chinese font."""
    return str(files("justmytype_intl_cjk").joinpath(NOTO))


def measured(make: Callable[[int], int], count: int) -> Figure:
    """Call it that often; the first call warms up and is not counted."""
    size = make(0)
    process = psutil.Process()
    before = process.memory_info().rss / 1e6
    took = []
    start = time.perf_counter()
    for number in range(1, count + 1):
        began = time.perf_counter()
        make(number)
        took.append(time.perf_counter() - began)
    whole = time.perf_counter() - start
    return Figure(
        count / whole,
        sorted(took)[count // 2] * 1000,
        before,
        process.memory_info().rss / 1e6,
        size,
    )


def drafts(count: int) -> Figure:
    """Draft and write a letter from the content, another version each time."""
    from bot.campaign.content import LetterAction
    from bot.campaign.letters import draft
    from bot.channels.registered import ALL
    from bot.content_files.loading import load_valid

    campaign, wording = load_valid(CONTENT, ALL)
    action = campaign.cases["mamat"].action("letter")
    assert isinstance(action, LetterAction)

    def make(number: int) -> int:
        one = draft(campaign, "mamat", action, "fr", seed=number, first_name="Zoé", town="Lyon")
        return len(wording.write(one, campaign).body)

    return measured(make, count)


def eml_files(count: int) -> Figure:
    """The same letter as an e-mail file."""
    from bot.documents.eml import eml

    return measured(lambda number: len(eml(numbered(number)).content), count)


def ours(count: int) -> Figure:
    """Our PDF: tagged PDF/UA-1, fonts embedded, Chinese names. One at a time."""
    from bot.documents.letter_pdf import letter_pdf

    with asyncio.Runner() as runner:
        return measured(
            lambda number: len(runner.run(letter_pdf(numbered(number), LABELS, DAY)).content), count
        )


def ours_together(count: int) -> Figure:
    """The same, twenty supporters at once (what a busy bot sees)."""
    from bot.documents.letter_pdf import letter_pdf

    async def twenty(number: int) -> int:
        made = await asyncio.gather(
            *(letter_pdf(numbered(number * 20 + at), LABELS, DAY) for at in range(20))
        )
        return len(made[0].content)

    with asyncio.Runner() as runner:
        figure = measured(lambda number: runner.run(twenty(number)), max(1, count // 20))
    return replace(figure, per_second=figure.per_second * 20, median_ms=figure.median_ms / 20)


def reportlab(count: int, *, chinese: bool) -> Figure:
    """reportlab, Platypus paragraphs."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer

    if chinese:
        pdfmetrics.registerFont(TTFont("Noto", noto()))
    style = ParagraphStyle(
        "letter",
        fontName="Noto" if chinese else "Times-Roman",
        fontSize=SIZE,
        leading=LEADING,
        spaceAfter=8,
    )

    def make(number: int) -> int:
        page = io.BytesIO()
        flow: list[object] = []
        for sheet in sheets(numbered(number)):
            flow += [Spacer(1, TOP - MARGIN), *(Paragraph(one, style) for one in sheet)]
            flow.append(PageBreak())
        SimpleDocTemplate(
            page, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, title=LETTER.subject
        ).build(flow)
        return len(page.getvalue())

    return measured(make, count)


def fpdf2(count: int, *, chinese: bool) -> Figure:
    """fpdf2, one cell a paragraph."""
    from fpdf import FPDF

    def make(number: int) -> int:
        page = FPDF(format="A4", unit="pt")
        if chinese:
            page.add_font("Noto", fname=noto())
        page.set_margin(MARGIN)
        page.set_title(LETTER.subject)
        page.set_lang("fr")
        for sheet in sheets(numbered(number)):
            page.add_page()
            page.set_font("Noto" if chinese else "Times", size=SIZE)
            page.set_y(TOP)
            for one in sheet:
                text = one if chinese else one.encode("latin-1", "replace").decode("latin-1")
                page.multi_cell(0, LEADING, text, new_x="LMARGIN", new_y="NEXT")
                page.ln(8)
        return len(page.output())

    return measured(make, count)


MAKERS: dict[str, tuple[Callable[..., Figure], dict[str, bool], float]] = {
    # name: maker, its options, the share of the letters that it makes (slow ones make fewer)
    "letter drafted and written": (drafts, {}, 10),
    ".eml": (eml_files, {}, 5),
    "PDF, ours": (ours, {}, 1),
    "PDF, ours, 20 at once": (ours_together, {}, 1),
    "PDF, reportlab, standard fonts": (reportlab, {"chinese": False}, 1),
    "PDF, reportlab, Noto embedded": (reportlab, {"chinese": True}, 0.1),
    "PDF, fpdf2, standard fonts": (fpdf2, {"chinese": False}, 1),
    "PDF, fpdf2, Noto embedded": (fpdf2, {"chinese": True}, 0.02),
}


def run(name: str, letters: int) -> Figure:
    """One maker, in this process."""
    maker, options, share = MAKERS[name]
    return maker(max(5, int(letters * share)), **options)


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--letters", type=int, default=1000)
    letters = arguments.parse_args().letters
    figures: dict[str, Figure] = {}
    for name in MAKERS:
        with multiprocessing.get_context("spawn").Pool(1) as fresh:
            figures[name] = fresh.apply(run, (name, letters))
    base = figures["PDF, ours"]
    print(f"{'':32}{'per second':>12}{'ms each':>9}{'× ours':>9}{'MB before':>11}{'MB after':>10}"
          f"{'kB each':>9}")  # fmt: skip
    for name, figure in figures.items():
        ratio = f"{figure.per_second / base.per_second:9.2f}" if name.startswith("PDF") else " " * 9
        print(
            f"{name:32}{figure.per_second:12.1f}{figure.median_ms:9.2f}{ratio}"
            f"{figure.megabytes_start:11.0f}{figure.megabytes:10.0f}{figure.bytes_each / 1e3:9.1f}"
        )
    print(
        f"\nAfter {letters} PDFs the process holds {base.megabytes:.0f} MB "
        f"({base.megabytes - base.megabytes_start:+.0f} MB since the first)."
    )
    sys.exit(0 if base.median_ms <= 50 else 1)


if __name__ == "__main__":
    main()
