"""Names, numbers and addresses of left-to-right scripts within texts that run from right to left.

Messengers and mail programs know no direction of a text: each line runs as its first letter does.
So a line that begins with such a name gets a mark before it, and whatever reads from left to right
is isolated, so that signs and spaces around it stay where they belong
(https://www.unicode.org/reports/tr9/).
"""

from __future__ import annotations

import re
from functools import cache

from bot.wording.formats import locale_of

RIGHT_TO_LEFT = "\u200f"
ISOLATE = "\u2066"
END = "\u2069"

_MARKS = re.compile("[\u200e\u200f]")
_TAG = re.compile("(<[^>]*>|\u2066[^\u2069]*\u2069)")
_ISOLATED = re.compile("(\u2066[^\u2069]*\u2069)")
_LEFTWARD = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_LETTER = "A-Za-z\u00c0-\u024f\u0370-\u04ff\u1e00-\u1eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = rf"[{_LETTER}](?:[{_LETTER}\d'’·\-]*[{_LETTER}\d])?"
_RIGHTWARD = re.compile(
    r"\{\w+\}"  # filled in by a page: what comes there may read either way
    r"|(?:https?|tg)://[^\s<>\u0590-\u08ff]*[^\s<>\u0590-\u08ff.,;:!?)\]»]"
    r"|[A-Za-z0-9.+_-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
    r"|(?<![\w/])[@#/][A-Za-z]\w*"
    r"|\+?\d+(?: \d+){2,}"
    rf"|(?:\d+,? )?{_WORD}(?:(?:,? | & | &amp; ){_WORD}|,? \d+(?![\d:/]))*",
    re.ASCII,
)
_ALONE = re.compile(r"(?:https?|tg)://\S+")
_STARTS = re.compile(rf"[{_LETTER}]")
_CLOSED = (".", "!", "?", "…", ":", "»", "”")
_FEW = 8


@cache
def is_right_to_left(language: str) -> bool:
    """Whether a language is written from right to left; False where nobody knows it."""
    try:
        return locale_of(language).text_direction == "rtl"
    except LookupError:
        return False


def isolated(text: str) -> str:
    """A line of a left-to-right language, to stand as a whole in another text."""
    return text if "\n" in text else f"{ISOLATE}{_ISOLATED.sub(_bare, text)}{END}"


def directed(text: str, *, tags: bool) -> str:
    """A text of a right-to-left language with the marks that it needs; marked twice is marked once.

    ``tags``: its markup is HTML. A line without a letter of the language stays as it is where it is
    a sentence of another one, or an address alone, which has to be copied as it is; so does a label
    that is nothing but a name.
    """
    if not tags and "\n" not in text and not _LEFTWARD.search(text):
        return _MARKS.sub("", text)
    return "\n".join(_line(line, tags) for line in _MARKS.sub("", text).split("\n"))


def _line(line: str, tags: bool) -> str:
    bare = _ISOLATED.sub(_bare, line)
    bare = _TAG.sub("", bare) if tags else bare
    if not _RIGHTWARD.search(bare):
        return line
    own, first = _LEFTWARD.search(bare), _STARTS.search(bare)
    if own is None and _is_foreign(bare.strip()):
        return line
    pieces = (_TAG if tags else _ISOLATED).split(line)
    pieces[::2] = [_RIGHTWARD.sub(rf"{ISOLATE}\g<0>{END}", piece) for piece in pieces[::2]]
    begins_other = own is None or (first is not None and first.start() < own.start())
    return (RIGHT_TO_LEFT if begins_other else "") + "".join(pieces)


def _bare(marked: re.Match[str]) -> str:
    return marked.group()[1:-1]


def _is_foreign(bare: str) -> bool:
    if _ALONE.fullmatch(bare):
        return True
    return bare.endswith(_CLOSED) or len(bare.split()) > _FEW
