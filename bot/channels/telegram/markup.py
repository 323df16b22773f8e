"""Formatting as Telegram tells it of a message (entities) → the light HTML that it takes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

# https://core.telegram.org/bots/api#messageentity and #html-style
_TAGS: Final[Mapping[str, str]] = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "spoiler": "tg-spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote",
}


def to_html(text: str, entities: object) -> str:
    """The text with its formatting as tags; what is no formatting stays text."""
    whole = text.encode("utf-16-le", "surrogatepass")
    marks = _nested(_marks(entities, whole))
    out: list[str] = []
    open_: list[tuple[int, str]] = []
    place = 0

    def write(upto: int) -> None:
        nonlocal place
        piece = whole[2 * place : 2 * upto].decode("utf-16-le", "replace")
        out.append(escape(piece, quote=False))
        place = max(place, upto)

    for start, end, opening, tag in marks:
        while open_ and open_[-1][0] <= start:
            write(open_[-1][0])
            out.append(f"</{open_.pop()[1]}>")
        write(start)
        out.append(opening)
        open_.append((end, tag))
    while open_:
        write(open_[-1][0])
        out.append(f"</{open_.pop()[1]}>")
    write(len(whole) // 2)
    return "".join(out)


def _marks(entities: object, whole: bytes) -> list[tuple[int, int, str, str]]:
    marks = []
    length = len(whole) // 2
    for entity in entities if isinstance(entities, Sequence) else ():
        if not isinstance(entity, dict):
            continue
        start, size = entity.get("offset"), entity.get("length")
        if type(start) is not int or type(size) is not int or size <= 0:
            continue
        opening, tag = _tags(entity)
        within = start >= 0 and start + size <= length
        if tag and within and not (_in_a_pair(whole, start) or _in_a_pair(whole, start + size)):
            marks.append((start, start + size, opening, tag))
    return sorted(marks, key=lambda mark: (mark[0], -mark[1]))


def _in_a_pair(whole: bytes, place: int) -> bool:
    """Whether a character of two units (an emoji) would be cut in two there."""
    high, low = whole[2 * place - 1 : 2 * place], whole[2 * place + 1 : 2 * place + 2]
    return bool(high and low) and 0xD8 <= high[0] <= 0xDB and 0xDC <= low[0] <= 0xDF


def _tags(entity: Mapping[str, Any]) -> tuple[str, str]:
    kind, url = entity.get("type"), entity.get("url")
    if kind == "text_link" and isinstance(url, str):
        return f'<a href="{escape(url)}">', "a"
    tag = _TAGS.get(str(kind), "")
    if kind == "expandable_blockquote":
        return "<blockquote expandable>", tag
    return (f"<{tag}>", tag) if tag else ("", "")


def _nested(marks: list[tuple[int, int, str, str]]) -> list[tuple[int, int, str, str]]:
    """Without those that cross an earlier one's end, which tags cannot say."""
    kept: list[tuple[int, int, str, str]] = []
    ends: list[int] = []
    for mark in marks:
        while ends and ends[-1] <= mark[0]:
            ends.pop()
        if ends and mark[1] > ends[-1]:
            continue
        ends.append(mark[1])
        kept.append(mark)
    return kept
