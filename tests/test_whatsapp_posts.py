"""What WhatsApp posts, read: each part for itself, people by their ids, nothing personal kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.campaign.channel import Refused, Sent, Unknown
from bot.campaign.events import (
    Blocked,
    Chose,
    Commanded,
    Corrected,
    Event,
    Said,
    Showed,
    Started,
    Unreadable,
)
from bot.channels.whatsapp.addresses import Numbers
from bot.channels.whatsapp.posts import Told, read
from tests.whatsapp_posts import NUMBER_ID, Person, entry, person, said, value, written

MARTIN, HIDDEN = person(1), person(2, hidden=True)


def told(*entries: dict[str, Any], numbers: Numbers | None = None) -> Told:
    return read(written(*entries), NUMBER_ID, numbers or Numbers())


def events(kind: str, held: object, whose: Person = MARTIN, **more: Any) -> list[Event]:
    return told(
        entry("messages", value(messages=[said(whose, kind, held, **more)], people=[whose]))
    ).events


def reply(kind: str, data: str) -> dict[str, Any]:
    return {"type": kind, kind: {"id": data, "title": "Agir"}}


@pytest.mark.parametrize(
    ("kind", "held", "event", "fields"),
    [
        ("text", {"body": "Bonjour"}, Said, {"text": "Bonjour"}),
        ("text", {"body": "/start mamat_s-affiche"}, Started, {"payload": "mamat_s-affiche"}),
        ("text", {"body": "/Stop maintenant"}, Commanded, {"name": "stop", "rest": "maintenant"}),
        ("interactive", reply("button_reply", "story:mamat:1"), Chose, {"data": "story:mamat:1"}),
        ("interactive", reply("list_reply", "menu"), Chose, {"data": "menu"}),
        ("interactive", {"type": "nfm_reply", "nfm_reply": {}}, Showed, {"kind": "unknown"}),
        ("button", {"payload": "menu", "text": "Menu"}, Chose, {"data": "menu"}),
        ("image", {"id": "1", "mime_type": "image/jpeg"}, Showed, {"kind": "photo"}),
        ("audio", {"id": "1", "voice": True}, Showed, {"kind": "voice"}),
        ("contacts", [{"name": {}}], Showed, {"kind": "contact"}),
        ("location", {"latitude": 1, "longitude": 2}, Showed, {"kind": "location"}),
        ("unsupported", None, Showed, {"kind": "unknown"}),
        ("something_new", {}, Showed, {"kind": "unknown"}),
        ("edit", {"original_message_id": "wamid.1", "message": {}}, Corrected, {}),
        ("request_welcome", None, Started, {"payload": ""}),
    ],
)
def test_each_kind_of_message_is_an_event(
    kind: str, held: object, event: type[Event], fields: dict[str, str]
) -> None:
    (found,) = events(kind, held)
    assert type(found) is event
    assert {name: getattr(found, name) for name in fields} == fields
    assert (found.channel, found.address, found.language) == ("whatsapp", MARTIN.user_id, "fr")


@pytest.mark.parametrize("kind", ["reaction", "revoke", "system"])
def test_nobody_waits_for_an_answer_to_a_reaction_or_a_notice(kind: str) -> None:
    assert events(kind, {}) == []


def test_whoever_hides_the_number_is_known_by_the_id() -> None:
    (found,) = events("text", {"body": "x"}, HIDDEN)
    assert found.address == HIDDEN.user_id


def test_an_id_that_stands_with_the_contact_alone_is_found_there() -> None:
    message = said(MARTIN, "text", {"body": "x"})
    del message["from_user_id"]
    others = [person(8), MARTIN, person(9)]
    (found,) = told(entry("messages", value(messages=[message], people=others))).events
    assert found.address == MARTIN.user_id


def test_somebody_without_an_id_is_known_by_the_number_until_an_id_is_told() -> None:
    message = {**said(MARTIN, "text", {"body": "x"})}
    del message["from_user_id"]
    alone = entry("messages", value(messages=[message]))
    numbers = Numbers()
    assert told(alone, numbers=numbers).events[0].address == MARTIN.number
    told(entry("messages", value(messages=[said(MARTIN, "text", {"body": "x"})])), numbers=numbers)
    assert told(alone, numbers=numbers).events[0].address == MARTIN.user_id


def test_the_platforms_name_of_a_message_which_holds_the_number_is_kept_nowhere() -> None:
    (found,) = events("text", {"body": "x"})
    assert MARTIN.number not in repr(found) + found.id
    (again,) = events("text", {"body": "x"})
    assert again.id != found.id


def test_the_same_message_is_the_same_event_however_often_it_comes() -> None:
    post = entry("messages", value(messages=[said(MARTIN, "text", {"body": "x"})]))
    assert [one.id for one in told(post, post).events] == [told(post).events[0].id] * 2


def test_several_entries_changes_and_messages_are_all_read_in_order() -> None:
    def texts(*bodies: str) -> dict[str, Any]:
        return value(messages=[said(MARTIN, "text", {"body": body}) for body in bodies])

    first = entry("messages", texts("a", "b"))
    first["changes"].append({"field": "messages", "value": texts("c")})
    found = told(first, entry("messages", texts("d"))).events
    assert [one.text for one in found if isinstance(one, Said)] == ["a", "b", "c", "d"]


def test_other_numbers_fields_and_objects_are_left_alone() -> None:
    mine = said(MARTIN, "text", {"body": "x"})
    assert told(entry("messages", value(messages=[mine], number="999"))).events == []
    assert told(entry("account_update", {"event": "x"})).events == []
    page = written(entry("messages", value(messages=[mine])))
    assert read(page.replace(b"whatsapp_business_account", b"page"), NUMBER_ID, Numbers()) == Told()


@pytest.mark.parametrize(
    "broken",
    [
        {"type": "text"},
        {"id": "wamid.1", "type": "text", "from_user_id": "FR.1"},
        {"id": "wamid.1", "type": "text", "text": {"body": "x"}},
        {"id": "wamid.1", "type": "text", "text": {"body": "x"}, "from_user_id": "nobody"},
        {"id": "wamid.1", "type": "interactive", "interactive": {}, "from_user_id": "FR.1"},
        {"id": 7, "type": "text"},
        "no object",
        None,
    ],
)
def test_a_part_that_cannot_be_read_is_a_dead_letter_and_takes_no_other_with_it(
    broken: Any,
) -> None:
    good = said(MARTIN, "text", {"body": "x"})
    held = value(messages=[good])
    held["messages"] = [good, broken, said(MARTIN, "text", {"body": "y"})]
    first, dead, last = told(entry("messages", held)).events
    assert isinstance(first, Said)
    assert isinstance(dead, Unreadable)
    assert dead.reason
    assert isinstance(last, Said)


def status(status: str, *, code: int = 0, mark: str = "7-a/1/1", **more: Any) -> dict[str, Any]:
    held = {"id": "wamid.x", "status": status, "timestamp": "1", **more}
    held |= {"biz_opaque_callback_data": mark} if mark else {}
    return held | ({"errors": [{"code": code, "title": "x"}]} if code else {})


def test_what_became_of_a_message_comes_with_its_mark() -> None:
    every = [status("sent"), status("delivered"), status("read"), status("played", mark="")]
    came = told(entry("messages", value(statuses=every))).came
    assert [(one.mark, one.status, one.result) for one in came] == [
        ("7-a/1/1", "sent", Sent("")),
        ("7-a/1/1", "delivered", Sent("")),
        ("7-a/1/1", "read", Sent("")),
        ("", "played", Sent("")),
    ]


def test_a_failed_status_comes_without_contacts_and_says_why() -> None:
    every = [status("failed", code=131047), status("failed", code=131000), status("failed")]
    found = told(entry("messages", value(statuses=every)))
    assert found.events == []
    assert [type(one.result) for one in found.came] == [Refused, Unknown, Unknown]
    assert found.came[0].result == Refused("window closed (131047)", permanent=True)


@pytest.mark.parametrize("code", [131026, 131050])
def test_whoever_cannot_or_will_not_be_written_to_gets_nothing_unasked_any_more(code: int) -> None:
    failed = status("failed", code=code, recipient_user_id=MARTIN.user_id)
    (left,) = told(entry("messages", value(statuses=[failed]))).events
    assert isinstance(left, Blocked)
    assert left.address == MARTIN.user_id
    nobody = told(entry("messages", value(statuses=[status("failed", code=code)])))
    assert nobody.events == []


def test_a_wish_to_stop_marketing_is_heard_and_taking_it_up_subscribes_to_nothing() -> None:
    def wish(value_: str) -> list[Event]:
        one = {"user_id": MARTIN.user_id, "value": value_, "category": "marketing_messages"}
        held = value() | {"user_preferences": [one | {"timestamp": 1}]}
        return told(entry("user_preferences", held)).events

    assert [type(one) for one in wish("stop")] == [Blocked]
    assert wish("resume") == []


def test_a_decision_about_a_template_is_told() -> None:
    decided = {
        "event": "PAUSED",
        "message_template_id": 1,
        "message_template_name": "nouvelles",
        "message_template_language": "fr",
        "reason": None,
    }
    (found,) = told(entry("message_template_status_update", decided)).templates
    assert (found.name, found.language, found.event, found.reason) == (
        "nouvelles",
        "fr",
        "PAUSED",
        "",
    )


def test_the_newest_message_of_each_person_is_shown_as_read() -> None:
    one, other = said(MARTIN, "text", {"body": "a"}), said(MARTIN, "text", {"body": "b"})
    third = said(HIDDEN, "text", {"body": "c"})
    heard = told(entry("messages", value(messages=[one, other, third]))).heard
    assert heard == {MARTIN.user_id: other["id"], HIDDEN.user_id: third["id"]}


NAMES = [
    *("entry", "changes", "value", "field", "messages", "statuses", "contacts", "metadata", "id"),
    *("type", "text", "body", "errors", "status", "from", "from_user_id", "x"),
]
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(junk, st.sampled_from(["messages", "statuses", "contacts"]))
def test_nothing_that_is_posted_makes_the_reading_raise(found: Any, name: str) -> None:
    good = said(MARTIN, "text", {"body": "x"})
    held = value(messages=[good]) | {name: found}
    whole = {"object": "whatsapp_business_account", "entry": [entry("messages", held), found]}
    read(json.dumps(whole).encode(), NUMBER_ID, Numbers())
    read(json.dumps(found).encode(), NUMBER_ID, Numbers())


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reading_raise(body: bytes) -> None:
    read(body, NUMBER_ID, Numbers())
