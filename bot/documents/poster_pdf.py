"""An A4 poster for a stand, with a QR code that leads into the chat."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from bot.campaign.channel import Made
from bot.documents.naming import file_name
from bot.documents.qr import qr_drawing
from bot.documents.typesetting import off_the_loop, pdf

TEMPLATE = "poster.typ"
PHOTOGRAPH = (740, 1220)
"""The part that a photograph fills, in tenths of a millimetre, as poster.typ has it."""


@dataclass(frozen=True, slots=True)
class PosterSheet:
    """What stands on the poster, in one language.

    ``call`` invites under the code ("Scannez, agissez"), ``qr_alt`` tells a screen reader what the
    code is, ``short_link`` is ``link`` as people read and type it. Colours are "#rrggbb",
    ``accent`` one that can be read on white. ``photo`` (as large as ``PHOTOGRAPH``
    says) and ``logo`` are SVG, "" for none; ``credit`` is that of the photograph.
    """

    case: str
    language: str
    title: str
    name: str
    chinese_name: str
    sentence: str
    call: str
    qr_alt: str
    link: str
    short_link: str
    organisation: str
    surface: str = "#0b5f6b"
    on_surface: str = "#ffffff"
    accent: str = "#0b5f6b"
    photo: str = ""
    photo_alt: str = ""
    credit: str = ""
    logo: str = ""
    file: str = "affiche"


async def poster_pdf(poster: PosterSheet, day: date) -> Made:
    """The poster, ready to print."""
    content = await off_the_loop(lambda: pdf(TEMPLATE, _data(poster), day))
    return Made(file_name(poster.file, poster.case, ending="pdf"), "application/pdf", content)


def _data(poster: PosterSheet) -> dict[str, object]:
    return {**asdict(poster), "qr": qr_drawing(poster.link)}
