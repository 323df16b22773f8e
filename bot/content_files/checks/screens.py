"""Every screen in every language on every channel: can it be rendered, and does it fit?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

from bot.campaign.limits import ALL, Limits, length
from bot.campaign.messages import Message, Words
from bot.content_files.checks.content import Checked
from bot.content_files.checks.links import left_over
from bot.content_files.problems import Problem
from bot.wording import WordingError

_TAG = re.compile(r"<(/?)([a-z]+)[^>]*>")
_GAP = 2


def check(content: Checked) -> Iterator[Problem]:
    """All screens; a problem that many screens share is told once."""
    banner = next((message.banner for _, message in content.screens if message.banner), None)
    reported: set[tuple[str, str, str]] = set()
    for way, message in content.screens:
        bannered = replace(message, banner=banner)  # any screen may be the first of an answer
        for language in content.texts:
            for limits in ALL:
                for key, spoken, kind, remedy in _faults(content, way, bannered, language, limits):
                    told = (key, spoken, kind.split(":")[0])
                    if told not in reported and spoken in content.texts:
                        reported.add(told)
                        yield content.in_text(spoken, key, kind, remedy)


Fault = tuple[str, str, str, str]


def _faults(
    content: Checked, way: str, message: Message, language: str, limits: Limits
) -> Iterator[Fault]:
    total = 0
    parts = [message.text] if message.banner is None else [message.banner, message.text]
    for part in parts:
        try:
            text = content.strict(part, language, limits.markup)
        except WordingError as error:
            if not content.explained(error):
                yield error.key, error.language, f"cannot be filled in: {error.reason}", ""
            return
        yield from _markup(part, language, text, limits)
        total += visible_length(text, limits, limits.text) + _GAP
    for piece in message.block:
        try:
            total += length(content.strict(piece, language, "plain")) + _GAP
        except WordingError as error:
            if not content.explained(error):
                yield error.key, error.language, f"cannot be filled in: {error.reason}", ""
            return
    total -= _GAP
    if total > limits.text:
        remedy = f"{limits.channel} takes {limits.text}: shorten it, or what stands in it ({way})"
        yield message.text.key, language, f"too long: {total} characters", remedy


def _markup(part: Words, language: str, text: str, limits: Limits) -> Iterator[Fault]:
    if limits.markup == "plain":
        if sign := left_over(text):
            remedy = "close it, or put a backslash before it"
            yield part.key, language, f'the signs "{sign}" are shown as they are', remedy
    elif "<" in text and not _is_balanced(text):
        remedy = "let ** and * begin and end inside the same condition"
        yield part.key, language, "markup begins and ends in different conditions", remedy


def visible_length(text: str, limits: Limits, most: int) -> int:
    """How long the text is once its markup is parsed; a bound where it is far from ``most``."""
    if len(text) * 2 <= most // 2:
        return len(text)
    if limits.markup != "plain":
        text = unescape(_TAG.sub("", text))
    return length(text)


def _is_balanced(text: str) -> bool:
    opened: list[str] = []
    for closing, name in _TAG.findall(text):
        if not closing:
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    return not opened
