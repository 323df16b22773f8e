"""A text with its styles, whatever it is written in: what markup of any kind is read into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Style = Literal[
    "bold",
    "italic",
    "underline",
    "strike",
    "spoiler",
    "code",
    "pre",
    "quote",
    "folded",
    "link",
]
"""``folded``: a long quote of which only the beginning shows until it is opened."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text, in characters: ``end`` is the first that is not in it any more."""

    start: int
    end: int
    style: Style
    url: str = ""


@dataclass(frozen=True, slots=True)
class Styled:
    """What is read, and the stretches of it that are set off.

    These are whole within one another, the outer ones first; none is empty, and none stands within
    another one of its style.
    """

    text: str
    spans: tuple[Span, ...] = ()

    @property
    def runs(self) -> Iterator[str | Span | None]:
        """In the order of reading: a piece of the text, a span that begins, None where one ends."""
        open_: list[int] = []
        place = 0
        for span in (*self.spans, Span(len(self.text), len(self.text), "bold")):
            while open_ and open_[-1] <= span.start:
                end = open_.pop()
                if place < end:
                    yield self.text[place:end]
                    place = end
                yield None
            if place < span.start:
                yield self.text[place : span.start]
                place = span.start
            if span.end > span.start:
                open_.append(span.end)
                yield span


def styled(text: str, spans: Iterable[Span]) -> Styled:
    """The text with these spans, without those that no markup can say: the empty ones, one that
    crosses an earlier one's end, and one within another of its style."""
    kept: list[Span] = []
    around: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, -one.end)):
        while around and around[-1].end <= span.start:
            around.pop()
        if not 0 <= span.start < span.end <= len(text):
            continue
        if around and span.end > around[-1].end:
            continue
        if any(one.style == span.style for one in around):
            continue
        around.append(span)
        kept.append(span)
    return Styled(text, tuple(kept))
