"""Buttons: labels that can be read and fit, and what they carry within each channel's bounds."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.campaign.capabilities import Capabilities
from bot.campaign.layout import lay_out
from bot.campaign.messages import (
    Button,
    Choice,
    Copy,
    Link,
    Message,
    PassOn,
    RenderedButton,
    Rows,
    Words,
)
from bot.campaign.visible import shows
from bot.content_files.checks.content import Checked
from bot.content_files.problems import Problem
from bot.wording import WordingError

_PHONE = 40
"""Labels that are longer do not fit on a phone either: the label itself is to be shorter."""


def check(content: Checked) -> Iterator[Problem]:
    """Each button of each screen once."""
    seen: set[Button] = set()
    laid_out: set[Rows] = set()
    reported: set[tuple[str, str, str]] = set()
    for _, message in content.screens:
        yield from _crowd(content, message)
        if message.buttons not in laid_out:
            laid_out.add(message.buttons)
            for language in content.texts:
                for key, text, remedy in _laid_out(content, message.buttons, language):
                    told = (key, language, text.split(":")[0])
                    if told not in reported:
                        reported.add(told)
                        yield content.in_text(language, key, text, remedy)
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


def _laid_out(content: Checked, rows: Rows, language: str) -> Iterator[tuple[str, str, str]]:
    """What does not fit in the form in which a channel lays these buttons out: the key of the
    label, the fault and the remedy."""
    try:
        rendered = tuple(
            tuple(_rendered(content, button, language) for button in row) for row in rows
        )
    except WordingError:  # reported with the screens
        return
    # Which label it is: what is laid out has another one where its short form stands.
    keys = {_same(one): one_of.label.key for one, one_of in _pairs(rendered, rows)}
    for able in content.channels:
        layout = lay_out(rendered, able)
        below = [button for page in layout.pages for row in page for button in row]
        for button in (*below, *layout.links):
            most = able.label if button in layout.links else layout.form.label
            if able.length(button.label) > most:
                found = f'"{button.label}" has {able.length(button.label)} characters'
                where = "a phone" if most >= _PHONE else f"{able.channel}: give it a short form"
                yield keys[_same(button)], f"label too long: {found}", f"{most} fit on {where}"
            if len(button.data.encode()) > layout.form.data:
                yield (
                    keys[_same(button)],
                    f"the button carries more than {layout.form.data} bytes: {button.data}",
                    "use shorter ids in cases.yaml",
                )


def _rendered(content: Checked, button: Button, language: str) -> RenderedButton:
    label = content.strict(button.label, language, "plain")
    short = content.wording.short(button.label, language, content.strict)
    match button:
        case Choice(data=data):
            return RenderedButton(label, data=data, short=short)
        case Link(url=url):
            return RenderedButton(label, url=url, short=short)
        case Copy(text=text):
            return RenderedButton(label, copy=_copied(content, text, language), short=short)
        case PassOn(card=card):
            return RenderedButton(label, card=card, short=short)


def _pairs(
    rendered: tuple[tuple[RenderedButton, ...], ...], rows: Rows
) -> Iterator[tuple[RenderedButton, Button]]:
    for shown, row in zip(rendered, rows, strict=True):
        yield from zip(shown, row, strict=True)


def _same(button: RenderedButton) -> tuple[str, ...]:
    return button.data, button.url, button.copy, button.card


def _crowd(content: Checked, message: Message) -> Iterator[Problem]:
    count = sum(map(len, message.buttons))
    for able in content.channels:
        if count > able.buttons and not any(one.form == "list" for one in able.choices):
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
        yield from _carried(content, button, language, able)


def _carried(
    content: Checked, button: Button, language: str, able: Capabilities
) -> Iterator[tuple[str, str]]:
    if isinstance(button, Link):
        address = urlsplit(button.url)
        if address.scheme not in ("http", "https", "tg"):
            yield f"the button leads to no web address: {button.url}", "begin it with https://"
        elif address.scheme != "tg" and "." not in (address.hostname or ""):
            yield f"the button leads to no host on the web: {button.url}", "a host has a dot in it"
    elif isinstance(button, Copy):
        copied = _copied(content, button.text, language)
        if able.copy and able.length(copied) > able.copy:
            yield (
                f"the button copies too much: {able.length(copied)} characters",
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
