"""Formatting as Telegram tells it of a message (entities) → the light markup of texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bot.campaign.markup import write
from bot.campaign.styled import Span, Style, styled

# https://core.telegram.org/bots/api#messageentity
_STYLES: Final[Mapping[str, Style]] = {
    "bold": "bold",
    "italic": "italic",
    "underline": "underline",
    "strikethrough": "strike",
    "spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "quote",
    "expandable_blockquote": "folded",
    "text_link": "link",
}


def to_markup(text: str, entities: object) -> str:
    """The text with its formatting as markup; what is no formatting stays text."""
    whole = text.encode("utf-16-le", "surrogatepass")
    shown = whole.decode("utf-16-le", "replace")
    return write(styled(shown, _spans(entities, shown)))


def _spans(entities: object, text: str) -> Iterator[Span]:
    """Telegram counts in UTF-16 units, in which an emoji is two."""
    places = _places(text)
    for entity in entities if isinstance(entities, Sequence) else ():
        if not isinstance(entity, dict):
            continue
        start, size = entity.get("offset"), entity.get("length")
        if type(start) is not int or type(size) is not int or size <= 0:
            continue
        style, url = _style(entity)
        # A place within a character of two units is none.
        if style is not None and start in places and start + size in places:
            yield Span(places[start], places[start + size], style, url)


def _places(text: str) -> dict[int, int]:
    """The characters' places by their places in units."""
    places = {}
    units = 0
    for place, character in enumerate(text):
        places[units] = place
        units += 2 if ord(character) > 0xFFFF else 1
    return places | {units: len(text)}


def _style(entity: Mapping[str, Any]) -> tuple[Style | None, str]:
    style, url = _STYLES.get(str(entity.get("type"))), entity.get("url")
    if style != "link":
        return style, ""
    return (style, url) if isinstance(url, str) and url else (None, "")
