"""Buttons: labels that can be read and fit, and what they carry within each channel's bounds."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.campaign.capabilities import Capabilities, length
from bot.campaign.messages import Button, Choice, Copy, Link, Message, Words
from bot.campaign.visible import shows
from bot.content_files.checks.content import Checked
from bot.content_files.problems import Problem
from bot.wording import WordingError


def check(content: Checked) -> Iterator[Problem]:
    """Each button of each screen once."""
    seen: set[Button] = set()
    reported: set[tuple[str, str, str]] = set()
    for _, message in content.screens:
        yield from _crowd(content, message)
        for button in (button for row in message.buttons for button in row):
            if button in seen:
                continue
            seen.add(button)
            for language in content.texts:
                for text, remedy in _faults(content, button, language):
                    told = (button.label.key, language, text.split(":")[0])
                    if told not in reported:
                        reported.add(told)
                        yield content.in_text(language, button.label.key, text, remedy)


def _crowd(content: Checked, message: Message) -> Iterator[Problem]:
    count = sum(map(len, message.buttons))
    for able in content.channels:
        if count > able.buttons:
            yield content.in_text(
                content.campaign.languages[0],
                message.text.key,
                f"{count} buttons below this text",
                f"{able.channel} takes {able.buttons}",
            )


def _faults(content: Checked, button: Button, language: str) -> Iterator[tuple[str, str]]:
    try:
        label = content.strict(button.label, language, "plain")
    except WordingError:  # reported with the screens
        return
    if not any(sign.isalnum() and shows(sign) for sign in label):
        yield (
            f'the label "{label}" has no words',
            "add a word: a picture alone is read aloud as its name, or not at all",
        )
    if "\n" in label:
        yield "the label has several lines", "write it on one line"
    for able in content.channels:
        if able.length(label) > able.label:
            yield (
                f'label too long: "{label}" has {length(label)} characters',
                f"{able.label} fit on a phone",
            )
            break
    for able in content.channels:
        yield from _carried(content, button, language, able)


def _carried(
    content: Checked, button: Button, language: str, able: Capabilities
) -> Iterator[tuple[str, str]]:
    if isinstance(button, Choice) and len(button.data.encode()) > able.data:
        yield (
            f"the button carries more than {able.data} bytes: {button.data}",
            "use shorter ids in cases.yaml",
        )
    elif isinstance(button, Link):
        address = urlsplit(button.url)
        if address.scheme not in ("http", "https", "tg"):
            yield f"the button leads to no web address: {button.url}", "begin it with https://"
        elif address.scheme != "tg" and "." not in (address.hostname or ""):
            yield f"the button leads to no host on the web: {button.url}", "a host has a dot in it"
    elif isinstance(button, Copy):
        copied = _copied(content, button.text, language)
        if able.length(copied) > able.copy:
            yield (
                f"the button copies too much: {length(copied)} characters",
                f"{able.channel} takes {able.copy}",
            )
        elif not copied:
            yield "the button copies nothing", "write what it copies"


def _copied(content: Checked, text: str | Words, language: str) -> str:
    if isinstance(text, str):
        return text
    try:
        return content.strict(text, language, "plain")
    except WordingError as error:
        return error.key
