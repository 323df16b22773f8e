"""Light markup in a text → one template source per kind of markup.

Jinja parts become single placeholder characters before the text is parsed and are put back
afterwards: what a value holds is never seen by the markup parser, so it can never become markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.campaign.messages import Markup
from bot.wording.typography import typeset

_STRING = r'"(?:\\.|[^"\\])*"|' + r"'(?:\\.|[^'\\])*'"
JINJA = re.compile(
    rf"\{{\{{(?:{_STRING}|[^\"'}}]|\}}(?!\}}))*\}}\}}"
    rf"|\{{%(?:{_STRING}|[^\"'%]|%(?!\}}))*%\}}"
    r"|\{#.*?#\}",
    re.DOTALL,
)
"""The parts of a text that are for Jinja."""

# Supplementary private use planes: neither space nor punctuation to the parser, in no font.
_FIRST = 0xF0000
_UNDERSCORE = "\U00100000"  # "_" is no markup here: hashtags and addresses are full of it
# Stands for the line end behind a line of statements: a space to the parser, so that a line can
# begin with markup there, and in no text.
_JOINT = "\u1680"
_PLACEHOLDER = re.compile("[\U000f0000-\U000ffffd]")
_MARKS = re.compile(r"[*`\[\\]")
_LINE_END = re.compile(r"[ \t]*\n[ \t]*")

_PARSER = MarkdownIt("zero").enable(["escape", "backticks", "emphasis", "link", "newline"])
# Addresses are judged by the check, and kept as they are written.
_PARSER.validateLink = lambda url: True  # type: ignore[method-assign]
_PARSER.normalizeLink = lambda url: url  # type: ignore[method-assign]

_TAGS: dict[Markup, dict[str, str]] = {
    "html": {
        "strong_open": "<b>",
        "strong_close": "</b>",
        "em_open": "<i>",
        "em_close": "</i>",
        "code_open": "<code>",
        "code_close": "</code>",
        "link": '<a href="{}">',
        "link_close": "</a>",
    },
    "web": {
        "strong_open": "<strong>",
        "strong_close": "</strong>",
        "em_open": "<em>",
        "em_close": "</em>",
        "code_open": "<code>",
        "code_close": "</code>",
        "link": '<a href="{}" target="_blank" rel="noopener noreferrer">',
        "link_close": "</a>",
    },
    "plain": {},
}


def looks_dynamic(source: str) -> bool:
    """Whether the text holds anything for Jinja."""
    return "{{" in source or "{%" in source or "{#" in source


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text taken apart once: the parser's tokens and the Jinja parts by their placeholders."""

    language: str
    tokens: tuple[Token, ...]
    parts: tuple[str, ...]

    @property
    def dynamic(self) -> bool:
        """Whether it takes a template to render it."""
        return bool(self.parts)


@lru_cache(maxsize=8192)
def parse(source: str, language: str) -> Parsed:
    """Take a text of the content apart; a reload, which changes few texts, finds most of them."""
    protected, parts = _protect(source.strip())
    tokens = tuple(_tokens(protected))
    for token in tokens:
        if token.type == "link_open":
            _guard_address(token, parts)
    return Parsed(language, tokens, tuple(parts))


def _protect(source: str) -> tuple[str, list[str]]:
    parts: list[str] = []

    def keep(match: re.Match[str]) -> str:
        parts.append(match.group())
        return chr(_FIRST + len(parts) - 1)

    protected = JINJA.sub(keep, source) if looks_dynamic(source) else source
    return (_join_statements(protected, parts) if parts else protected), parts


def _join_statements(protected: str, parts: Sequence[str]) -> str:
    """Take away the line end behind lines that hold nothing but statements."""
    out = []
    for line in protected.split("\n"):
        bare = line.strip()
        alone = bool(bare) and all(
            _PLACEHOLDER.match(sign) and parts[ord(sign) - _FIRST][1] != "{" for sign in bare
        )
        out.append(bare + _JOINT if alone else line + "\n")
    return "".join(out).removesuffix("\n")


def _tokens(protected: str) -> Sequence[Token]:
    if not _MARKS.search(protected):
        return [Token("text", "", 0, content=_LINE_END.sub("\n", protected))]
    parsed = _PARSER.parseInline(protected.replace("_", _UNDERSCORE))
    return [token for block in parsed for token in block.children or ()]


def emit(parsed: Parsed, markup: Markup) -> str:
    """The source of the Jinja template for one kind of markup (the text itself if not dynamic)."""
    pieces = list(_plain(parsed) if markup == "plain" else _html(parsed, _TAGS[markup]))
    text = "".join(pieces).replace(_UNDERSCORE, "_").replace(_JOINT, "")
    if not parsed.dynamic:
        return text
    # A single brace stays one, whatever comes to stand beside it.
    text = text.replace("{", '{{ "{" }}')
    return _PLACEHOLDER.sub(lambda match: parsed.parts[ord(match.group()) - _FIRST], text)


def _html(parsed: Parsed, tags: dict[str, str]) -> Iterator[str]:
    for token in parsed.tokens:
        if token.type == "text":
            yield escape(typeset(token.content, parsed.language), quote=False)
        elif token.type == "code_inline":
            yield tags["code_open"] + escape(token.content, quote=False) + tags["code_close"]
        elif token.type == "link_open":
            yield tags["link"].format(escape(str(token.attrs["href"])))
        elif token.type in tags:
            yield tags[token.type]
        else:  # softbreak, hardbreak
            yield "\n"


def _plain(parsed: Parsed) -> Iterator[str]:
    targets: list[str] = []
    label = ""
    for token in parsed.tokens:
        if token.type == "text":
            piece = typeset(token.content, parsed.language)
            label += piece
            yield piece
        elif token.type == "code_inline":
            label += token.content
            yield token.content
        elif token.type == "link_open":
            targets.append(str(token.attrs["href"]))
            label = ""
        elif token.type == "link_close":
            target = targets.pop()
            yield "" if label == target else f" ({target})"
        elif token.type in ("softbreak", "hardbreak"):
            yield "\n"


def _guard_address(token: Token, parts: list[str]) -> None:
    """An address that begins with a value is looked at when the value is filled in."""
    address = str(token.attrs.get("href", ""))
    first = _PLACEHOLDER.match(address)
    if first is None or not parts[ord(first.group()) - _FIRST].startswith("{{"):
        return
    expression = parts[ord(first.group()) - _FIRST][2:-2].strip("-+ \n")
    parts.append(f"{{{{ ({expression})|web_address }}}}")
    token.attrs["href"] = chr(_FIRST + len(parts) - 1) + address[first.end() :]


def link_targets(source: str, language: str) -> Iterator[str]:
    """Where the links of a text lead; Jinja parts stand in them as they were written."""
    parsed = parse(source, language)
    for token in parsed.tokens:
        if token.type == "link_open":
            yield _PLACEHOLDER.sub(
                lambda match: parsed.parts[ord(match.group()) - _FIRST],
                str(token.attrs.get("href", "")).replace(_UNDERSCORE, "_"),
            )
