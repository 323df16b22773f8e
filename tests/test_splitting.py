"""Whatever bytes come: updates are told apart, and none takes another with it.

The properties here are tried with other bytes each time; CONTRIBUTING.md tells how to try for ten
minutes. What such a run has found stays as an ``example``.
"""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.campaign.events import Said, Unreadable
from bot.channels import splitting
from bot.channels.splitting import MOST, Piece, pieces
from bot.channels.telegram.events import number_of, read
from bot.channels.telegram.request import AiohttpRequest, UpdatesRequest


def deep(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


def said(number: int, text: str = "Bonjour", more: bytes = b"") -> bytes:
    """A message as Telegram sends it, with something more in it."""
    return (
        b'{"update_id":%d,"message":{"message_id":%d,"date":1,"chat":{"id":%d,"type":"private"},'
        b'"text":%s}%s}' % (number, number, number + 70, orjson.dumps(text), more)
    )


NASTY = {
    "nested 300 deep": b'{"update_id":5,"message":{"chat":{"id":75},"message_id":'
    + deep(300)
    + b"}}",
    "nested 1,100 deep": said(5, more=b',"new":' + deep(1_100)),
    "nested 100,000 deep": said(5, more=b',"new":' + deep(100_000)),
    "a number beyond 64 bits beside half a character": (
        b'{"update_id":5,"message":{"message_id":18446744073709551616,"text":"\\ud83d",'
        b'"chat":{"id":75,"type":"private"}}}'
    ),
    "a number of 5,000 digits": said(5, more=b',"new":' + b"9" * 5_000),
    "no JSON": b'{"update_id":5,"message":{"chat":{"id":75},"text":nothing}}',
    "a number where an update was to come": b"17",
    "nothing in it": b'{"update_id":5}',
}
"""Updates that cannot be read, each in an otherwise readable answer."""


def answer(*updates: bytes) -> bytes:
    return b'{"ok":true,"result":[' + b",".join(updates) + b"]}"


@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY)
def test_an_update_that_cannot_be_read_takes_no_other_with_it(nasty: bytes) -> None:
    found = pieces(answer(said(4, "avant"), nasty, said(6, "après")), "result")
    assert found is not None
    first, middle, last = map(read, found)
    assert isinstance(first, Said)
    assert isinstance(last, Said)
    assert (first.text, last.text) == ("avant", "après")
    assert isinstance(middle, Unreadable)
    assert found[1].raw == nasty
    assert middle.raw == nasty[:64_000].decode()


@pytest.mark.parametrize(
    "kind", [kind for kind in NASTY if not kind.startswith(("a number w", "noth"))]
)
def test_its_number_and_its_chat_are_known_as_far_as_they_can_be_read(kind: str) -> None:
    (piece,) = pieces(answer(NASTY[kind]), "result") or ()
    event = read(piece)
    if kind == "no JSON":
        assert event is not None
        assert event.address == ""
        return
    assert number_of(piece.update) == 5
    assert event is not None
    assert (event.id, event.address) == ("5", "75")


def test_bytes_that_are_no_text_become_a_replacement_character() -> None:
    (piece,) = pieces(answer(said(5).replace(b"Bonjour", b"Bon\xffjour")), "result") or ()
    event = read(piece)
    assert isinstance(event, Said)
    assert event.text == "Bon\ufffdjour"


def test_of_an_answer_that_is_cut_off_only_the_last_update_is_missing() -> None:
    whole = answer(said(4), said(5), said(6))
    for length in range(len(answer(said(4), said(5))), len(whole) - 2):
        found = pieces(whole[:length], "result")
        assert found is not None
        assert [piece.cut for piece in found] in ([False, False], [False, False, True])
        assert [number_of(piece.update) for piece in found[:2]] == [4, 5]
        # Never a part of a number.
        assert number_of(found[-1].update) in (None, 5, 6)


@pytest.mark.parametrize(
    "payload",
    [b"", b"null", b"[]", b"<html>", b'{"ok":true}', b'{"result":{}}', b'{"result":', deep(2_000)],
)
def test_an_answer_without_updates_is_told_from_one_with_none(payload: bytes) -> None:
    assert pieces(payload, "result") is None
    assert pieces(answer(), "result") == []


def test_a_payload_of_one_update_is_a_list_of_one() -> None:
    (piece,) = pieces(said(4)) or ()
    assert isinstance(read(piece), Said)
    assert piece.raw == said(4)


def test_no_more_are_taken_at_once_than_can_be_answered() -> None:
    for broken in (b"", b"?"):
        found = pieces(answer(*[b"1"] * (2 * MOST)) + broken, "result")
        assert found is not None
        assert len(found) == MOST


