"""A styled text in the markup of a channel."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

from bot.campaign.messages import Markup
from bot.campaign.styled import Span, Style, Styled

_Tags = Mapping[Style, tuple[str, str]]

# https://core.telegram.org/bots/api#html-style
_HTML: Final[_Tags] = {
    "bold": ("<b>", "</b>"),
    "italic": ("<i>", "</i>"),
    "underline": ("<u>", "</u>"),
    "strike": ("<s>", "</s>"),
    "spoiler": ("<tg-spoiler>", "</tg-spoiler>"),
    "code": ("<code>", "</code>"),
    "pre": ("<pre>", "</pre>"),
    "quote": ("<blockquote>", "</blockquote>"),
    "folded": ("<blockquote expandable>", "</blockquote>"),
    "link": ('<a href="{}">', "</a>"),
}
# The page makes four elements (bot/web/static/words.js) and shows the words of all else.
_WEB: Final[_Tags] = {
    **dict.fromkeys(_HTML, ("", "")),
    "bold": ("<strong>", "</strong>"),
    "italic": ("<em>", "</em>"),
    "underline": ("<em>", "</em>"),
    "code": ("<code>", "</code>"),
    "pre": ("<code>", "</code>"),
    "link": ('<a href="{}" target="_blank" rel="noopener noreferrer">', "</a>"),
}
_TAGS: Final[Mapping[Markup, _Tags]] = {"html": _HTML, "web": _WEB}


def spoken(text: Styled, markup: Markup) -> str:
    """The text as a channel with that markup takes it."""
    return _plain(text) if markup == "plain" else _tagged(text, _TAGS[markup])


def _tagged(text: Styled, tags: _Tags) -> str:
    out: list[str] = []
    closing: list[str] = []
    for run in text.runs:
        if isinstance(run, str):
            out.append(escape(run, quote=False))
        elif run is None:
            out.append(closing.pop())
        else:
            opened, closed = tags[run.style]
            out.append(opened.format(escape(run.url)))
            closing.append(closed)
    return "".join(out)


def _plain(text: Styled) -> str:
    out: list[str] = []
    open_: list[Span] = []
    for run in text.runs:
        if isinstance(run, str):
            out.append(run)
        elif run is not None:
            open_.append(run)
        else:
            span = open_.pop()
            if span.style == "link" and text.text[span.start : span.end] != span.url:
                out.append(f" ({span.url})")
    return "".join(out)
