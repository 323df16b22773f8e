"""A letter by post: one for each addressee, then the copies, in one PDF in print order."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date

from bot.campaign.channel import Made
from bot.campaign.letters import Letter, WrittenAddressee
from bot.documents.naming import file_name
from bot.documents.plain_text import plain_lines, single_line
from bot.documents.typesetting import off_the_loop, pdf, png, printable
from bot.wording.direction import directed, is_right_to_left

TEMPLATE = "letter.typ"


@dataclass(frozen=True, slots=True)
class Labels:
    """The words around a letter, in the letter's language and with their punctuation.

    ``dated``: place and date as they stand on the letter ("Lyon, le 5 mars 2026").
    ``subject``: "Objet :"; ``copy_to``: "Copie à :" before the names of those who get a copy;
    ``copy_mark`` and ``sent_to`` head the copy itself ("Copie", "Lettre adressée à :");
    ``fax``: "Par fax :"; ``file``: what the file is called before the case ("lettre").
    """

    dated: str = field(repr=False)
    subject: str
    copy_to: str
    copy_mark: str
    sent_to: str
    fax: str
    file: str


async def letter_pdf(
    letter: Letter,
    labels: Labels,
    day: date,
    *,
    sender: tuple[str, ...] = (),
    fax: bool = False,
) -> Made:
    """The letter ready to print, sign and put into window envelopes.

    ``sender``: name and address lines of the person who writes, if they want them on the letter;
    they are shown without what no font can show. ``fax``: say on each sheet which number to send
    it to. Raises ``CannotTypesetError`` where the content itself cannot be shown.
    """
    content = await off_the_loop(lambda: pdf(TEMPLATE, _data(letter, labels, sender, fax), day))
    return Made(file_name(labels.file, letter.case, ending="pdf"), "application/pdf", content)


async def letter_preview(
    letter: Letter, labels: Labels, *, sender: tuple[str, ...] = (), fax: bool = False
) -> Made:
    """The first page of the same letter as a picture."""

    def first_page() -> bytes:
        return png(TEMPLATE, _data(letter, labels, sender, fax, sheets=1))

    content = await off_the_loop(first_page)
    return Made(file_name(labels.file, letter.case, ending="png"), "image/png", content)


def _data(
    letter: Letter,
    labels: Labels,
    sender: tuple[str, ...],
    fax: bool,
    sheets: int | None = None,
) -> dict[str, object]:
    signed = (letter.first_name, letter.town)
    letters = [
        *(_sheet(addressee, fax, copy=False) for addressee in letter.to),
        *(_sheet(addressee, fax, copy=True) for addressee in letter.copy_to),
    ]
    return {
        "title": single_line(letter.subject),
        "language": letter.language,
        "labels": {**asdict(labels), "dated": _dated(labels.dated, letter.language)},
        "sender": _shown(sender),
        "subject": single_line(letter.subject),
        "salutation": letter.salutation,
        "paragraphs": letter.paragraphs,
        "closing": letter.closing,
        "signed": _shown(signed),
        "sent_to": [line for addressee in letter.to for line in _name(addressee)],
        "copies": [_name(addressee) for addressee in letter.copy_to],
        "letters": letters[:sheets],
    }


def _dated(dated: str, language: str) -> str:
    """Place and date; the place was typed, and may run the other way."""
    line = printable(dated)
    return directed(line, tags=False) if is_right_to_left(language) else line


def _sheet(addressee: WrittenAddressee, fax: bool, *, copy: bool) -> dict[str, object]:
    return {
        "addressee": [*_name(addressee), *addressee.post],
        "fax": addressee.fax if fax else "",
        "copy": copy,
    }


def _name(addressee: WrittenAddressee) -> list[str]:
    """The name may take two lines: the person, then the office."""
    return plain_lines(addressee.name).split("\n")


def _shown(lines: tuple[str, ...]) -> list[str]:
    return [line for line in map(printable, lines) if line]
