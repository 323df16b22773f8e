"""What every channel keeps to, whatever its platform: one suite, one place a channel.

A new channel adds its place to ``tests/channel_places.py``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.campaign.capabilities import Capabilities
from bot.campaign.channel import Made, Refused, Sent, Unknown
from bot.campaign.events import Chose, Commanded, Event, Said, Started, Unreadable
from bot.campaign.markup import read
from bot.campaign.messages import PICTURE, Attachment, Rendered, RenderedButton
from bot.channels.registered import REGISTERED
from bot.wording.speaking import spoken
from tests.channel_places import PLACES, OnTelegram, OnWhatsApp, Place

FAULTS = {"telegram": OnTelegram, "whatsapp": OnWhatsApp}
PICTURED = Made("mamat.png", "image/png", b"\x89PNG", alt="un portrait")


@pytest.fixture(params=sorted(PLACES))
async def place(request: pytest.FixtureRequest, data: Path) -> AsyncIterator[Place]:
    async with PLACES[request.param](data) as opened:
        yield opened


def able(place: Place) -> Capabilities:
    return place.channel.capabilities


def says(place: Place, text: str, **more: object) -> Rendered:
    return Rendered(spoken(read(text), able(place).markup), "fr", **more)  # type: ignore[arg-type]


def choices(count: int) -> tuple[tuple[RenderedButton, ...], ...]:
    return tuple((RenderedButton(f"Choix {n}", data=f"story:mamat:{n}"),) for n in range(count))


def bare(text: str) -> str:
    return "".join(text.split())


def test_every_registered_channel_has_its_place() -> None:
    assert {one.name for one in REGISTERED} == set(PLACES)


# -- what comes in ------------------------------------------------------------------------------


async def test_what_is_written_is_said_by_whoever_wrote_it(place: Place) -> None:
    event = place.parse(place.says("Bonjour à vous 😀"))
    assert isinstance(event, Said)
    assert event.text == "Bonjour à vous 😀"
    assert (event.channel, event.address) == (place.channel.name, place.address)


async def test_commands_are_the_same_everywhere(place: Place) -> None:
    started = place.parse(place.says("/start mamat_s-affiche"))
    assert isinstance(started, Started)
    assert started.payload == "mamat_s-affiche"
    stop = place.parse(place.says("/stop"))
    assert isinstance(stop, Commanded)
    assert stop.name == "stop"


async def test_the_same_delivery_twice_is_one_event_and_two_deliveries_are_two(
    place: Place,
) -> None:
    first, other = place.says("x"), place.says("x")
    read_first, again, read_other = map(place.parse, (first, first, other))
    assert read_first is not None
    assert again is not None
    assert read_other is not None
    assert read_first.id != read_other.id
    assert (read_first.id == again.id) is place.repeats


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"null", b'{"id":', b"\xff\x00", b"[" * 5000])
async def test_nothing_that_is_delivered_makes_the_reading_raise(place: Place, raw: bytes) -> None:
    event = place.parse(raw)
    assert event is None or isinstance(event, Event)
    if isinstance(event, Unreadable):
        assert event.reason


# -- what goes out --------------------------------------------------------------------------------


async def test_a_message_is_seen_whole(place: Place) -> None:
    message = says(place, "**Mamat** : 5 < 6 & « oui »", block="À copier <tel quel>")
    assert isinstance(await place.send(message), Sent)
    seen = await place.seen()
    whole = " ".join(one.text for one in seen)
    for words in ("Mamat", "5 < 6 & « oui »", "À copier <tel quel>"):
        assert bare(words) in bare(whole)


@pytest.mark.parametrize("count", [1, 3, 4, 9, 14])
async def test_whatever_can_be_pressed_comes_back_as_it_was_sent(place: Place, count: int) -> None:
    await place.send(says(place, "Choisissez", buttons=choices(count), again="menu"))
    shown = (await place.seen())[-1]
    assert shown.choices
    for label, data in shown.choices.items():
        event = place.parse(place.presses(label))
        assert isinstance(event, Chose)
        assert event.data == data
    sent = [f"story:mamat:{n}" for n in range(count)]
    here = [data for data in shown.choices.values() if data in sent]
    assert here == sent[: len(here)]
    rest = [data for data in shown.choices.values() if data not in sent]
    assert rest == ([] if len(here) == count else [f"more:{len(here)}:menu"])


async def test_links_and_texts_to_copy_are_all_there(place: Place) -> None:
    buttons = (
        (RenderedButton("Ouvrir", url="https://example.org/" + "x" * 90),),
        (RenderedButton("Copier", copy="ambassade@example.org"),),
        *choices(2),
    )
    await place.send(says(place, "Voici", buttons=buttons))
    seen = await place.seen()
    links = [link for one in seen for link in one.links]
    told = " ".join((*(one.text for one in seen), *links, *(c for one in seen for c in one.copies)))
    for wanted in ("https://example.org/" + "x" * 90, "ambassade@example.org"):
        assert wanted in told


async def test_the_longest_text_that_a_channel_says_it_takes_is_taken(place: Place) -> None:
    longest = ("mot " * 5000)[: able(place).text].strip()
    assert isinstance(await place.send(says(place, longest, buttons=choices(2))), Sent)
    assert bare(longest) in bare("".join(one.text for one in await place.seen()))


async def test_a_picture_adds_to_its_text_and_takes_nothing_from_it(place: Place) -> None:
    message = says(place, "Un portrait", buttons=choices(2), attachment=Attachment(PICTURE))
    assert isinstance(await place.send(message, PICTURED), Sent)
    seen = await place.seen()
    assert "Un portrait" in " ".join(one.text for one in seen)
    assert len(seen[-1].choices) == 2
    if able(place).pictures:
        assert any(one.file for one in seen)


async def test_a_screen_that_takes_another_ones_place_does_so_where_the_channel_edits(
    place: Place,
) -> None:
    first = await place.send(says(place, "Avant", buttons=choices(1)))
    assert isinstance(first, Sent)
    before = len(await place.seen())
    message = says(place, "Après", buttons=choices(2), replaces=first.ref or "1")
    assert isinstance(await place.send(message), Sent)
    seen = await place.seen()
    assert "Après" in seen[-1].text
    assert (len(seen) == before) is able(place).edits


async def test_a_message_is_held_by_its_window(place: Place) -> None:
    window = able(place).window
    place.later(24 * 3600 + 1)
    result = await place.send(says(place, "Plus tard"))
    assert isinstance(result, Sent), "a platform may take it and tell the truth later"
    arrived = any("Plus tard" in one.text for one in await place.seen())
    assert arrived is (window is None)


# -- what goes wrong ------------------------------------------------------------------------------

GOES_WRONG = [(name, fault) for name, one in FAULTS.items() for fault in one.faults]


@pytest.mark.parametrize(("name", "fault"), GOES_WRONG)
async def test_what_goes_wrong_is_a_result_and_never_an_exception(
    name: str, fault: str, data: Path
) -> None:
    async with PLACES[name](data) as place:
        await place.goes_wrong(fault)
        result = await place.send(says(place, "x"))
        match fault:
            case "lost":
                assert isinstance(result, Unknown)
            case "gone":
                assert isinstance(result, Refused)
                assert result.gone
            case "flood":
                assert isinstance(result, Refused)
                assert result.retry_after
            case "refused":
                assert isinstance(result, Refused)
                assert result.permanent
            case "down":
                assert isinstance(result, Refused)
                assert result == Refused(result.reason)
        if not isinstance(result, Sent):
            assert place.address not in result.reason


def test_a_channel_that_cannot_write_first_has_no_broadcasts_to_answer_for() -> None:
    for one in REGISTERED:
        capable = one.capabilities
        assert capable.writes_first or capable.window is None
        assert not (capable.deletes and not capable.edits)
        assert capable.chat_burst >= 1
        assert capable.label > 0
        assert capable.data >= 64, "a button carries all that it needs"
