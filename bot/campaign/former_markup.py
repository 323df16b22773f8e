"""Broadcasts of before light markup: kept as the light HTML that one platform took."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from html.parser import HTMLParser
from typing import Final

from bot.campaign.styled import Span, Style, Styled, styled

_STYLES: Final[dict[str, Style]] = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "s": "strike",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "quote",
    "a": "link",
}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.spans: list[Span] = []
        self._open: list[tuple[str, int, Style, str]] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        style = _STYLES.get(tag)
        if style is not None:
            told = dict(attrs)
            folded: Style = "folded" if "expandable" in told else style
            self._open.append((tag, len(self.text), folded, told.get("href") or ""))

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1][0] == tag:
            _, start, style, url = self._open.pop()
            self.spans.append(Span(start, len(self.text), style, url))

    def handle_data(self, data: str) -> None:
        self.text += data


@lru_cache(maxsize=256)
def read_html(source: str) -> Styled:
    """The styled text of such HTML, as it was made by this program and by nobody else."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    return styled(reader.text, reversed(reader.spans))
