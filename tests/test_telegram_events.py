"""What Telegram says becomes events, whatever it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.campaign.events import (
    Blocked,
    CalledInGroup,
    Chose,
    Commanded,
    Corrected,
    Event,
    Returned,
    Said,
    Showed,
    Started,
    Unreadable,
)
from bot.channels.telegram.events import parse, query_id
from tests.telegram_server import TelegramServer

BOT = "campagne_test_bot"
GROUP = -100500


def told(act: Callable[[TelegramServer], dict[str, Any]]) -> Event | None:
    return parse(act(TelegramServer()), BOT)


@pytest.mark.parametrize(
    ("act", "kind", "holds"),
    [
        (lambda s: s.start(77, "mamat_s-affiche"), Started, {"payload": "mamat_s-affiche"}),
        (lambda s: s.start(77), Started, {"payload": ""}),
        (lambda s: s.text(77, f"/start@{BOT} akber"), Started, {"payload": "akber"}),
        (lambda s: s.text(77, "/Help"), Commanded, {"name": "help", "rest": ""}),
        (
            lambda s: s.text(77, "/letter en\nplus"),
            Commanded,
            {"name": "letter", "rest": "en\nplus"},
        ),
        (lambda s: s.text(77, "Qui est Mamat ?"), Said, {"text": "Qui est Mamat ?"}),
        (lambda s: s.text(77, "/ non"), Said, {"text": "/ non"}),
        (lambda s: s.text(77, "/être"), Said, {"text": "/être"}),
        (lambda s: s.photo(77, "moi"), Showed, {"kind": "photo"}),
        (lambda s: s.show(77, "sticker"), Showed, {"kind": "sticker"}),
        (lambda s: s.show(77, "voice"), Showed, {"kind": "voice"}),
        (lambda s: s.show(77, "animation"), Showed, {"kind": "animation"}),
        (lambda s: s.show(77, "document"), Showed, {"kind": "document"}),
        (lambda s: s.forge(77, "story:mamat:3"), Chose, {"data": "story:mamat:3", "on": ""}),
        (lambda s: s.block(77), Blocked, {}),
        (lambda s: s.unblock(77), Returned, {}),
        (
            lambda s: s.group_command(GROUP, "/help"),
            CalledInGroup,
            {"name": "help", "bot_name": BOT, "address": str(GROUP)},
        ),
        (
            lambda s: s.group_command(GROUP, f"/cases@{BOT} x"),
            CalledInGroup,
            {"name": "cases", "address": str(GROUP)},
        ),
    ],
)
def test_what_a_supporter_does_is_an_event(
    act: Callable[[TelegramServer], dict[str, Any]], kind: type[Event], holds: dict[str, str]
) -> None:
    event = told(act)
    assert type(event) is kind
    expected = {"id": "1000", "channel": "telegram", "address": "77", "language": "fr"} | holds
    assert {name: getattr(event, name) for name in expected} == expected


@pytest.mark.parametrize(
    "act",
    [
        lambda s: s.group_command(GROUP, "Bonjour à tous"),
        lambda s: s.group_command(GROUP, "/help@some_other_bot"),
        lambda s: s.raw_update({"channel_post": {"message_id": 1}}),
        lambda s: s.raw_update({"poll": {"id": "1"}}),
        lambda s: s.raw_update({"message": message(pinned_message={})}),
        lambda s: s.raw_update({"callback_query": {"id": "1", "inline_message_id": "x"}}),
    ],
)
def test_what_expects_no_answer_is_nothing(
    act: Callable[[TelegramServer], dict[str, Any]],
) -> None:
    assert told(act) is None


def test_a_message_edited_later_is_a_correction() -> None:
    server = TelegramServer()
    written = server.text(77, "Lyo")
    edited = server.edit(77, written["message"]["message_id"], "Lyon")
    assert type(parse(edited, BOT)) is Corrected


def message(**content: Any) -> dict[str, Any]:
    chat = {"id": 77, "type": "private"}
    return {"message_id": 5, "date": 1, "chat": chat, "from": {"id": 77}, **content}


@pytest.mark.parametrize(
    ("update", "reason", "address"),
    [
        ({"update_id": 1, "message": "Bonjour"}, "message is no object", ""),
        ({"update_id": 1, "message": message(text=7)}, "text is no text", "77"),
        ({"update_id": 1, "message": {"from": {"id": 77}}}, "chat is no object", "77"),
        ({"update_id": 1, "message": message(message_id=None)}, "message_id is no number", "77"),
        ({"update_id": 1, "callback_query": {"data": "x"}}, "from is no object", ""),
        ({"update_id": 1}, "the update holds nothing", ""),
        ({"update_id": "1", "message": message()}, "update_id is no number", "77"),
        ([], "the update is no object", ""),
    ],
)
def test_an_update_that_makes_no_sense_is_kept_as_unreadable(
    update: Any, reason: str, address: str
) -> None:
    event = parse(update, BOT)
    assert isinstance(event, Unreadable)
    assert (event.reason, event.address) == (reason, address)
    assert orjson.loads(event.raw) == update
    assert event.id
    assert "Bonjour" not in repr(event)


def test_what_is_new_to_us_in_a_message_is_still_answered() -> None:
    event = parse({"update_id": 1, "message": message(hologram={})}, BOT)
    assert event == Showed(id="1", channel="telegram", address="77", order=5, kind="unknown")


_NAMES = st.sampled_from(
    [
        "update_id",
        "message",
        "callback_query",
        "edited_message",
        "my_chat_member",
        "chat",
        "from",
        "id",
        "type",
        "text",
        "data",
        "message_id",
        "date",
        "new_chat_member",
        "status",
        "private",
        "kicked",
    ]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | _NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=5),
    max_leaves=25,
)


@given(_JSON)
def test_no_update_whatever_makes_parsing_fail(update: Any) -> None:
    event = parse(update, BOT)
    assert event is None or event.id
    assert query_id(update) is not None