@pytest.mark.parametrize(
    "number", ["-5", "0", "9007199254740992", "18446744073709551616", "1.5", "true", '"7"', "null"]
)
def test_a_number_that_would_confirm_what_nobody_has_seen_is_none(number: str) -> None:
    (piece,) = pieces(answer(said(4).replace(b":4,", f":{number},".encode(), 1)), "result") or ()
    assert number_of(piece.update) is None
    assert isinstance(read(piece), Unreadable)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec=None)),  # type: ignore[arg-type]
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_FIELDS = st.sampled_from(
    (
        *("update_id", "message", "callback_query", "edited_message", "my_chat_member"),
        *("inline_query", "chat", "from", "id", "type", "text", "data", "date", "message_id"),
        *("entities", "offset", "length", "url", "photo", "file_id", "caption", "result"),
        *("new_chat_member", "status", "private", "kicked", "language_code"),
    )
)
_UPDATE = st.dictionaries(
    _FIELDS,
    st.recursive(
        st.integers() | st.sampled_from(["private", "/start x", "bold", "kicked"]) | st.text(),
        lambda inner: st.dictionaries(_FIELDS, inner) | st.lists(inner, max_size=3),
        max_leaves=20,
    ),
)
_HURT = st.sampled_from(
    (
        *(
            b"",
            b'"',
            b"\\",
            b"{",
            b"}",
            b"[",
            b"]",
            b",",
            b":",
            b"\xff",
            b"\\ud83d",
            b"NaN",
            b"\x00",
        ),
        *(b"9" * 30, b"9" * 5_000, deep(300), deep(1_100), b'"result":[', b'{"update_id":3}'),
    )
)


@st.composite
def hurt(draw: st.DrawFn) -> bytes:
    """An answer of updates, with pieces taken out of it and others put in their place."""
    payload = answer(*(json.dumps(one).encode() for one in draw(st.lists(_UPDATE, max_size=4))))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(payload)))
        payload = payload[:place] + draw(_HURT) + payload[place + draw(st.integers(0, 5)) :]
    return payload[: draw(st.integers(0, len(payload)))] if draw(st.booleans()) else payload


@pytest.mark.slow
@given(st.lists(_JSON | _UPDATE, max_size=6))
def test_of_a_sound_answer_every_update_is_told_with_its_bytes(updates: list[Any]) -> None:
    each = [json.dumps(update).encode() for update in updates]
    for payload in (answer(*each), answer(*each, b"x" * 3)):
        found = pieces(payload, "result")
        assert found is not None
        assert [piece.raw for piece in found[: len(each)]] == each


@given(hurt() | st.binary())
@example(b'{"result":[{"result":[')
@example(b'{"result":[' + deep(40) + b',"')
@example(b'{"result":[1],"result":[1,{}]}')
@example(b'{"\\u0072esult":[{}]}')
def test_no_bytes_stop_the_reading(payload: bytes) -> None:
    for found in (pieces(payload), pieces(payload, "result")):
        for piece in found or ():
            event = read(piece, "bot")
            assert piece.cut or not isinstance(event, Unreadable) or event.id
            # What is kept of it can be kept, and the offset is one that Telegram takes.
            json.dumps(event.raw if isinstance(event, Unreadable) else "").encode()
            number = number_of(piece.update)
            assert number is None or 0 < number < 2**53
    for kind in (AiohttpRequest, UpdatesRequest):
        try:
            assert kind.parse_json_payload(payload).keys() & {"result", "description"}
        except Exception as problem:
            assert type(problem).__name__ == "TelegramError"  # noqa: PT017


@given(_UPDATE, st.lists(st.tuples(st.integers(0, 400), _HURT), max_size=3))
def test_an_update_that_is_hurt_leaves_its_neighbours_alone(
    update: dict[str, Any], hurts: list[tuple[int, bytes]]
) -> None:
    """As long as its own brackets and quotes close."""
    middle = json.dumps(update).encode()
    for place, what in hurts:
        place = min(place, len(middle))
        if what.translate(None, b'"\\{}[],') == what or what in (deep(300), deep(1_100)):
            middle = middle[:place] + what + middle[place:]
    found = pieces(answer(said(4), middle, said(9)), "result")
    assert found is not None
    assert isinstance(read(found[0]), Said)
    assert isinstance(read(found[-1]), Said)


def test_an_update_read_already_has_bytes_where_it_can_be_written() -> None:
    assert orjson.loads(Piece.known({"update_id": 1}).raw) == {"update_id": 1}
    assert Piece.known({"x": 2**70}).raw == b""


def test_of_bytes_without_end_no_more_is_looked_at_than_anybody_could_mean(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(splitting, "LONGEST", 50)
    whole = b'{"result": [{"update_id": 1}, {"update_id": 2, "x": ' + b"[" * 100
    first, second = splitting.pieces(whole, "result") or []
    assert first.update == {"update_id": 1}
    assert second.cut
    assert second.update == {"update_id": 2}
