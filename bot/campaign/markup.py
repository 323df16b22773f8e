"""The light markup of texts: read into a styled text, and written from one.

``**bold**``, ``*italic*``, ```code```, ``[label](https://…)``, and what has no sign of its own by
its name: ``[words]{underline}`` (``NAMED``). A backslash before a sign takes its meaning away.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, cast, get_args

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.emphasis import tokenize as emphasis
from markdown_it.token import Token

from bot.campaign.styled import Span, Style, Styled, styled

NAMED: Final = tuple(style for style in get_args(Style) if style != "link")
"""What can stand in braces behind words in square brackets."""

_NAME = re.compile(r"\{(" + "|".join(NAMED) + r")\}")
_SIGNS = re.compile(r"([\\*`\[\]])")
_PLAIN_ADDRESS = re.compile(r"[\w:/.?=#%+~,;@-]+", re.ASCII)
_IN_ADDRESS = re.compile(r"([\\<>&])")
_SIMPLE_CODE = re.compile(r"[^\s\\*`\[\]](?:[^\n\\*`\[\]]*[^\s\\*`\[\]])?")
# Behind these a sign begins, and before these it ends, whatever stands within.
_CLEAR: Final = (" ", "\n", "")
_MARKS: Final = {"bold": "**", "italic": "*"}
# Telegram knows nine styles, and none stands within itself.
_DEEPEST: Final = 100


def _without_underscores(state: StateInline, silent: bool) -> bool:
    """ "_" is no markup here: hashtags and addresses are full of it."""
    return state.src[state.pos] != "_" and emphasis(state, silent)


def _bracketed(state: StateInline, silent: bool) -> bool:
    """``[words]{style}``, and links whose words have styles: the parser's own knows neither."""
    if state.src[state.pos] != "[":
        return False
    start = state.pos + 1
    end = state.md.helpers.parseLinkLabel(state, state.pos, False)
    behind, kind, said = _behind(state, end + 1) if end >= 0 else (0, "", "")
    if not kind:
        return False
    if not silent:
        most, state.pos, state.posMax = state.posMax, start, end
        opening = state.push(f"{kind}_open", "", 1)
        opening.attrs, opening.info = ({"href": said}, "") if kind == "link" else ({}, said)
        state.linkLevel += kind == "link"
        state.md.inline.tokenize(state)
        state.linkLevel -= kind == "link"
        state.push(f"{kind}_close", "", -1)
        state.posMax = most
    state.pos = behind
    return True


def _behind(state: StateInline, place: int) -> tuple[int, str, str]:
    """Where what follows the words in brackets ends, and what it says of them."""
    if name := _NAME.match(state.src, place, state.posMax):
        return name.end(), "named", name[1]
    if state.linkLevel or not state.src.startswith("(", place):
        return 0, "", ""
    found = state.md.helpers.parseLinkDestination(state.src, place + 1, state.posMax)
    closed = found.ok and found.pos < state.posMax and state.src[found.pos] == ")"
    return (found.pos + 1, "link", found.str) if closed else (0, "", "")


def _parser() -> MarkdownIt:
    made = MarkdownIt("zero", {"maxNesting": _DEEPEST})
    made.enable(["escape", "backticks", "emphasis", "link"])
    made.inline.ruler.at("emphasis", _without_underscores)
    made.inline.ruler.before("link", "bracketed", _bracketed)
    # Addresses are looked at where they are written, and kept as they are.
    made.validateLink = lambda url: True  # type: ignore[method-assign]
    made.normalizeLink = lambda url: url  # type: ignore[method-assign]
    return made


_PARSER: Final = _parser()
_TEXT: Final = frozenset({"text", "text_special", "hardbreak"})
_END: Final = Token("end", "", 0)
_OPENING: Final[dict[str, Style]] = {"strong_open": "bold", "em_open": "italic"}


def read(source: str, typeset: Callable[[str], str] = str) -> Styled:
    """The text that this markup writes; ``typeset`` sets what is neither code nor address."""
    text = waiting = ""
    spans: list[Span] = []
    open_: list[tuple[int, Style, str]] = []
    for token in (*_tokens(source), _END):
        if token.type in _TEXT:
            waiting += "\n" if token.type == "hardbreak" else token.content
            continue
        # Set as a whole: a sign that was written behind a backslash has its neighbours.
        text, waiting = text + typeset(waiting), ""
        if token.nesting > 0:
            style = _OPENING.get(token.type) or cast(Style, token.info or "link")
            open_.append((len(text), style, str(token.attrs.get("href", ""))))
        elif token.nesting < 0:
            start, style, url = open_.pop()
            spans.append(Span(start, len(text), style, url))
        elif token.type == "code_inline":
            spans.append(Span(len(text), len(text) + len(token.content), "code"))
            text += token.content
    # The outer ones come first also where two hold the same words.
    return styled(text, reversed(spans))


def _tokens(source: str) -> list[Token]:
    # Without the parser's own preparation, which takes some signs for others.
    tokens: list[Token] = []
    _PARSER.inline.parse(source, _PARSER, {}, tokens)
    return tokens


def literal(text: str) -> str:
    """The markup of a text without any."""
    return _SIGNS.sub(r"\\\1", text)


@lru_cache(maxsize=1024)
def plain(source: str) -> str:
    """What is read of a text, without its styles."""
    return read(source).text


def write(text: Styled) -> str:
    """The markup of a styled text: ``read`` gives the same one again."""
    return _written(text, 0, len(text.text), text.spans, within=False)


def _written(whole: Styled, start: int, end: int, spans: tuple[Span, ...], *, within: bool) -> str:
    out: list[str] = []
    place, at = start, 0
    while at < len(spans):
        span = spans[at]
        behind = at + 1
        while behind < len(spans) and spans[behind].start < span.end:
            behind += 1
        out.append(literal(whole.text[place : span.start]))
        inner = _written(whole, span.start, span.end, spans[at + 1 : behind], within=True)
        touched = behind < len(spans) and spans[behind].start == span.end
        edge = within and (span.start == start or span.end == end)
        clear = not (touched or edge) and _is_clear(whole.text, span)
        out.append(_marked(span, inner, clear, simple=behind == at + 1))
        place, at = span.end, behind
    out.append(literal(whole.text[place:end]))
    return "".join(out)


def _is_clear(text: str, span: Span) -> bool:
    """Whether space stands on both sides, so that a sign there can mean one thing only."""
    return text[span.start - 1 : span.start] in _CLEAR and text[span.end : span.end + 1] in _CLEAR


def _marked(span: Span, inner: str, clear: bool, *, simple: bool) -> str:
    if span.style == "link":
        return _linked(span.url, inner)
    edges = inner[0] + inner[-1]
    if mark := _MARKS.get(span.style):
        if clear and not any(one.isspace() or one in "*`" for one in edges):
            return f"{mark}{inner}{mark}"
    elif span.style == "code" and clear and simple and _SIMPLE_CODE.fullmatch(inner):
        return f"`{inner}`"
    return f"[{inner}]{{{span.style}}}"


def _linked(url: str, inner: str) -> str:
    if not url or "\n" in url:
        return inner
    if not _PLAIN_ADDRESS.fullmatch(url):
        url = "<" + _IN_ADDRESS.sub(r"\\\1", url) + ">"
    return f"[{inner}]({url})"
