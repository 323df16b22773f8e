"""What shows nothing is no text, whoever writes it and wherever."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.broadcasts import file_format
from bot.campaign.broadcast_rules.acts import perform
from bot.campaign.broadcast_rules.allowing import NotAllowed, Rules
from bot.campaign.broadcast_rules.audience import Audience
from bot.campaign.broadcast_rules.broadcast import Broadcast, Lead
from bot.campaign.broadcast_rules.checking import faults
from bot.campaign.desk_commands.broadcasts import AddLead, SetText, SetTitle
from bot.campaign.scenes.staff_screens import title
from bot.campaign.staff import Member, Role
from bot.campaign.typed import one_line
from bot.campaign.urgent_banner import NO_BANNER, worded
from bot.campaign.visible import shows
from bot.channels.telegram.capabilities import TELEGRAM
from tests.content_builder import at, build_content
from tests.shipped import shipped

CAMPAIGN, _ = shipped()
CHANNELS = (TELEGRAM,)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
EDITOR = Member("e", Role.EDITOR)
DRAFT = Broadcast(id=1, author="e", texts={"fr": "Bonjour"}, audience=Audience(topic="cases"))

NOTHING = {
    "zero width space": "\u200b",
    "joiners": "\u200c\u200d\u2060",
    "braille blank": "\u2800",
    "hangul fillers": "\u115f\u1160\u3164\uffa0",
    "variation selectors": "\ufe0e\ufe0f\U000e0100",
    "tags": "\U000e0041\U000e007f",
    "marks alone": "\u0301\u20dd\u0903",
    "spaces": " \t\n\u00a0\u2003\u202f\u3000\u1680\u2028",
    "direction": "\u200e\u200f\u202e\u2066\u2069",
    "soft hyphen": "\u00ad\u034f\u061c\u180e",
    "blank glyphs": "\U0001d159\U00013441\ufffc",
    "khmer inherent vowels": "\u17b4\u17b5",
    "reserved ignorables": "\u2065\ufff0\U000e0fff",
    "noncharacters and private use": "\ufffe\ufdd0\U0001ffff\ue000\U00100000",
    "a lone surrogate": "\ud83d",
    "nothing": "",
}
SOMETHING = ["a", ".", "0", "麦", "ئ", "🕯", "\u0301e", "✔\ufe0f", "…", "\u200bx", "\U0001faea", "-"]


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING)
def test_what_is_invisible_shows_nothing(text: str) -> None:
    assert not shows(text)


@pytest.mark.parametrize("text", SOMETHING)
def test_one_visible_sign_is_enough_even_one_newer_than_this_python(text: str) -> None:
    assert shows(text)


EMPTY = [
    "\u200b",
    "**\u2800**",
    "[]{bold}",
    "[\u3164](https://example.org)",
    "\\\n",
]
FORMER = [
    "<b>\u2800</b>",
    "<b></b>",
    '<a href="https://example.org">\u3164</a>',
    "&#8203;",
]


@pytest.mark.parametrize("text", EMPTY)
def test_a_broadcast_takes_no_text_that_shows_nothing(text: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        perform(DRAFT, SetText(1, "fr", text), EDITOR, Rules(1, CAMPAIGN, CHANNELS), NOW)
    assert refused.value.reason == "blank"
    kept = DRAFT.model_copy(update={"texts": {"fr": text}})
    assert [one.what for one in faults(kept, CAMPAIGN, CHANNELS) if one.stops] == ["blank"]


@pytest.mark.parametrize("text", FORMER)
def test_a_text_that_was_kept_as_html_and_shows_nothing_is_none(text: str) -> None:
    kept = DRAFT.model_copy(update={"texts": {"fr": text}, "written_in": "html"})
    assert [one.what for one in faults(kept, CAMPAIGN, CHANNELS) if one.stops] == ["blank"]


def test_a_text_that_is_taken_away_is_no_empty_text() -> None:
    both = DRAFT.model_copy(update={"texts": {"fr": "Bonjour", "en": "Hello"}})
    less = perform(both, SetText(1, "en", ""), EDITOR, Rules(1, CAMPAIGN, CHANNELS), NOW)
    assert less.texts == {"fr": "Bonjour"}


@pytest.mark.parametrize("name", ["\u3164", "\u200b \u2800"])
def test_labels_titles_and_banners_show_something(name: str) -> None:
    lead = Lead(url="https://www.example.org", labels={"fr": name})
    wrong = DRAFT.model_copy(update={"leads": (lead,)})
    assert [one.what for one in faults(wrong, CAMPAIGN, CHANNELS) if one.stops] == ["label"]
    rules = Rules(1, CAMPAIGN, CHANNELS)
    for command in (SetTitle(1, name), AddLead(1, lead)):
        with pytest.raises(NotAllowed):
            perform(DRAFT, command, EDITOR, rules, NOW)
    assert title(DRAFT.model_copy(update={"title": name})) == "Bonjour"
    with pytest.raises(ValueError, match="text"):
        worded(NO_BANNER, "fr", f"{name} | 2026-12-24", date(2026, 11, 21))


def test_a_persons_name_shows_something_too() -> None:
    assert one_line("\u3164\uffa0") == ""
    assert one_line("Zoé") == "Zoé"


BLANK_FILES = (
    ('texts: {fr: "\\u200B"}\n', "update.yaml:1:13: no text"),
    ('texts: {fr: "**\\u2800**"}\n', "update.yaml:1:13: no text"),
    ('title: "\\u3164"\ntexts: {fr: a}\n', "update.yaml:1:8: title shows nothing"),
    (
        'texts: {fr: a}\nbuttons:\n  - link: https://www.example.org\n    label: "\\u2800"\n',
        'update.yaml:3:3: the label "\u2800" is empty or too long',
    ),
)


@pytest.mark.parametrize(("written", "told"), BLANK_FILES)
def test_a_file_that_shows_nothing_is_refused_with_its_place(
    written: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = Path("update.yaml")
    file.write_text(written)
    read = file_format.load(file, CAMPAIGN, CHANNELS, NOW)
    assert read.broadcast is None
    assert any(told in str(problem) for problem in read.errors), read.errors


BLANK_CONTENT = (
    ("fr/ana.yaml", '"Choose a card."', '"\\u200B"', "ana.support.about: no text"),
    ("fr/ana.yaml", '"Do you know Ana?"', '"**\\u2800**"', "ana.share: no text"),
    ("cases.yaml", "name: Ben\n", 'name: "\\u3164"\n', "case ben: a text that shows nothing"),
)


@pytest.mark.parametrize(("name", "old", "new", "told"), BLANK_CONTENT)
def test_content_that_shows_nothing_is_found_by_the_check(
    name: str, old: str, new: str, told: str, tmp_path: Path
) -> None:
    content = build_content(tmp_path / "content")
    content.change(name, old, new)
    place = at(content, name, new.removeprefix("name: ").strip())
    report = content.report()
    assert [line for line in report if line.startswith(f"{place}: {told}")], report


def test_a_screen_whose_placeholders_leave_nothing_is_found_by_the_check(tmp_path: Path) -> None:
    content = build_content(tmp_path / "content")
    file = content.file("en/surprises.yaml")
    lines = file.read_text().splitlines(keepends=True)
    empty = [line for line in lines if not line.startswith("sticker:")]
    file.write_text("".join(empty) + "sticker: \"{{ '\\u3164' }}\"\n")
    place = at(content, "en/surprises.yaml", "\"{{ '\\u3164' }}\"")
    told = f"{place}: surprises.sticker: shows nothing"
    assert [line for line in content.report() if line.startswith(told)]
