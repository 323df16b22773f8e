"""The Bot API server of the tests says no where Telegram does, in Telegram's words."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.telegram_control import ServerProcess
from tests.telegram_html import BadMarkup, parse
from tests.telegram_rules import Flood
from tests.telegram_server import TOKEN, TelegramServer


class Client:
    """Asks the server as a library would: a form for every call."""

    def __init__(self, server: TelegramServer, session: aiohttp.ClientSession) -> None:
        self.server = server
        self._session = session

    async def ask(self, method: str, token: str = TOKEN, **params: Any) -> dict[str, Any]:
        form = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in params.items()
        }
        async with self._session.post(f"{self.server.root}/bot{token}/{method}", data=form) as got:
            return {"status": got.status, **await got.json()}

    async def refusal(self, method: str, **params: Any) -> str:
        answer = await self.ask(method, **params)
        assert not answer["ok"], answer
        return f"{answer['error_code']} {answer['description']}"

    async def say(self, text: str, **params: Any) -> str:
        return await self.refusal("sendMessage", chat_id=77, text=text, **params)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with TelegramServer() as server, aiohttp.ClientSession() as session:
        server.text(77, "Bonjour")
        yield Client(server, session)


def keyboard(**button: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "Suite", **button}]]}


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<b>Mamat</b> &amp; <i>Akber</i>", "Mamat & Akber"),
        ('<a href="https://amnesty.fr">ici</a>', "ici"),
        ("<pre>une\nlettre</pre>", "une\nlettre"),
        ("  &lt;b&gt; &#233;&#xe9; ", "<b> éé"),
        ("<span class='tg-spoiler'>x</span><blockquote expandable>y</blockquote>", "xy"),
    ],
)
def test_markup_is_taken_out_of_the_text(html: str, text: str) -> None:
    assert parse(html).text == text


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ("<b>Mamat", 'Can\'t find end tag corresponding to start tag "b"'),
        ("é<div>x</div>", 'Unsupported start tag "div" at byte offset 2'),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("5 < 6", 'Unsupported start tag "" at byte offset 2'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_wrong_markup_is_refused(html: str, problem: str) -> None:
    with pytest.raises(BadMarkup) as raised:
        parse(html)
    assert str(raised.value) == problem


def test_entities_are_counted_in_utf16_units() -> None:
    assert parse("🎲<b>é</b>").entities == [{"type": "bold", "offset": 2, "length": 1}]


def test_what_telegram_lets_pass_but_nobody_means_is_noted() -> None:
    assert parse("a&nbsp;b").doubts
    assert parse('<a href="mailto:a@b.org">x</a>').doubts


async def test_texts_are_held_to_their_limits(client: Client) -> None:
    assert await client.say("") == "400 Bad Request: message text is empty"
    assert await client.say("<b> </b>", parse_mode="HTML") == (
        "400 Bad Request: message text is empty"
    )
    assert await client.say("🎲" * 2049) == "400 Bad Request: message is too long"
    assert (await client.ask("sendMessage", chat_id=77, text="🎲" * 2048))["ok"]
    assert "can't parse entities" in await client.say("<b>x", parse_mode="HTML")


@pytest.mark.parametrize(
    ("button", "problem"),
    [
        ({"callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"copy_text": {"text": "x" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"url": "http://localhost:8080/x"}, "Wrong HTTP URL"),
        ({"url": "tel:+33123"}, "Wrong HTTP URL"),
        ({"url": "ftp://a.org"}, "Unsupported URL protocol"),
        ({}, "Text buttons are unallowed"),
        ({"text": " ", "callback_data": "x"}, "BUTTON_TEXT_INVALID"),
    ],
)
async def test_impossible_buttons_are_refused(
    client: Client, button: dict[str, Any], problem: str
) -> None:
    assert problem in await client.say("x", reply_markup=keyboard(**button))


async def test_good_buttons_pass(client: Client) -> None:
    for button in (
        {"callback_data": "x" * 64},
        {"copy_text": {"text": "é" * 256}},
        {"url": "https://www.amnesty.fr/agir?x=1#y"},
        {"url": "tg://resolve?domain=x"},
    ):
        markup = keyboard(**button)
        assert (await client.ask("sendMessage", chat_id=77, text="x", reply_markup=markup))["ok"]
    assert not client.server.violations


async def test_a_mailto_button_passes_and_is_a_violation(client: Client) -> None:
    markup = keyboard(url="mailto:a@b.org")
    assert (await client.ask("sendMessage", chat_id=77, text="x", reply_markup=markup))["ok"]
    assert "mailto" in client.server.violations[0]


async def test_strangers_and_those_who_left_cannot_be_written_to(client: Client) -> None:
    server = client.server
    assert await client.refusal("sendMessage", chat_id=5, text="x") == (
        "400 Bad Request: chat not found"
    )
    server.block(77)
    assert await client.say("x") == "403 Forbidden: bot was blocked by the user"
    server.start(77)
    assert (await client.ask("sendMessage", chat_id=77, text="x"))["ok"]
    server.vanish(77)
    assert await client.say("x") == "403 Forbidden: user is deactivated"


async def test_only_what_changed_can_be_edited_and_only_what_is_there(client: Client) -> None:
    sent = await client.ask("sendMessage", chat_id=77, text="a", reply_markup=keyboard(url="a.fr"))
    message = {"chat_id": 77, "message_id": sent["result"]["message_id"]}
    again = await client.refusal(
        "editMessageText", **message, text="a", reply_markup=keyboard(url="a.fr")
    )
    assert "message is not modified" in again
    assert (await client.ask("editMessageText", **message, text="b"))["ok"]
    shown = client.server.last(77)
    assert (shown.text, shown.edited, shown.labels) == ("b", True, [])
    unknown = await client.refusal("editMessageText", chat_id=77, message_id=999, text="b")
    assert unknown == "400 Bad Request: message to edit not found"
    theirs = await client.refusal("editMessageText", chat_id=77, message_id=1, text="b")
    assert theirs == "400 Bad Request: message can't be edited"
    assert (await client.ask("deleteMessage", **message))["ok"]
    assert not client.server.chat(77)


async def test_a_message_can_be_copied(client: Client) -> None:
    sent = await client.ask("sendMessage", chat_id=77, text="a")
    client.server.text(78, "Bonjour")
    source = {"from_chat_id": 77, "message_id": sent["result"]["message_id"]}
    assert (await client.ask("copyMessage", chat_id=78, **source))["ok"]
    assert client.server.last(78).text == "a"


async def test_a_press_wants_an_answer_once(client: Client) -> None:
    server = client.server
    await client.ask("sendMessage", chat_id=77, text="a", reply_markup=keyboard(callback_data="x"))
    query = server.press(77, "Suite")["callback_query"]["id"]
    assert server.violations == [f"callback query {query} unanswered"]
    assert (await client.ask("answerCallbackQuery", callback_query_id=query))["ok"]
    assert not server.violations
    assert "query is too old" in await client.refusal(
        "answerCallbackQuery", callback_query_id=query
    )
    with pytest.raises(AssertionError, match=r"no button 'Retour'.*Suite"):
        server.press(77, "Retour")


async def test_updates_stay_until_a_higher_offset_confirms_them(client: Client) -> None:
    server = client.server
    server.text(77, "encore")
    first = (await client.ask("getUpdates"))["result"]
    again = (await client.ask("getUpdates", limit=1))["result"]
    assert len(first) == 2
    assert again == first[:1]
    rest = (await client.ask("getUpdates", offset=first[0]["update_id"] + 1))["result"]
    assert rest == first[1:]
    assert server.confirmed == [first[0]["update_id"]]


async def test_a_long_poll_ends_with_the_next_update_or_its_time(client: Client) -> None:
    await client.ask("getUpdates", offset=2000)
    began = time.monotonic()
    assert (await client.ask("getUpdates", offset=2000, timeout=0.2))["result"] == []
    assert time.monotonic() - began >= 0.2
    waiting = asyncio.create_task(client.ask("getUpdates", timeout=90))
    await asyncio.sleep(0.05)
    client.server.text(77, "encore")
    assert len((await asyncio.wait_for(waiting, 60))["result"]) == 1


async def test_of_two_pollers_the_first_is_sent_away(client: Client) -> None:
    await client.ask("getUpdates", offset=2000)
    first = asyncio.create_task(client.ask("getUpdates", timeout=90))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(client.ask("getUpdates", timeout=0.1))
    assert (await first)["error_code"] == 409
    assert (await second)["ok"]


async def test_updates_of_unwanted_kinds_do_not_come(client: Client) -> None:
    await client.ask("getUpdates", offset=2000, allowed_updates=["message"])
    client.server.block(77)
    client.server.text(77, "encore")
    assert len((await client.ask("getUpdates"))["result"]) == 1


async def test_wrong_tokens_and_methods_are_told_apart(client: Client) -> None:
    assert (await client.ask("getMe", token=TOKEN[:-1] + "X"))["status"] == 401
    assert (await client.ask("getMe", token="nonsense"))["status"] == 404
    assert (await client.ask("getTea"))["status"] == 404


async def test_flood_limits_refuse_until_the_time_told(client: Client) -> None:
    client.server.flood = Flood(overall=100, per_chat=1, chat_burst=2)
    for _ in range(2):
        assert (await client.ask("sendMessage", chat_id=77, text="x"))["ok"]
    refused = await client.ask("sendMessage", chat_id=77, text="x")
    assert (refused["status"], refused["parameters"]) == (429, {"retry_after": 1})
    await asyncio.sleep(1.05)
    assert (await client.ask("sendMessage", chat_id=77, text="x"))["ok"]
    assert client.server.flood.refused == 1


async def test_faults_come_as_often_as_asked_for(client: Client) -> None:
    server = client.server
    server.fault("sendMessage", "fail", times=2, status=502)
    assert [(await client.ask("sendMessage", chat_id=77, text="x"))["status"] for _ in "abc"] == [
        502,
        502,
        200,
    ]
    server.fault("sendMessage", "flood", seconds=7)
    assert "retry after 7" in await client.say("x")
    server.fault("sendMessage", "drop before")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.say("x")
    assert len(server.chat(77)) == 1
    server.fault("sendMessage", "drop after")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.say("x")
    assert len(server.chat(77)) == 2
    server.fault("*", "slow", seconds=0.1, chat=78)
    assert server.asked("sendMessage")[-1].status == 0


async def test_the_server_comes_back_on_the_same_port_with_its_state(client: Client) -> None:
    root = client.server.root
    await client.server.close()
    with pytest.raises(aiohttp.ClientConnectorError):
        await client.ask("getMe")
    await client.server.open()
    assert client.server.root == root
    assert len((await client.ask("getUpdates"))["result"]) == 1


def test_as_a_process_it_is_led_over_http() -> None:
    with ServerProcess() as server:
        server.call("load", count=3, text="Bonjour")
        assert server.call("figures")["waiting"] == 3
        server.call("fault", method="sendMessage", kind="slow", seconds=1)
        with pytest.raises(AssertionError, match="no button"):
            server.call("press", chat=100_000, wanted="Suite")
        with pytest.raises(AssertionError, match="no verb tea"):
            server.call("tea")
