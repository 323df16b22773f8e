"""What the campaign says becomes messages on Telegram, and each send has a result."""

from __future__ import annotations

import asyncio
import logging
import random
import traceback
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import TelegramError

from bot.campaign.channel import Lane, Made, Refused, Result, Sent, Unknown
from bot.campaign.events import Chose
from bot.campaign.inline import RenderedCard
from bot.campaign.messages import Rendered, RenderedButton
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.events import parse
from bot.channels.telegram.request import form
from tests.telegram_rules import Flood
from tests.telegram_server import TOKEN, TelegramServer


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        server.text(77, "Bonjour")
        yield server


@pytest.fixture
async def channel(server: TelegramServer) -> AsyncIterator[TelegramChannel]:
    base_url = f"{server.root}/bot"
    async with TelegramChannel(TOKEN, base_url=base_url, read_timeout=0.5) as channel:
        yield channel


def says(text: str, **more: Any) -> Rendered:
    return Rendered(text, "fr", **more)


async def send(
    channel: TelegramChannel, message: Rendered | str, *made: Made, chat: int = 77
) -> Result:
    message = says(message) if isinstance(message, str) else message
    return await channel.send(str(chat), message, made, Lane.CONVERSATION)


async def test_a_press_names_the_message_whose_button_it_was(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    sent = await send(channel, says("a", buttons=((RenderedButton("Suite", data="x"),),)))
    event = parse(server.press(77, "Suite"), "campagne_test_bot")
    assert isinstance(event, Chose)
    assert isinstance(sent, Sent)
    assert (event.data, event.on) == ("x", sent.ref)


# -- messages ---------------------------------------------------------------------------------


async def test_a_message_arrives_with_markup_block_and_buttons(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    buttons = (
        (RenderedButton("Suite", data="story:mamat:2"), RenderedButton("Agir", data="act")),
        (RenderedButton("Sur X", url="https://x.com/intent/post?text=a%20b&c=d"),),
        (RenderedButton("Copier", copy="Monsieur le Président"),),
    )
    text = "<b>Mamat</b> a dit : « 5 &lt; 6 &amp; + ; % é 🎲 »\nvoilà"
    result = await send(channel, says(text, block="<tapez> & copiez", buttons=buttons))
    shown = server.last(77)
    assert result == Sent(str(shown.id))
    assert shown.text == "Mamat a dit : « 5 < 6 & + ; % é 🎲 »\nvoilà\n\n<tapez> & copiez"
    assert shown.html.endswith("<pre>&lt;tapez&gt; &amp; copiez</pre>")
    assert shown.labels == ["Suite", "Agir", "Sur X", "Copier"]
    assert shown.button("Copier") == {
        "text": "Copier",
        "copy_text": {"text": "Monsieur le Président"},
    }
    params = server.asked("sendMessage")[0].params
    assert orjson.loads(params["link_preview_options"]) == {"is_disabled": True}
    assert not server.violations


async def test_a_card_is_passed_on_into_a_chat_that_is_chosen(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    button = RenderedButton("Choisir", card="mamat")
    assert RenderedButton(*button.as_json()) == button
    await send(channel, says("Mamat", buttons=((button,),)))
    shown = server.last(77).button("Choisir")
    assert shown is not None
    chosen = shown["switch_inline_query_chosen_chat"]
    assert chosen == {
        "query": "mamat",
        "allow_user_chats": True,
        "allow_group_chats": True,
        "allow_channel_chats": True,
    }


@pytest.mark.parametrize(
    ("data", "style"),
    [("sign:freedom", "primary"), ("actions:mamat", "primary"), ("story:mamat:2", None)],
)
async def test_the_way_to_an_act_is_set_off_from_the_other_buttons(
    server: TelegramServer, channel: TelegramChannel, data: str, style: str | None
) -> None:
    rows = ((RenderedButton("Premier", data=data),), (RenderedButton("Signer", data="sign:x"),))
    await send(channel, says("Mamat", buttons=rows))
    first, second = (server.last(77).button(label) for label in ("Premier", "Signer"))
    assert first is not None
    assert first.get("style") == style
    assert second == {"text": "Signer", "callback_data": "sign:x"}


async def test_a_card_for_another_chat_shows_its_picture_above_its_words(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    async def cards(asked: object) -> list[RenderedCard]:
        told = {"title": "Mamat", "about": "…", "text": "<b>Mamat</b>", "label": "Lire"}
        link = "https://t.me/bot?start=mamat"
        web = "https://agir.example.org/cards"
        return [
            RenderedCard(
                "mamat",
                **told,
                url=link,
                picture=f"{web}/mamat.png",
                tile=f"{web}/mamat-square.png",
            )
        ]

    channel.cards = cards
    person = {"id": 77, "is_bot": False, "first_name": "A"}
    channel.acknowledge({"inline_query": {"id": "q", "from": person, "query": "", "offset": ""}})
    await server.until(lambda: server.calls["answerInlineQuery"] > 0, 10, "cards to be shown")
    (asked,) = server.asked("answerInlineQuery")
    assert asked.status == 200
    results = asked.params["results"]
    (card,) = orjson.loads(results) if isinstance(results, str) else results
    assert card["thumbnail_url"].endswith("/cards/mamat-square.png")
    preview = card["input_message_content"]["link_preview_options"]
    assert preview["url"].endswith("/cards/mamat.png")
    assert preview["show_above_text"] is True


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_any_text_arrives_as_it_was(parameters: dict[str, str]) -> None:
    body = form(parameters).decode("ascii")
    assert dict(parse_qsl(body, keep_blank_values=True)) == parameters


async def test_half_a_character_is_left_out(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    assert isinstance(await send(channel, "ab\ud800c"), Sent)
    assert server.last(77).text == "abc"


async def test_a_screen_is_changed_in_place(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    first = await send(channel, "1/7")
    assert isinstance(first, Sent)
    assert await send(channel, says("2/7", replaces=first.ref)) == first
    assert [(shown.text, shown.edited) for shown in server.chat(77)] == [("2/7", True)]


async def test_changing_a_screen_to_itself_is_a_success(channel: TelegramChannel) -> None:
    first = await send(channel, "1/7")
    assert isinstance(first, Sent)
    assert await send(channel, says("1/7", replaces=first.ref)) == first


async def test_a_screen_that_cannot_be_changed_is_sent_anew(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    file = await send(channel, "lettre", Made("a.pdf", "application/pdf", b"%PDF"))
    assert isinstance(file, Sent)
    for gone in ("999", "1", file.ref, "not-a-number"):
        result = await send(channel, says(f"au lieu de {gone}", replaces=gone))
        assert isinstance(result, Sent)
        assert result.ref != gone
        assert server.last(77).text == f"au lieu de {gone}"


async def test_a_document_carries_its_text_and_buttons(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    made = Made("Lettre « été ».eml", "message/rfc822", b"To: x\r\n\r\n" * 200_000)
    buttons = ((RenderedButton("Fait", data="x"),),)
    assert isinstance(await send(channel, says("<b>Voici</b>", buttons=buttons), made), Sent)
    shown = server.last(77)
    assert shown.file is not None
    assert (shown.file.name, shown.file.content) == (made.name, made.content)
    assert (shown.text, shown.labels) == ("Voici", ["Fait"])
    assert [asked.method for asked in server.requests] == ["sendDocument"]


async def test_a_picture_is_shown_and_a_long_text_follows_its_files(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    made = (Made("a.png", "image/png", b"\x89PNG..."), Made("a.pdf", "application/pdf", b"%PDF"))
    buttons = ((RenderedButton("Fait", data="x"),),)
    result = await send(channel, says("é" * 1025, buttons=buttons), *made)
    assert [asked.method for asked in server.requests] == [
        "sendPhoto",
        "sendDocument",
        "sendMessage",
    ]
    assert result == Sent(str(server.last(77).id))
    assert server.last(77).labels == ["Fait"]


async def test_a_picture_that_telegram_cannot_read_goes_as_a_document(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    assert isinstance(await send(channel, "voici", Made("a.png", "image/png", b"not one")), Sent)
    assert [asked.status for asked in server.requests] == [400, 200]
    assert server.last(77).text == "voici"


async def test_markup_does_not_count_for_the_length_of_a_caption(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    text = "<b>" + "&amp;" * 1024 + "</b>"
    assert isinstance(await send(channel, text, Made("a", "text/plain", b"x")), Sent)
    assert len(server.requests) == 1


async def test_being_busy_is_shown_and_its_failure_does_not_matter(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    await channel.busy("77")
    await channel.busy("5")
    server.fault("sendChatAction", "drop before")
    await channel.busy("77")
    assert [asked.status for asked in server.asked("sendChatAction")] == [200, 400, 0]


# -- results ----------------------------------------------------------------------------------


async def test_who_blocked_the_bot_or_left_is_gone(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    gone = Refused("blocked or gone", permanent=True, gone=True)
    server.block(77)
    assert await send(channel, "x") == gone
    assert await send(channel, says("x", replaces="1")) == gone
    server.unblock(77)
    server.vanish(77)
    assert await send(channel, "x") == gone
    assert await send(channel, "x", chat=5) == Refused("chat not found", permanent=True, gone=True)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (says("é" * 4097), "too long"),
        (says("<b>secret"), "markup refused"),
        (says(""), "empty text"),
        (says("x", buttons=((RenderedButton("x", data="y" * 65),),)), "button refused"),
        (says("x", buttons=((RenderedButton("x", url="http://localhost"),),)), "button refused"),
        (
            says("x", buttons=((RenderedButton("x\ud800", data="y"),),)),
            "text is not valid unicode",
        ),
    ],
)
async def test_what_telegram_will_never_take_is_refused_for_good(
    channel: TelegramChannel, message: Rendered, reason: str
) -> None:
    assert await send(channel, message) == Refused(reason, permanent=True)


async def test_a_flood_says_how_long_to_wait(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    server.fault("sendMessage", "flood", seconds=17)
    assert await send(channel, "x") == Refused("flood limit", retry_after=17.0)
    server.flood = Flood(overall=1, burst=1)
    assert isinstance(await send(channel, "x"), Sent)
    assert await send(channel, "x") == Refused("flood limit", retry_after=1.0)


async def test_a_server_error_may_be_tried_again(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    server.fault("sendMessage", "fail", status=503)
    assert await send(channel, "x") == Refused("Telegram is unavailable")
    assert not server.chat(77)


@pytest.mark.parametrize(("fault", "arrived"), [("drop before", 0), ("drop after", 1), ("mute", 1)])
async def test_a_lost_answer_is_unknown_whether_it_arrived_or_not(
    server: TelegramServer, channel: TelegramChannel, fault: str, arrived: int
) -> None:
    server.fault("sendMessage", fault)
    assert await send(channel, "x") == Unknown("no answer")
    assert len(server.chat(77)) == arrived
    assert isinstance(await send(channel, "x"), Sent)


async def test_a_connection_that_never_opened_is_no_unknown(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    await send(channel, "x")
    await server.close()
    await asyncio.sleep(0.05)
    assert await send(channel, "x") == Refused("no connection")
    await server.open()
    assert isinstance(await send(channel, "x"), Sent)


async def test_a_closed_channel_sends_nothing_and_says_so(server: TelegramServer) -> None:
    channel = TelegramChannel(TOKEN, base_url=f"{server.root}/bot")
    assert await send(channel, "x") == Refused("no connection")


async def test_a_wrong_token_does_not_use_a_message_up(server: TelegramServer) -> None:
    wrong = "999999:A-token-that-nobody-ever-gave-to-this-bot"
    async with TelegramChannel(wrong, base_url=f"{server.root}/bot") as channel:
        assert await send(channel, "x") == Refused("token refused")


async def test_a_conversation_does_not_wait_for_a_broadcast(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    server.text(78, "Bonjour")
    server.fault("sendMessage", "slow", seconds=2, times=None, chat=78)
    broadcast = [
        asyncio.create_task(channel.send("78", says("x"), (), Lane.BROADCAST)) for _ in range(100)
    ]
    await asyncio.sleep(0.05)
    assert isinstance(await send(channel, "x"), Sent)
    assert sum(task.done() for task in broadcast) < 60, "the last in one line would see 70 done"
    for task in broadcast:
        task.cancel()
    await asyncio.gather(*broadcast, return_exceptions=True)


# -- the rest ---------------------------------------------------------------------------------


async def test_menus_are_set_by_language_and_place_and_only_where_they_changed(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    private = {"fr": [("aide", "De l’aide")], "en": [("help", "Help")]}
    groups = {"fr": [("aide", "De l’aide")]}
    await channel.set_commands({"fr": private["fr"]}, groups, "fr")
    await channel.set_commands(private, groups, "fr")
    shown = {place: [entry["command"] for entry in menu] for place, menu in server.menus.items()}
    assert shown == {
        ("all_private_chats", ""): ["aide"],
        ("all_private_chats", "fr"): ["aide"],
        ("all_private_chats", "en"): ["help"],
        ("all_group_chats", ""): ["aide"],
        ("all_group_chats", "fr"): ["aide"],
    }
    assert server.calls["setMyCommands"] == 5


async def test_the_profile_is_set_by_language_and_only_where_it_changed(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    server.about["name", ""] = "As the operator called it"
    profiles = {
        "fr": {"description": "Agir", "short_description": "Court"},
        "en": {"description": "Act", "short_description": "Short"},
    }
    await channel.set_profile(profiles, "fr")
    assert server.about == {
        ("name", ""): "As the operator called it",
        ("description", ""): "Agir",
        ("short_description", ""): "Court",
        ("description", "en"): "Act",
        ("short_description", "en"): "Short",
    }
    await channel.set_profile(profiles, "fr")
    assert (server.calls["setMyDescription"], server.calls["setMyName"]) == (2, 0)
    await channel.set_profile({"fr": {"name": "Agir", **profiles["fr"]}}, "fr")
    assert server.about["name", ""] == "Agir"
    assert (server.calls["setMyDescription"], server.calls["setMyName"]) == (2, 1)


async def test_a_press_is_acknowledged_at_once_and_a_failure_is_made_good(
    server: TelegramServer, channel: TelegramChannel
) -> None:
    channel.acknowledge(server.forge(77, "x"))
    await server.until(lambda: not server.unanswered)
    server.fault("answerCallbackQuery", "fail")
    channel.acknowledge(server.forge(77, "x"))
    await server.until(lambda: not server.unanswered)
    channel.acknowledge(server.text(77, "pas un bouton"))
    assert server.calls["answerCallbackQuery"] == 3


async def test_the_token_is_in_no_log_and_no_error(
    server: TelegramServer,
    channel: TelegramChannel,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    said: list[str] = []
    faults = ["drop before", "drop after", "mute", "fail", "flood"]
    for fault in random.Random(1).sample(faults, len(faults)):
        server.fault("getUpdates", fault, seconds=3)
        with pytest.raises(TelegramError) as raised:
            await channel.updates(None, -9.8)
        said += traceback.format_exception(raised.value)
        assert raised.value.__cause__ is None
        assert raised.value.__context__ is None
    await server.close()
    with pytest.raises(TelegramError) as raised:
        await channel.introduce()
    said += traceback.format_exception(raised.value)
    async with TelegramChannel(TOKEN, base_url="http://a host/bot") as nowhere:
        assert await send(nowhere, "x") == Refused("no connection")
    seen = "".join([*said, caplog.text, *capfd.readouterr(), repr(channel)])
    assert TOKEN not in seen
    assert TOKEN.split(":")[1] not in seen
