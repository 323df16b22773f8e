"""Every screen of every case in every language, against the bounds of every channel."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.campaign.capabilities import Capabilities
from bot.campaign.messages import Choice, Message, Rendered
from bot.campaign.screens import every_screen
from bot.channels.registered import ALL
from bot.channels.terminal.capabilities import TERMINAL
from tests.shipped import shipped
from tests.telegram_html import parse

CONTENT = Path(__file__).parent.parent / "content"
ADDRESS = re.compile(r"https?://\S+")
CAMPAIGN, WORDING = shipped()
SCREENS = list(every_screen(CAMPAIGN))


def shown(language: str, channel: Capabilities) -> list[tuple[str, Rendered]]:
    return [(way, WORDING.render(message, language, channel.markup)) for way, message in SCREENS]


@pytest.mark.parametrize(
    "channel", [one for one in ALL if one.is_roomy], ids=lambda channel: channel.channel
)
@pytest.mark.parametrize("language", CAMPAIGN.languages)
def test_every_screen_fits(language: str, channel: Capabilities) -> None:
    for way, screen in shown(language, channel):
        text = parse(screen.text).text if channel.markup == "html" else screen.text
        whole = f"{text}\n\n{screen.block}" if screen.block else text
        assert 0 < channel.length(whole) <= channel.text, way
        assert sum(len(row) for row in screen.buttons) <= channel.buttons, way
        for button in (button for row in screen.buttons for button in row):
            assert 0 < channel.length(button.label) <= channel.label, (way, button.label)
            assert len(button.data.encode()) <= channel.data, (way, button.data)
            assert channel.length(button.copy) <= channel.copy, (way, button.label)
            carried = (button.data, button.url, button.copy, button.card)
            assert [bool(one) for one in carried].count(True) == 1, way
            assert button.url.startswith(("http://", "https://", "tg://", "")), way


def test_every_screen_has_a_way_on() -> None:
    for way, message in SCREENS:
        if way.startswith(("CalledInGroup", "/start")):
            continue
        assert any(isinstance(button, Choice) for row in message.buttons for button in row), way


def test_every_screen_asks_one_question_at_most() -> None:
    for language in CAMPAIGN.languages:
        for way, screen in shown(language, TERMINAL):
            said = ADDRESS.sub("", screen.text)
            assert said.count("?") <= 1, (way, language)


def test_a_walk_sees_the_letters_the_petition_and_the_closed_cases() -> None:
    keys = {message.text.key for _, message in SCREENS}
    assert {
        "letter.ready",
        "letter.careful",
        "petition.screen",
        "petition.already.counted",
        "petition.withdrawn",
        "actions.closed",
        "surprises.apology",
    } <= keys
    assert all(isinstance(message, Message) for _, message in SCREENS)
