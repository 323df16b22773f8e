"""Telegram's HTML, parsed as strictly as Telegram does it (https://core.telegram.org/bots/api#html-style).

Real Telegram refuses a whole message for one unclosed tag, so the tests must too. The texts of the
refusals are those that the Bot API gives.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_ENTITY = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_TAG = re.compile(r"<(/?)([^\s<>]*)([^>]*)(>?)")
_ATTRIBUTE = re.compile(r"""\s*([^\s=>]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
_REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot)|#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-zA-Z]+));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


class BadMarkup(Exception):
    """The text that Telegram gives for markup it refuses."""


@dataclass(slots=True)
class Parsed:
    """What supporters see: the text without markup, its entities, and what Telegram let pass in
    silence although it was surely not meant."""

    text: str
    entities: list[dict[str, object]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def units(text: str) -> int:
    """The length that Telegram counts: UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse(html: str) -> Parsed:
    """The visible text and its entities; BadMarkup where Telegram would refuse the message."""
    if "<" not in html and "&" not in html:
        return Parsed(html.strip())
    parsed = Parsed("")
    pieces: list[str] = []
    seen = 0
    open_tags: list[tuple[str, int, dict[str, str]]] = []
    at = 0
    while at < len(html):
        start = html.find("<", at)
        words = _decoded(html[at : start if start >= 0 else len(html)], parsed.doubts)
        pieces.append(words)
        seen += units(words)
        if start < 0:
            break
        tag = _TAG.match(html, start)
        assert tag is not None
        offset = len(html[:start].encode())
        if tag[1]:
            _close(tag, offset, open_tags, seen, parsed)
        else:
            open_tags.append((*_opened(tag, offset, parsed.doubts, seen),))
        at = tag.end()
    if open_tags:
        raise BadMarkup(f'Can\'t find end tag corresponding to start tag "{open_tags[-1][0]}"')
    parsed.text = "".join(pieces).strip()
    return parsed


def _opened(
    tag: re.Match[str], offset: int, doubts: list[str], seen: int
) -> tuple[str, int, dict[str, str]]:
    name = tag[2].lower()
    unclosed = BadMarkup(f"Unclosed start tag at byte offset {offset}")
    if not tag[4] and not tag[3]:
        raise unclosed
    if name not in _ENTITY:
        raise BadMarkup(f'Unsupported start tag "{name}" at byte offset {offset}')
    if not tag[4]:
        raise unclosed
    attributes = {
        found[1].lower(): _decoded((found[2] or "").strip("\"'"), doubts)
        for found in _ATTRIBUTE.finditer(tag[3])
    }
    if name == "span" and attributes.get("class") != "tg-spoiler":
        raise BadMarkup(f'Tag "span" must have class "tg-spoiler" at byte offset {offset}')
    if name == "a" and not attributes.get("href", "").lower().startswith(
        ("http://", "https://", "tg://")
    ):
        doubts.append(f"a link that becomes no link: {attributes.get('href', '')[:40]}")
    return name, seen, attributes


def _close(
    tag: re.Match[str],
    offset: int,
    open_tags: list[tuple[str, int, dict[str, str]]],
    seen: int,
    parsed: Parsed,
) -> None:
    if not open_tags:
        raise BadMarkup(f"Unexpected end tag at byte offset {offset}")
    name, since, attributes = open_tags.pop()
    if not tag[4]:
        raise BadMarkup(f"Unclosed end tag at byte offset {offset}")
    found = tag[2].lower()
    if found and found != name:
        raise BadMarkup(
            f'Unmatched end tag at byte offset {offset}, expected "</{name}>", found "</{found}>"'
        )
    if seen == since:
        return
    entity: dict[str, object] = {"type": _ENTITY[name], "offset": since, "length": seen - since}
    if name == "a":
        entity["url"] = attributes.get("href", "")
    parsed.entities.append(entity)


def _decoded(text: str, doubts: list[str]) -> str:
    if "&" not in text:
        return text

    def one(found: re.Match[str]) -> str:
        if found[1]:
            return _NAMED[found[1]]
        if found[4]:
            doubts.append(f"a character reference Telegram does not know: {found[0]}")
            return found[0]
        return chr(int(found[2]) if found[2] else int(found[3], 16))

    return _REFERENCE.sub(one, text)
