"""What the campaign looks like: the organisation's colours and marks, pictures of people."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from bot.campaign.colours import INK, ink, text_on
from bot.campaign.parts import Label, LanguageCode, Part

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Photograph = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*\.(png|jpg|jpeg)$")
]
"""A file below the content's directory."""
Drawing = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*\.(png|svg)$")
]
"""The same, for a logo or an icon."""


class Colours(Part):
    """The organisation's colours.

    `surface` is for buttons, cards and bands, as it is; `on_surface` for the text upon it (white or
    black, whichever reads better, where it is left out). `accent` is for links and lines on paper:
    moved until it can be read, and the `surface` where it is left out.
    """

    surface: Colour = "#0b5f6b"
    on_surface: Colour | None = None
    accent: Colour | None = None

    @property
    def text(self) -> str:
        """The colour of text upon the surface."""
        return self.on_surface or text_on(self.surface)

    @property
    def on_white(self) -> str:
        """The accent as text and lines on a printed sheet."""
        return ink(self.accent or self.surface, "#ffffff", INK["light"])


class Picture(Part):
    """A photograph that the organisation may show, from a file below content/.

    `credit` is printed wherever it is shown. `licence`: what allows that; `consent`: who agreed for
    the person or the family, and when. `alt` tells in each language what is to be seen.
    """

    file: Photograph
    credit: Label
    licence: Label
    consent: Label
    alt: dict[LanguageCode, Label] = Field(min_length=1)

    def seen(self, *languages: str) -> str:
        """What is to be seen, in the first of these languages that tells it; "" where none does."""
        return next((self.alt[one] for one in languages if one in self.alt), "")
