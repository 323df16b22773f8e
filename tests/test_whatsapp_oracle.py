"""WhatsApp's payloads as another library reads and writes them: neither side is our word alone."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from pywa import WhatsApp, types

from bot.campaign.messages import Rendered, RenderedButton
from bot.channels.whatsapp.messages import payloads
from tests import whatsapp_rules as rules
from tests.whatsapp_posts import NUMBER_ID, entry, person, said, value, written

SAID = {"more": "Plus", "rest": "Voici :", "choose": "Choisir"}
MARTIN = person(1)
TO = MARTIN.number
LINK = "https://example.org/" + "x" * 90
UNSUPPORTED = {
    "code": 131051,
    "title": "x",
    "message": "x",
    "error_data": {"details": "x"},
    "href": "https://example.org",
}


def update(held: dict[str, Any]) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(written(entry("messages", held)))
    return whole


@pytest.mark.parametrize(
    ("kind", "held", "read_by", "found"),
    [
        ("text", {"body": "é"}, types.Message, {"text": "é"}),
        (
            "interactive",
            {"type": "button_reply", "button_reply": {"id": "menu", "title": "Menu"}},
            types.CallbackButton,
            {"data": "menu"},
        ),
        (
            "interactive",
            {"type": "list_reply", "list_reply": {"id": "menu", "title": "Menu"}},
            types.CallbackSelection,
            {"data": "menu"},
        ),
        ("button", {"payload": "menu", "text": "Menu"}, types.CallbackButton, {"data": "menu"}),
        ("image", {"id": "1", "mime_type": "image/jpeg", "sha256": "x"}, types.Message, {}),
        ("unsupported", None, types.Message, {}),
    ],
)
def test_what_our_server_posts_is_read_by_another_library(
    kind: str, held: Any, read_by: Any, found: dict[str, str]
) -> None:
    more: dict[str, Any] = {"context": {"from": "33123456789", "id": "wamid.1"}}
    if kind == "unsupported":
        more["errors"] = [UNSUPPORTED]
    posted = update(value(messages=[said(MARTIN, kind, held, **more)], people=[MARTIN]))
    message = read_by.from_update(WhatsApp(phone_id=NUMBER_ID, token="x", server=None), posted)
    assert (message.from_user.bsuid, message.from_user.wa_id) == (MARTIN.user_id, MARTIN.number)
    assert {name: getattr(message, name) for name in found} == found


def test_a_status_of_our_server_is_read_by_another_library() -> None:
    status = {
        "id": "wamid.1",
        "status": "delivered",
        "timestamp": "1",
        "recipient_id": MARTIN.number,
        "recipient_user_id": MARTIN.user_id,
        "biz_opaque_callback_data": "7-abc/1/1",
    }
    posted = update(value(statuses=[status], people=[MARTIN]))
    client = WhatsApp(phone_id=NUMBER_ID, token="x", server=None)
    read = types.MessageStatus.from_update(client, posted)
    assert (read.tracker, read.status.value) == ("7-abc/1/1", "delivered")


def written_by_pywa(act: Any) -> dict[str, Any]:
    """What the other library posts for this, without whom it is for."""
    sent: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        contact = {"input": TO, "wa_id": TO}
        told = {"messaging_product": "whatsapp", "contacts": [contact]}
        return httpx.Response(200, json={**told, "messages": [{"id": "wamid.1"}]})

    session = httpx.Client(transport=httpx.MockTransport(answer))
    act(WhatsApp(phone_id=NUMBER_ID, token="x", session=session, server=None))
    (posted,) = sent
    rules.message(posted, {})
    base = ("messaging_product", "recipient_type", "to", "biz_opaque_callback_data")
    return {name: held for name, held in posted.items() if name not in base}


def ours(*buttons: RenderedButton) -> dict[str, Any]:
    (made,) = payloads(Rendered("x", "fr", buttons=tuple((one,) for one in buttons)), (), SAID)
    return made


def test_a_text_is_written_alike() -> None:
    assert written_by_pywa(lambda wa: wa.send_message(TO, "x")) == ours()


def test_reply_buttons_are_written_alike() -> None:
    buttons = [types.Button("A", "a"), types.Button("B", "b")]
    theirs = written_by_pywa(lambda wa: wa.send_message(TO, "x", buttons=buttons))
    assert theirs == ours(RenderedButton("A", data="a"), RenderedButton("B", data="b"))


def test_a_link_is_written_alike() -> None:
    button = types.URLButton("Ouvrir", LINK)
    theirs = written_by_pywa(lambda wa: wa.send_message(TO, "x", buttons=button))
    assert theirs == ours(RenderedButton("Ouvrir", url=LINK))


def test_a_list_is_written_alike_but_for_the_title_that_one_section_needs_not() -> None:
    rows = [types.SectionRow(f"A{n}", f"a{n}") for n in range(5)]
    listed = types.SectionList("Choisir", sections=[types.Section("S", rows=rows)])
    theirs = written_by_pywa(lambda wa: wa.send_message(TO, "x", buttons=listed))
    del theirs["interactive"]["action"]["sections"][0]["title"]
    assert theirs == ours(*(RenderedButton(f"A{n}", data=f"a{n}") for n in range(5)))
