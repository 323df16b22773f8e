"""Light HTML in the signs that WhatsApp knows: *bold*, _italic_, ~struck~ and ``` for code.

Signs have to touch the words that they set off and to stand on one line; else they are shown as
they are, and so none is written there. A link is its words with the address behind them.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final

_TAG: Final = re.compile(r"<(/?)([a-z-]+)([^>]*)>")
_ADDRESS: Final = re.compile(r'href="([^"]*)"')
_SIGNS: Final = {"b": "*", "strong": "*", "i": "_", "em": "_", "s": "~", "code": "`", "pre": "```"}


def with_signs(html: str, most: int) -> str:
    """The text with signs; without any where it would be longer than that."""
    said = _said(html, signs=True)
    return said if len(said) <= most else _said(html, signs=False)


def _said(html: str, *, signs: bool) -> str:
    out: list[str] = []
    open_: list[tuple[str, str, int]] = []
    place = 0
    for tag in _TAG.finditer(html):
        out.append(unescape(html[place : tag.start()]))
        place = tag.end()
        closing, name, more = tag[1], tag[2], tag[3]
        if not closing:
            address = _ADDRESS.search(more)
            open_.append((name, unescape(address[1]) if address else "", len(out)))
        elif open_:
            name, address_, begin = open_.pop()
            _close(out, begin, name, address_, signs=signs)
    out.append(unescape(html[place:]))
    return "".join(out)


def _close(out: list[str], begin: int, name: str, address: str, *, signs: bool) -> None:
    inner = "".join(out[begin:])
    if name == "a":
        if address and address != inner:
            out.append(f" ({address})")
        return
    sign = _SIGNS.get(name, "") if signs else ""
    if sign and inner == inner.strip() and inner and "\n" not in inner and sign not in inner:
        out.insert(begin, sign)
        out.append(sign)
