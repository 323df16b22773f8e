"""A card with a person's name: the picture of a case where there is no photograph, and with one.

A card takes some ten milliseconds (a hundred the first time); it is kept for as long as what it is
made from is the same.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from dataclasses import asdict, dataclass
from typing import Literal

from bot.campaign.channel import Made
from bot.documents.naming import file_name
from bot.documents.typesetting import off_the_loop, png

TEMPLATE = "name_card.typ"
Shape = Literal["wide", "square"]
SIZES: dict[Shape, tuple[int, int]] = {"wide": (1200, 630), "square": (1080, 1080)}
"""In pixels: what link previews ask for (https://ogp.me), and what a story or a tile shows."""
PHOTOGRAPHS: dict[Shape, tuple[int, int]] = {"wide": (444, 630), "square": (1080, 444)}
"""The part of a card that a photograph fills, as name_card.typ has it."""
PPI = 144
KEPT = 64
"""Cards in memory, of some 60 kB: two shapes of so many cases in so many languages."""


@dataclass(frozen=True, slots=True)
class NameCard:
    """What stands on it, in one language.

    ``sentence`` may be empty. ``surface`` and ``on_surface`` are "#rrggbb"; ``photo`` (as large as
    ``PHOTOGRAPHS`` says) and ``logo`` are SVG, "" for none; ``alt`` tells what is to be seen;
    ``credit`` is that of the photograph.
    """

    case: str
    language: str
    right_to_left: bool
    shape: Shape
    name: str
    chinese_name: str
    sentence: str
    organisation: str
    surface: str
    on_surface: str
    alt: str
    photo: str = ""
    credit: str = ""
    logo: str = ""
    file: str = "nom"


class NameCards:
    """Makes cards, and keeps those that were asked for last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[NameCard, Made] = OrderedDict()

    async def made(self, card: NameCard) -> Made:
        """The card as a PNG. Raises CannotTypesetError."""
        made = self._kept.get(card)
        if made is None:
            made = self._kept[card] = await _made(card)
        self._kept.move_to_end(card)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return made


async def _made(card: NameCard) -> Made:
    data = {**asdict(card), "title": card.name}
    content = await off_the_loop(lambda: png(TEMPLATE, data, PPI))
    told = json.dumps(data, ensure_ascii=False, sort_keys=True)
    mark = hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:32]
    file = file_name(card.file, card.case, ending="png")
    return Made(file, "image/png", content, same=mark, alt=card.alt)
