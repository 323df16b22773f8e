"""What staff format survives: from a message's entities to markup, and to each channel's own."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.campaign.former_markup import read_html
from bot.campaign.markup import NAMED, literal, plain, read, write
from bot.campaign.styled import Span, Styled, styled
from bot.channels.telegram.markup import to_markup
from bot.wording.speaking import spoken
from tests.telegram_html import parse

KINDS = {
    "bold": "bold",
    "italic": "italic",
    "underline": "underline",
    "strikethrough": "strike",
    "spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "quote",
    "expandable_blockquote": "folded",
    "text_link": "link",
}
URLS = [
    "https://x.org/",
    "https://x.org/a_(b)?c=1&copy;=*2*#[d]",
    "tg://resolve?domain=x",
    "a b<>\\",
]
# A platform sends neither; the parser reads both as other signs.
TYPED = st.text(
    st.one_of(
        st.sampled_from("*_[](){}<>&`\\!~#|\"' \n\r\0\tab.é😀👨‍👩‍👧«»"),
        st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]),
    ),
    max_size=30,
)
MARKS = st.lists(
    st.tuples(st.sampled_from(list(KINDS)), st.integers(0, 30), st.integers(1, 30)), max_size=6
)


def styles(text: Styled) -> list[set[tuple[str, str]]]:
    """Which styles each character has."""
    found: list[set[tuple[str, str]]] = [set() for _ in text.text]
    for span in text.spans:
        for place in range(span.start, span.end):
            found[place].add((span.style, span.url))
    return found


@given(TYPED, MARKS, st.sampled_from(URLS))
@example("a**!b** _c_", [("bold", 1, 4)], URLS[0])
@example("`a``b`", [("code", 0, 3), ("code", 3, 3)], URLS[0])
@example("😀*😀", [("bold", 0, 2), ("italic", 2, 1), ("text_link", 3, 2)], URLS[3])
@example("ab c", [("text_link", 0, 4), ("bold", 0, 1), ("italic", 3, 1)], URLS[1])
def test_the_words_and_their_styles_are_the_same_after_any_way_through_markup(
    text: str, marks: list[tuple[str, int, int]], url: str
) -> None:
    entities = [
        {"type": kind, "offset": at, "length": size, "url": url} for kind, at, size in marks
    ]
    units = text.encode("utf-16-le")
    spans = []
    for kind, at, size in marks:
        try:
            start = len(units[: 2 * at].decode("utf-16-le"))
            end = len(units[: 2 * (at + size)].decode("utf-16-le"))
        except UnicodeDecodeError:  # half an emoji
            continue
        if 2 * (at + size) <= len(units):
            spans.append(
                Span(start, end, KINDS[kind], url if kind == "text_link" else "")  # type: ignore[arg-type]
            )
    expected = styled(text, spans)
    markup = to_markup(text, entities)
    assert plain(markup) == text
    assert styles(read(markup)) == styles(expected)
    assert read(write(expected)) == expected
    shown = spoken(read(markup), "html")
    assert read_html(shown) == expected
    assert unescape(re.sub("<[^>]*>", "", shown)) == text


@given(TYPED)
def test_whatever_is_typed_without_formatting_is_shown_as_it_was_typed(text: str) -> None:
    assert read(literal(text)) == Styled(text)
    assert to_markup(text, []) == literal(text)


@given(TYPED)
def test_any_markup_is_read_and_reads_the_same_when_it_is_written_anew(source: str) -> None:
    once = read(source)
    assert read(write(once)) == once
    parse(spoken(once, "html"))  # raises where a tag is not closed


def test_what_a_writer_types_is_pretty_and_stays_so() -> None:
    source = "**Bonjour** à *tous* : [la page](https://example.org/a_b), `code`\n[à lire]{quote}"
    assert write(read(source)) == source


@pytest.mark.parametrize("name", NAMED)
def test_every_style_has_a_name_in_the_markup_and_a_form_on_every_channel(name: str) -> None:
    text = read(f"[mot]{{{name}}} suite")
    assert text == Styled("mot suite", (Span(0, 3, name),))  # type: ignore[arg-type]
    assert spoken(text, "html").startswith("<")
    assert "mot" in spoken(text, "web")
    assert spoken(text, "plain") == "mot suite"


def test_a_terminal_is_told_where_a_link_leads_and_a_page_opens_it_elsewhere() -> None:
    text = read("[ici](https://x.org/?a&b), [https://x.org](https://x.org)")
    assert spoken(text, "plain") == "ici (https://x.org/?a&b), https://x.org"
    assert '<a href="https://x.org/?a&amp;b" target="_blank" rel="noopener noreferrer">ici</a>' in (
        spoken(text, "web")
    )
