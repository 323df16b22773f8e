"""Every screen in every language on every channel: can it be rendered, and does it fit?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from bot.campaign.capabilities import Capabilities
from bot.campaign.light_html import without_markup
from bot.campaign.messages import Markup, Message
from bot.campaign.screen_parts import parts
from bot.campaign.visible import shows
from bot.content_files.checks.content import Checked, nested_in, words_of
from bot.content_files.problems import Problem
from bot.wording import WordingError

BANNER = "banner.screen"
_GAP = 2
# The same template but for the names of tags: what is visible is as long, and compiled once.
_READS_LIKE: dict[Markup, Markup] = {"web": "html"}


def check(content: Checked) -> Iterator[Problem]:
    """All screens; a problem that many screens share is told once."""
    banners = (message.banner for _, message in content.screens)
    banner = next((one for one in banners if one and one.key == BANNER), None)
    reported: set[tuple[str, str, str]] = set()
    for way, message in content.screens:
        bannered = replace(message, banner=banner)  # any screen may be the first of an answer
        for language in content.texts:
            for able in content.channels:
                for key, spoken, kind, remedy in _faults(content, way, bannered, language, able):
                    told = (key, spoken, kind.split(":")[0])
                    if told not in reported and spoken in content.texts:
                        reported.add(told)
                        yield content.in_text(spoken, key, kind, remedy)


Fault = tuple[str, str, str, str]


def _faults(
    content: Checked, way: str, message: Message, language: str, able: Capabilities
) -> Iterator[Fault]:
    total = 0
    lent = content.wording.lent(message, language)
    for part in (message.banner, message.text, message.foot, lent):
        if part is None:
            continue
        try:
            text = content.strict(part, language, _READS_LIKE.get(able.markup, able.markup))
        except WordingError as error:
            if not content.explained(error):
                yield error.key, error.language, f"cannot be filled in: {error.reason}", ""
            return
        if not shows(without_markup(text)):
            said = part.language or language
            yield part.key, said, "shows nothing", "write a text that no placeholder leaves empty"
        total += visible_length(text, able, able.text) + _GAP
    for piece in message.block:
        try:
            total += able.length(content.strict(piece, language, "plain")) + _GAP
        except WordingError as error:
            if not content.explained(error):
                yield error.key, error.language, f"cannot be filled in: {error.reason}", ""
            return
    total -= _GAP
    most = able.text
    # What fits in the narrowest of its messages needs no laying out: most screens.
    if not able.is_roomy and total > min(able.text, *(one.text or most for one in able.choices)):
        total, most = _longest_message(content, message, language, able)
    if total > most:
        key, spoken = _longest_part(content, message, language)
        kind = f"too long: {total} characters on the screen {message.text.key}"
        yield key, spoken, kind, f"{able.channel} takes {most}; the way there: {way}"


def _longest_message(
    content: Checked, message: Message, language: str, able: Capabilities
) -> tuple[int, int]:
    """Of the messages that the channel makes of the screen: how long the one is that goes furthest
    beyond what it takes, and how much that is."""
    try:
        rendered = content.wording.render(message, language, able.markup, say=content.strict)
    except WordingError:  # a label, reported with the buttons
        return 0, 0
    found = [(0, 0)]
    for part in parts(rendered, able, {"more": "…", "rest": "…"}):
        most = min(able.text, part.form.text or able.text) if part.form else able.text
        markup = "plain" if part.plain else able.markup
        text = part.text if markup == "plain" else without_markup(part.text)
        found.append((able.length(text), most))
    return max(found, key=lambda one: one[0] - one[1])


def _longest_part(content: Checked, message: Message, language: str) -> tuple[str, str]:
    """The key and language of the longest text that holds no other: the one to shorten."""
    lengths: dict[tuple[str, str], int] = {}
    for spoken in words_of(message, labels=False):
        if not any(True for _ in nested_in(spoken)):
            with suppress(WordingError):
                said = content.strict(spoken, language, "plain")
                lengths[spoken.key, spoken.language or language] = len(said)
    return max(lengths, key=lambda part: lengths[part], default=(message.text.key, language))


def visible_length(text: str, able: Capabilities, most: int) -> int:
    """How long the text is once its markup is parsed; a bound where it is far from ``most``."""
    if len(text) * 2 <= most // 2:
        return len(text)
    if able.markup != "plain":
        text = without_markup(text)
    return able.length(text)
