"""A support postcard to print on both sides (A6): address side, message side."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date

from bot.campaign.channel import Made
from bot.documents.naming import file_name
from bot.documents.typesetting import off_the_loop, pdf, printable

TEMPLATE = "postcard.typ"


@dataclass(frozen=True, slots=True)
class PostcardLabels:
    """The words around it, in the supporter's language.

    ``title`` names the document, ``recipient`` stands above the name ("Pour"), ``forwarded`` asks
    to pass it on, ``stamp`` marks the field, ``own_words`` invites to add some, ``town`` stands
    before the town ("Envoyé de"), ``file`` is what the file is called before the case.
    """

    title: str
    recipient: str
    forwarded: str
    stamp: str
    own_words: str
    town: str
    file: str


@dataclass(frozen=True, slots=True)
class Postcard:
    """``words``: the suggested passages as (language, text), the one to be read first first.
    Colours are "#rrggbb"."""

    case: str
    language: str
    address: tuple[str, ...]
    recipient: str
    chinese_name: str
    words: tuple[tuple[str, str], ...]
    town: str = field(default="", repr=False)
    surface: str = "#0b5f6b"
    on_surface: str = "#ffffff"


async def postcard_pdf(card: Postcard, labels: PostcardLabels, day: date) -> Made:
    """The card, ready to print. Without a town there is a line to write it on."""
    content = await off_the_loop(lambda: pdf(TEMPLATE, _data(card, labels), day))
    return Made(file_name(labels.file, card.case, ending="pdf"), "application/pdf", content)


def _data(card: Postcard, labels: PostcardLabels) -> dict[str, object]:
    return {
        "title": labels.title,
        "language": card.language,
        "labels": asdict(labels),
        "address": card.address,
        "recipient": card.recipient,
        "chinese_name": card.chinese_name,
        "words": [{"language": language, "text": text} for language, text in card.words],
        "town": printable(card.town),
        "surface": card.surface,
        "on_surface": card.on_surface,
    }
