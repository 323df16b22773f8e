"""A screen on a channel with few, short buttons: nothing lost, every choice reachable, each message
within its bounds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.broadcasts.recipients import Recipients
from bot.campaign.broadcast_rules.audience import Audience
from bot.campaign.broadcast_rules.broadcast import Broadcast
from bot.campaign.capabilities import Capabilities, Choices, reached_since
from bot.campaign.conversation import step
from bot.campaign.events import Chose
from bot.campaign.markup import read
from bot.campaign.messages import Attachment, Choice, Rendered, RenderedButton
from bot.campaign.screen_parts import Part, further, parts
from bot.campaign.screens import every_screen
from bot.campaign.supporter import Facts, Supporter
from bot.channels.telegram.capabilities import TELEGRAM
from bot.content_files import load
from bot.keys import Keys
from bot.store.sqlite.database import SqliteDatabase
from bot.wording.speaking import spoken
from tests.broadcast_crowd import fill
from tests.content_builder import TODAY, build_content
from tests.shipped import shipped

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
NARROW = Capabilities(
    channel="narrow",
    markup="plain",
    text=4096,
    caption=1024,
    choices=(
        Choices("rows", most=3, label=20, data=256, text=1024),
        Choices("list", most=10, label=24, data=200, text=1024, detail=72),
    ),
    copy=0,
    payload=64,
    counted="characters",
    links_apart=1,
    blocks=False,
    writes_first=True,
    window=timedelta(hours=24),
)
SAID = {"more": "Plus de choix", "rest": "Voici les autres choix :"}

words = st.text(st.sampled_from("ab é😀\n.*"), min_size=1, max_size=60).filter(str.strip)
labels = st.text(st.sampled_from("abé😀 "), min_size=1, max_size=60).filter(str.strip)


@st.composite
def buttons(draw: st.DrawFn) -> RenderedButton:
    label, short = draw(labels), draw(st.sampled_from(["", "court"]))
    kind = draw(st.sampled_from(["data"] * 6 + ["url", "copy"]))
    made = RenderedButton(label, short=short)
    mark = str(draw(st.integers(0, 10**9)))
    return replace(made, **{kind: f"https://x.org/{mark}" if kind == "url" else f"x:{mark}"})


@st.composite
def abilities(draw: st.DrawFn) -> Capabilities:
    text = draw(st.integers(30, 300))
    under = draw(st.sampled_from([0, 30, 100]))
    rows = Choices("rows", draw(st.integers(1, 4)), draw(st.integers(5, 30)), 256, text=under)
    listed = Choices(
        "list", draw(st.integers(2, 12)), draw(st.integers(5, 30)), 200, under, detail=72
    )
    return replace(
        NARROW,
        text=text,
        caption=draw(st.sampled_from([0, 20, text])),
        choices=draw(st.sampled_from([(rows,), (listed,), (rows, listed)])),
        copy=draw(st.sampled_from([0, 256])),
        links_apart=draw(st.sampled_from([None, 0, 1, 3])),
        blocks=draw(st.booleans()),
        counted=draw(st.sampled_from(["characters", "units"])),
    )


@st.composite
def screens(draw: st.DrawFn) -> Rendered:
    rows = draw(st.lists(st.lists(buttons(), min_size=1, max_size=3), max_size=12))
    return Rendered(
        text="\n\n".join(draw(st.lists(words, min_size=1, max_size=12))).strip(),
        language="fr",
        block=draw(st.one_of(st.just(""), words)),
        buttons=tuple(map(tuple, rows)),
        attachment=draw(st.sampled_from([None, Attachment("share.qr")])),
        again=draw(st.sampled_from(["", "story:mamat:3", "more:4:menu"])),
    )


def reached(message: Rendered, able: Capabilities) -> list[str]:
    """The data of all choices, found by opening what leads on as the conversation does."""
    every = [one.data for row in message.buttons for one in row if one.data]
    start = int(message.again.split(":")[1]) if message.again.startswith("more:") else 0
    found: list[str] = []
    now = message
    for _ in range(100):
        shown = [one.data for part in parts(now, able, SAID) for one in part.buttons if one.data]
        leads = [data for data in shown if data.startswith("more:")]
        found += [data for data in shown if not data.startswith("more:")]
        if not leads:
            return found
        (lead,) = leads
        behind = int(lead.split(":")[1]) - start
        rest = tuple((RenderedButton("x", data=data),) for data in every[behind:])
        now = replace(message, text="…", block="", attachment=None, buttons=rest, again=lead)
    raise AssertionError("it leads on for ever")


@given(screens(), abilities())
def test_any_screen_is_laid_out_on_any_channel(message: Rendered, able: Capabilities) -> None:
    made = parts(message, able, SAID)
    assert made == parts(message, able, SAID)
    for part in made:
        within(part, able)
    every = [one for row in message.buttons for one in row]
    assert reached(message, able) == [one.data for one in every if one.data]
    told = "".join(part.text for part in made) + "".join(
        one.url + one.copy for part in made for one in part.buttons
    )
    for one in every:
        assert one.url in told
    for typed in (message.text, message.block, *(one.copy for one in every)):
        assert "".join(typed.split()) in "".join(told.split())
    assert sum(part.file for part in made) == (message.attachment is not None)


def within(part: Part, able: Capabilities) -> None:
    assert able.length(part.text) <= able.text
    assert not part.file or able.length(part.text) <= able.caption or not part.text
    if part.form is None:
        assert len(part.rows) <= max(able.links_apart or 0, 0)
        assert all(able.length(one.label) <= able.label for one in part.buttons)
        return
    assert able.length(part.text) <= (part.form.text or able.text)
    assert len(list(part.buttons)) <= part.form.most
    for one in part.buttons:
        assert able.length(one.label) <= part.form.label
        assert len(one.data.encode()) <= part.form.data
    assert all(able.length(detail) <= part.form.detail for _, detail in part.details)


def test_links_that_are_too_long_together_come_in_messages_of_their_own() -> None:
    able = replace(NARROW, text=30, links_apart=3)
    rows = tuple((RenderedButton("Une page " + "a" * 11, url=f"https://x.org/{n}"),) for n in "abc")
    made = parts(Rendered("Texte", "fr", buttons=rows), able, SAID)
    assert [part.text for part in made if part.rows] == ["Une page " + "a" * 11] * 3
    for part in made:
        within(part, able)


def test_a_text_is_parted_between_paragraphs_and_never_within_a_mark() -> None:
    text = spoken(
        read("\n\n".join(["**un** " + "a" * 60, "*" + "b c " * 20 + "d*", "fin"])), "html"
    )
    able = replace(TELEGRAM, text=100, choices=(Choices("rows", 3, 20, 64, text=20),))
    button = RenderedButton("Suite", data="x")
    first, second, last = parts(Rendered(text, "fr", buttons=((button,),)), able, SAID)
    assert first.text.startswith("<b>un</b>")
    assert second.text.startswith("<i>")
    assert second.text.endswith("</i>")
    assert (last.text, [one.label for one in last.buttons]) == ("fin", ["Suite"])


def test_a_row_of_a_list_tells_below_its_short_label_what_does_not_fit_on_it() -> None:
    long = "Écrire au ministre de la Justice"
    rows = tuple((RenderedButton(long, data=f"x:{n}"),) for n in range(4))
    (part,) = parts(Rendered("Texte", "fr", buttons=rows), NARROW, SAID)
    assert part.rows[0][0].label == "Écrire au ministre de l…"
    assert part.details[0] == ("x:0", long)


def test_the_button_that_leads_on_shows_the_rest_of_the_screen_and_does_nothing() -> None:
    campaign, _ = shipped()

    def press(data: str) -> list[str]:
        event = Chose(id="1", channel="narrow", address="a", data=data)
        outcome = step(Supporter(known=True), event, Facts(), campaign, NOW)
        assert not outcome.effects
        (message,) = outcome.messages
        buttons = [one for row in message.buttons for one in row]
        return [message.text.key, *(one.data for one in buttons if isinstance(one, Choice))]

    key, *every = press("menu")
    assert press(further("menu", 2)) == ["surprises.rest", *every[2:]]
    assert press(further(further("menu", 2), 1)) == ["surprises.rest", *every[3:]]
    assert press(further("menu", 99)) == [key, *every], "the screen has fewer now"
    for forged in ("more:1:more:1:menu", "more:x:menu", "more:1", "more:1:nothing", "more:²:menu"):
        assert press(forged)[0] != "surprises.rest"


def test_leading_on_neither_signs_nor_forgets_once_more() -> None:
    campaign, _ = shipped()
    petition = next(iter(campaign.petitions))
    for data in (f"sign:{petition}", "forget:yes", "did:mamat:letter", "topics:off"):
        event = Chose(id="1", channel="narrow", address="a", data=f"more:1:{data}")
        outcome = step(Supporter(known=True), event, Facts(), campaign, NOW)
        assert not outcome.effects


def test_every_screen_of_the_shipped_content_can_be_laid_out_on_a_narrow_channel() -> None:
    campaign, wording = shipped()
    for n, (_, message) in enumerate(every_screen(campaign)):
        if n % 7 == 0:
            made = parts(wording.render(message, "fr", "plain"), NARROW, SAID)
            for part in made:
                within(part, NARROW)


def test_what_waits_in_the_outbox_keeps_how_it_is_shown_again() -> None:
    shown = Rendered("x", "fr", again="menu")
    assert Rendered.from_json(json.loads(json.dumps(shown.as_json()))) == shown
    assert "again" not in Rendered("x", "fr").as_json()


def test_a_window_says_since_when_somebody_must_have_written() -> None:
    assert reached_since([NARROW, TELEGRAM], NOW) == {"narrow": NOW - timedelta(hours=24)}


@pytest.mark.slow
def test_the_check_holds_a_screen_against_the_messages_that_a_channel_makes_of_it(
    tmp_path: Path,
) -> None:
    content = build_content(tmp_path / "content")

    def found(able: Capabilities) -> list[str]:
        problems = load(content.path, [able], today=TODAY).problems
        return [one.text for one in problems if "too long" in one.text and "label" not in one.text]

    assert found(replace(NARROW, text=30, choices=(Choices("list", 10, 60, 200, text=20),))) == []
    roomy = replace(NARROW, text=30, links_apart=None, blocks=True, copy=256)
    assert found(replace(roomy, choices=(Choices("rows", 99, 60, 200),))) != []


@pytest.mark.parametrize("text", ["mot " * 3, "m" * 25])
def test_a_text_without_paragraphs_is_parted_all_the_same(text: str) -> None:
    able = replace(NARROW, text=10, choices=(Choices("rows", 3, 20, 64, text=5),))
    made = parts(
        Rendered(text.strip(), "fr", buttons=((RenderedButton("A", data="x"),),)), able, SAID
    )
    assert "".join("".join(part.text for part in made).split()) == "".join(text.split())
    assert len(made[-1].text) <= 5


async def test_a_broadcast_goes_to_nobody_whose_window_has_closed(data: Path) -> None:
    await fill(data, range(5000, 5003))  # they wrote two days ago
    campaign, _ = shipped()
    store = await SqliteDatabase.open(data)
    keys = Keys.open(data / "keys", None, database_exists=True)

    def among(window: timedelta | None) -> Recipients:
        return Recipients(store, keys, lambda: campaign, [replace(TELEGRAM, window=window)])

    news = Broadcast(audience=Audience(topic="cases"))
    try:
        windows = (None, timedelta(hours=72), timedelta(hours=24))
        assert [await among(window).count(news) for window in windows] == [3, 3, 0]
    finally:
        await store.close()
