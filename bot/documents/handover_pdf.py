"""The document that goes with a petition when it is handed over, and the certificate at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date

from bot.campaign.channel import Made
from bot.campaign.typed import one_line
from bot.documents.naming import file_name
from bot.documents.typesetting import off_the_loop, pdf, printable

TEMPLATE = "handover.typ"


@dataclass(frozen=True, slots=True)
class Section:
    """A part under a title: paragraphs, a table of two columns with its head, or names."""

    title: str
    note: str = ""
    paragraphs: Sequence[str] = ()
    head: Sequence[str] = ()
    rows: Sequence[tuple[str, str]] = ()
    names: Sequence[str] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole document; ``totals``, each with its label, stand large on the first page."""

    file: str
    title: str
    org: str
    accent: str
    language: str
    dated: str
    totals: Sequence[tuple[str, str]]
    intro: Sequence[str]
    sections: Sequence[Section]


async def handover_pdf(sheet: Sheet, day: date) -> Made:
    """The document as a PDF; names are shown without what no font can show.

    Raises ``CannotTypesetError`` where the content itself cannot be shown.
    """
    data = asdict(sheet)
    data["title"] = one_line(sheet.title)
    for section in data["sections"]:
        section["names"] = [shown for name in section["names"] if (shown := printable(name))]
    content = await off_the_loop(lambda: pdf(TEMPLATE, data, day))
    return Made(file_name(sheet.file, ending="pdf"), "application/pdf", content)
