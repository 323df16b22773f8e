"""The picture of somebody at the head of their story: where it goes, and where it does not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.campaign.channel import Lane, Made, Sent
from bot.campaign.conversation import step
from bot.campaign.events import Chose, Started
from bot.campaign.messages import PICTURE, Attachment, Rendered
from bot.campaign.outcome import Outcome
from bot.campaign.pictures import with_room
from bot.campaign.supporter import Answers, Facts, Supporter
from bot.channels.telegram.capabilities import TELEGRAM
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.terminal.capabilities import TERMINAL
from bot.documents.making import Makers
from tests.shipped import content, shipped
from tests.telegram_server import TOKEN, TelegramServer

CAMPAIGN, _ = shipped()
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
AT = {"id": "1", "channel": "telegram", "address": "77", "language": "fr"}
MAMAT = Attachment(PICTURE, (("alt", ""), ("case", "mamat")))


def opened(supporter: Supporter) -> Outcome:
    return step(supporter, Started(**AT, payload="mamat"), Facts(), CAMPAIGN, NOW)


def pictures(outcome: Outcome) -> list[Attachment | None]:
    return [message.attachment for message in outcome.messages if message.attachment]


def test_a_link_to_somebody_opens_with_their_picture() -> None:
    assert pictures(opened(Supporter())) == [MAMAT]
    assert pictures(opened(Supporter(known=True))) == [MAMAT]


def test_a_step_that_takes_the_place_of_another_stays_text() -> None:
    pressed = Chose(**AT, data="story:mamat:1", on="5")
    outcome = step(Supporter(known=True), pressed, Facts(), CAMPAIGN, NOW)
    assert pictures(outcome) == []


def test_no_picture_lies_on_the_phone_of_whoever_could_be_harmed_by_it() -> None:
    careful = Supporter(known=True, answers=Answers(at_risk=True))
    assert pictures(opened(careful)) == []


def test_a_text_that_a_caption_does_not_hold_goes_without_its_picture() -> None:
    message = Rendered("<b>" + "&amp;" * 1024 + "</b>", "fr", attachment=MAMAT)
    assert with_room(message, TELEGRAM) is message
    long = replace(message, text=message.text + "é")
    assert with_room(long, TELEGRAM) == replace(long, attachment=None)
    assert with_room(replace(message, block="x"), TELEGRAM).attachment is None


def test_a_channel_without_pictures_gets_the_text() -> None:
    message = Rendered("Mamat", "fr", attachment=MAMAT)
    assert with_room(message, TERMINAL) == replace(message, attachment=None)
    asked_for = replace(message, attachment=Attachment("letter.pdf"))
    assert with_room(asked_for, TERMINAL) is asked_for


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        for chat in (77, 78):
            server.text(chat, "Bonjour")
        yield server


@pytest.fixture
async def channel(server: TelegramServer) -> AsyncIterator[TelegramChannel]:
    async with TelegramChannel(TOKEN, base_url=f"{server.root}/bot") as channel:
        yield channel


async def send(channel: TelegramChannel, chat: int, made: tuple[Made, ...]) -> None:
    message = Rendered("Mamat", "fr", attachment=MAMAT)
    assert isinstance(await channel.send(str(chat), message, made, Lane.CONVERSATION), Sent)


async def test_the_same_picture_travels_to_telegram_once(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    made = await Makers(lambda: content().now)(MAMAT, "fr")
    await send(channel, 77, made)
    await send(channel, 78, made)
    first, second = (server.last(chat) for chat in (77, 78))
    assert first.text == second.text == "Mamat"
    assert first.file is not None
    assert first.file is second.file
    assert [isinstance(one.params["photo"], str) for one in server.asked("sendPhoto")] == [
        False,
        True,
    ]


async def test_a_picture_that_telegram_does_not_know_any_more_is_sent_again(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    made = await Makers(lambda: content().now)(MAMAT, "fr")
    await send(channel, 77, made)
    server.files.clear()
    await send(channel, 78, made)
    assert server.last(78).text == "Mamat"
    assert [one.status for one in server.asked("sendPhoto")] == [200, 400, 200]
