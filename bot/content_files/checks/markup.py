"""Markup in texts as they come out: understood, closed where it was opened, around something."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.campaign.messages import Markup, Words
from bot.campaign.visible import shows
from bot.content_files.checks.content import Checked, nested_in
from bot.content_files.problems import Problem
from bot.wording import WordingError, looks_dynamic
from bot.wording.markup import Parsed, emit, parse

_HTML: Markup = "html"
_TAG = re.compile(r"<(/?)([a-z]+)[^>]*>")
# "_" is no markup here: whoever writes _so_ would see it stay.
_LEFT_OVER = re.compile(
    r"\*\*|\]\(|(?<!\*)\*[^\s*](?:[^*\n]*[^\s*])?\*(?!\*)|(?<!\w)_[^\s_](?:[^_\n]*[^\s_])?_(?!\w)"
)


def check(content: Checked) -> Iterator[Problem]:
    """Every text that some screen says; what stands in another one is told there alone."""
    yield from _around_nothing(content)
    reported: set[tuple[str, str]] = set()
    for spoken in (one for said in content.said.values() for one in said):
        for language in (spoken.language,) if spoken.language else tuple(content.texts):
            if (spoken.key, language) in reported:
                continue
            problem = _fault(content, spoken, language)
            if problem is not None:
                reported.add((spoken.key, language))
                if not any(_fault(content, inner, language) for inner in nested_in(spoken)):
                    yield problem


def _around_nothing(content: Checked) -> Iterator[Problem]:
    for language, texts in content.texts.items():
        for key, source in texts.sources.items():
            # What placeholders leave is looked at on the screens.
            if not looks_dynamic(source) and not _shows(parse(source, language)):
                yield content.in_text(language, key, "no text", "write one, or delete the line")


def _shows(text: Parsed) -> bool:
    return shows(_TAG.sub("", emit(text, _HTML)))


def _fault(content: Checked, spoken: Words, language: str) -> Problem | None:
    language = spoken.language or language
    try:
        plain = content.strict(spoken, language, "plain")
        html = content.strict(spoken, language, "html")
    except WordingError:  # reported with the screens
        return None
    if "<" in html and not _is_balanced(html):
        return content.in_text(
            language,
            spoken.key,
            "markup begins and ends in different conditions",
            "let ** and * begin and end inside the same condition",
        )
    if sign := _LEFT_OVER.search(plain):
        return content.in_text(
            language,
            spoken.key,
            f'the signs "{_marks(sign.group())}" are shown as they are',
            "close what they open, or put a backslash before them; for _so_ write *so*",
        )
    return None


def _marks(found: str) -> str:
    return found if len(found) == 2 else f"{found[0]}…{found[-1]}"


def _is_balanced(html: str) -> bool:
    opened: list[str] = []
    for closing, name in _TAG.findall(html):
        if not closing:
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    return not opened
