"""Messages to WhatsApp: laid out within its bounds, as few as it takes, each result a result."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.campaign.channel import Lane, Made, Outgoing, Refused, Result, Sent, Unknown
from bot.campaign.messages import PICTURE, Attachment, Rendered, RenderedButton
from bot.channels.whatsapp.channel import WhatsAppChannel
from bot.channels.whatsapp.http import Graph
from bot.channels.whatsapp.markup import with_signs
from bot.channels.whatsapp.posts import Came
from tests.whatsapp_posts import NUMBER_ID, Person, person
from tests.whatsapp_rules import Rates
from tests.whatsapp_server import TOKEN, Shown, WhatsAppServer

MARTIN = person(1)
SAID = {"more": "Plus de choix", "rest": "Voici les autres choix :", "choose": "Choisir"}
PIXEL = Made("mamat.png", "image/png", b"\x89PNG", same="card", alt="un portrait")
LETTER = Made("lettre.pdf", "application/pdf", b"%PDF")


@pytest.fixture
async def meta() -> AsyncIterator[WhatsAppServer]:
    async with WhatsAppServer() as server:
        server.wrote(MARTIN)
        yield server


@pytest.fixture
async def channel(meta: WhatsAppServer) -> AsyncIterator[WhatsAppChannel]:
    graph = Graph(meta.root, TOKEN, read_timeout=0.5)
    async with WhatsAppChannel(graph, NUMBER_ID, words=lambda language: SAID) as opened:
        yield opened


def choices(count: int, label: str = "Choix {}") -> tuple[tuple[RenderedButton, ...], ...]:
    return tuple((RenderedButton(label.format(n), data=f"x:{n}"),) for n in range(count))


LINK = RenderedButton("Sans trace", url="https://example.org/?trace=none")
LONG_LINK = RenderedButton("✉️ Ouvrir ma lettre", url="https://example.org/" + "x" * 90)


async def send(
    channel: WhatsAppChannel, message: Rendered, *made: Made, whom: Person = MARTIN
) -> Result:
    return await channel.send(whom.user_id, message, made, Lane.CONVERSATION)


async def shown(
    meta: WhatsAppServer, channel: WhatsAppChannel, message: Rendered, *made: Made
) -> list[Shown]:
    assert await send(channel, message, *made) == Sent("")
    assert meta.refusals == []
    return meta.seen(MARTIN)


async def test_up_to_three_choices_are_buttons_below_the_text(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    (one,) = await shown(meta, channel, Rendered("Bonjour", "fr", buttons=choices(3)))
    assert one.sent["interactive"]["type"] == "button"
    assert (one.text, one.choices) == ("Bonjour", {f"Choix {n}": f"x:{n}" for n in range(3)})
    assert one.sent["recipient"] == MARTIN.user_id
    assert "to" not in one.sent


async def test_more_choices_are_a_list_and_what_is_beyond_ten_is_led_to(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    message = Rendered("Bonjour", "fr", buttons=choices(12), again="menu")
    (one,) = await shown(meta, channel, message)
    assert one.sent["interactive"]["action"]["button"] == "Choisir"
    assert len(one.choices) == 10
    assert one.choices["Plus de choix"] == "more:9:menu"


async def test_two_buttons_that_say_the_same_are_told_apart(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    (one,) = await shown(meta, channel, Rendered("x", "fr", buttons=choices(2, "Suite")))
    assert list(one.choices) == ["Suite", "Suite 2"]


async def test_a_short_address_stands_in_the_text_so_that_one_message_is_enough(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    (one,) = await shown(meta, channel, Rendered("x", "fr", buttons=((LINK,), *choices(2))))
    assert one.text == "x\n\nSans trace : https://example.org/?trace=none"
    assert len(one.choices) == 2


async def test_a_long_address_stands_behind_a_button_of_its_own(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    first, second = await shown(
        meta, channel, Rendered("x", "fr", buttons=((LONG_LINK,), *choices(2)))
    )
    assert len(first.choices) == 2
    assert second.links == {LONG_LINK.label: LONG_LINK.url}


async def test_a_link_alone_is_the_button_of_its_text(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    (one,) = await shown(meta, channel, Rendered("x", "fr", buttons=((LONG_LINK,),)))
    assert (one.text, one.links) == ("x", {LONG_LINK.label: LONG_LINK.url})


async def test_what_is_to_be_copied_comes_whole_and_alone(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    copied = RenderedButton("Copier", copy="ambassade@example.org")
    message = Rendered("x", "fr", block="Un texte <à> copier", buttons=((copied,), *choices(1)))
    texts = [one.text for one in await shown(meta, channel, message)]
    assert texts == ["x", "Un texte <à> copier", "ambassade@example.org"]


async def test_words_that_are_set_off_stand_between_signs(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    message = Rendered("<b>Mamat</b> &amp; <i>Akber</i>", "fr")
    (one,) = await shown(meta, channel, message)
    assert one.text == "*Mamat* & _Akber_"


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<b>a <i>b</i></b>", "*a _b_*"),
        ("<b>deux\nlignes</b>", "deux\nlignes"),
        ("<b> seul</b>", " seul"),
        ("<b>2 * 3</b>", "2 * 3"),
        ('<a href="https://x.org/?a=1&amp;b=2">ici</a>', "ici (https://x.org/?a=1&b=2)"),
        ('<a href="https://x.org">https://x.org</a>', "https://x.org"),
        ("1 &lt; 2", "1 < 2"),
        ("<u>u</u><tg-spoiler>s</tg-spoiler>", "us"),
    ],
)
def test_signs_are_written_only_where_they_are_read(html: str, said: str) -> None:
    assert with_signs(html, 1000) == said


def test_a_text_that_signs_would_make_too_long_goes_without_them() -> None:
    assert with_signs("<b>" + "a" * 10 + "</b>", 10) == "a" * 10


async def test_a_picture_stands_above_a_text_with_buttons_and_travels_once(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    message = Rendered("x", "fr", buttons=choices(2), attachment=Attachment(PICTURE))
    await send(channel, message, PIXEL)
    first, second = await shown(meta, channel, message, PIXEL)
    (mark,) = meta.media
    for one in (first, second):
        assert one.sent["interactive"]["header"] == {"type": "image", "image": {"id": mark}}


async def test_a_picture_that_would_need_a_message_of_its_own_is_left_out(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    message = Rendered("x", "fr", buttons=choices(5), attachment=Attachment(PICTURE))
    (one,) = await shown(meta, channel, message, PIXEL)
    assert one.sent["interactive"]["type"] == "list"
    assert meta.media == {}


async def test_a_picture_that_only_another_platform_has_leaves_its_words_alone(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    elsewhere = Made("foto.jpg", "image/jpeg", b"", ref="AgACAgIAAxkBAAM")
    message = Rendered("Des nouvelles", "fr", buttons=choices(1))
    (one,) = await shown(meta, channel, message, elsewhere)
    assert (one.text, meta.media) == ("Des nouvelles", {})


async def test_the_picture_of_a_broadcast_travels_once(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    for _ in range(3):
        message = Rendered("x", "fr", buttons=choices(2))
        await send(channel, message, replace(PIXEL, same=""))
    assert len(meta.media) == 1
    assert [one.sent["interactive"]["header"]["type"] for one in meta.seen(MARTIN)] == ["image"] * 3


async def test_documents_come_with_the_text_and_its_buttons(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    other = Made("donnees.json", "application/json", b"{}")
    message = Rendered("x", "fr", buttons=choices(2), attachment=Attachment("letter.pdf"))
    first, second = await shown(meta, channel, message, other, LETTER)
    assert first.kind == "document"
    assert first.sent["document"]["filename"] == "donnees.json"
    assert second.sent["interactive"]["header"]["document"]["filename"] == "lettre.pdf"
    assert [one.kind for one in meta.media.values()] == ["text/plain", "application/pdf"]


async def test_a_document_goes_out_also_where_the_choices_are_a_list(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    message = Rendered("x", "fr", buttons=choices(5), attachment=Attachment("letter.pdf"))
    first, second = await shown(meta, channel, message, LETTER)
    assert (first.kind, second.kind) == ("document", "interactive")


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        ({"code": 190, "status": 401}, Refused("account, token or payment (190)")),
        ({"code": 200, "status": 403}, Refused("account, token or payment (200)")),
        ({"code": 131042}, Refused("account, token or payment (131042)")),
        ({"code": 100}, Refused("parameter refused (100)", permanent=True)),
        ({"code": 131047}, Refused("window closed (131047)", permanent=True)),
        ({"code": 131026}, Refused("unreachable (131026)", permanent=True, gone=True)),
        ({"code": 131050}, Refused("unreachable (131050)", permanent=True, gone=True)),
        ({"code": 130472}, Refused("in an experiment of the platform (130472)", permanent=True)),
        ({"code": 130429, "status": 429}, Refused("over the throughput", retry_after=5.0)),
        ({"code": 131048}, Refused("restricted for spam", retry_after=3600.0)),
        ({"code": 4}, Refused("too many calls", retry_after=300.0)),
        ({"code": 999_999}, Refused("refused (999999)", permanent=True)),
        ({"code": 131016, "status": 503}, Unknown("trouble at the platform")),
        ({"code": 1, "status": 500}, Unknown("trouble at the platform")),
    ],
)
async def test_each_code_says_what_became_of_the_message(
    meta: WhatsAppServer, channel: WhatsAppChannel, fault: dict[str, int], result: Result
) -> None:
    meta.fault("fail", **fault)
    assert await send(channel, Rendered("x", "fr")) == result


async def test_a_lost_answer_is_unknown_and_a_closed_door_is_none(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    meta.fault("drop after")
    assert isinstance(await send(channel, Rendered("x", "fr")), Unknown)
    meta.fault("slow", seconds=2.0)
    assert isinstance(await send(channel, Rendered("x", "fr")), Unknown)
    await meta.close()
    assert await send(channel, Rendered("x", "fr")) == Refused("no connection")
    assert await channel.answers() is False


async def test_one_person_waits_longer_each_time_and_nobody_else_does(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    meta.fault("fail", code=131056, times=3, whom=MARTIN.user_id)
    waits = [await send(channel, Rendered("x", "fr")) for _ in range(4)]
    refused = [one for one in waits if isinstance(one, Refused)]
    assert [(one.retry_after, one.alone) for one in refused] == [
        (1.0, True),
        (4.0, True),
        (16.0, True),
    ]
    meta.fault("fail", code=131056, whom=MARTIN.user_id)
    again = await send(channel, Rendered("x", "fr"))
    assert isinstance(again, Refused)
    assert again.retry_after == 1.0, "it had got through meanwhile"


async def test_the_platforms_own_rates_let_a_burst_through_and_then_make_one_person_wait() -> None:
    async with WhatsAppServer(rates=Rates(pair=6.0, burst=3, second=0)) as meta:
        meta.wrote(MARTIN)
        graph = Graph(meta.root, TOKEN)
        async with WhatsAppChannel(graph, NUMBER_ID, words=lambda language: SAID) as channel:
            results = [await send(channel, Rendered("x", "fr")) for _ in range(4)]
    assert [type(one) for one in results] == [Sent, Sent, Sent, Refused]


async def test_what_goes_to_no_id_goes_to_the_number_that_was_told_lately(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    meta.fault("fail", code=131062)
    assert isinstance(await send(channel, Rendered("x", "fr")), Refused)
    channel.numbers.learn(MARTIN.user_id, MARTIN.number)
    meta.fault("fail", code=131062)
    assert await send(channel, Rendered("x", "fr")) == Sent("")
    assert meta.seen(MARTIN)[-1].sent["to"] == MARTIN.number


def outgoing(message: Rendered, number: int = 7) -> Outgoing:
    return Outgoing(number, "whatsapp", MARTIN.user_id, message)


async def test_a_message_carries_a_mark_that_tells_nobody_who_it_is_for(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    one = outgoing(Rendered("x", "fr"))
    await channel.send_marked(one, ())
    (mark,) = meta.marks
    assert mark == f"{one.mark}/1/1"
    assert MARTIN.user_id not in mark


async def test_of_a_message_in_two_only_the_rest_is_tried_again(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    one = outgoing(Rendered("x", "fr", block="y"))
    meta.fault("slow", times=1)
    meta.fault("fail", code=130429)
    assert isinstance(await channel.send_marked(one, ()), Refused)
    assert await channel.send_marked(one, ()) == Sent("")
    assert [shown.text for shown in meta.seen(MARTIN)] == ["x", "y"]


async def test_a_status_settles_a_message_of_which_no_answer_came(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    one = outgoing(Rendered("x", "fr"))
    meta.fault("drop after")
    assert isinstance(await channel.send_marked(one, ()), Unknown)
    assert channel.settled(Came(f"{one.mark}/1/1", "delivered", Sent(""))) == (one.mark, Sent(""))
    assert channel.settled(Came(f"{one.mark}/1/1", "read", Sent(""))) is None
    assert channel.settled(Came("", "read", Sent(""))) is None


async def test_a_status_of_the_first_of_two_leaves_the_second_to_be_sent(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    one = outgoing(Rendered("x", "fr", block="y"))
    meta.fault("drop after")
    assert isinstance(await channel.send_marked(one, ()), Unknown)
    told = channel.settled(Came(f"{one.mark}/1/2", "sent", Sent("")))
    assert told is not None
    assert told[1] == Refused("the rest is still to be sent", retry_after=0.0, alone=True)
    assert await channel.send_marked(one, ()) == Sent("")
    assert [shown.text for shown in meta.seen(MARTIN)] == ["x", "y"]


async def test_a_later_try_without_its_links_repeats_nothing_that_has_left(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    one = outgoing(Rendered("x", "fr", buttons=((LONG_LINK,), *choices(1))))
    meta.fault("slow", times=1)
    meta.fault("fail", code=131009)
    assert isinstance(await channel.send_marked(one, ()), Refused)
    simpler = replace(one, message=replace(one.message, buttons=choices(1)))
    assert await channel.send_marked(simpler, ()) == Sent("")
    assert len(meta.seen(MARTIN)) == 1


async def test_what_is_no_unicode_is_refused_and_breaks_nothing(channel: WhatsAppChannel) -> None:
    refused = await send(channel, Rendered("\ud83d", "fr"))
    assert isinstance(refused, Refused)
    assert refused.permanent


async def test_nothing_is_sent_before_the_channel_knows_its_own_words(meta: WhatsAppServer) -> None:
    import asyncio

    async with WhatsAppChannel(Graph(meta.root, TOKEN), NUMBER_ID) as channel:
        sending = asyncio.create_task(send(channel, Rendered("x", "fr", buttons=choices(5))))
        await asyncio.sleep(0)
        assert not sending.done()
        channel.speak(lambda language: SAID)
        assert await sending == Sent("")


async def test_a_message_is_shown_as_read_and_an_answer_as_being_written(
    meta: WhatsAppServer, channel: WhatsAppChannel
) -> None:
    channel.heard("wamid.1")
    await meta.until(lambda: meta.typing == ["wamid.1"])
    assert meta.read == ["wamid.1"]


async def test_requests_that_meet_nonsense_are_unknown(
    meta: WhatsAppServer, channel: WhatsAppChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: Any) -> dict[str, Any]:
        return {"success": True}

    monkeypatch.setattr(meta, "_messages", nothing)
    assert isinstance(await send(channel, Rendered("x", "fr")), Unknown)
