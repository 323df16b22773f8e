"""Light HTML, the markup in which messages are ready to send: the one way to read past it."""

from __future__ import annotations

import re
from html import unescape

_TAG = re.compile(r"<[^>]*>")


def without_markup(html: str) -> str:
    """The text that is seen. A ``<`` that is no markup stands escaped in light HTML."""
    return unescape(_TAG.sub("", html))
