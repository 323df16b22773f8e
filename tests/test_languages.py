"""Languages that are whole or partial, offered or waiting for somebody whose own they are."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.campaign.content import Campaign, LetterAction
from bot.campaign.conversation import step
from bot.campaign.events import Chose, Commanded, Event, Said, Started
from bot.campaign.letters import spoken_to
from bot.campaign.messages import Choice, Message, words
from bot.campaign.screens import every_screen
from bot.campaign.supporter import Facts, Supporter
from bot.campaign.typed import one_line
from bot.channels.registered import ALL
from bot.content_files import load
from bot.content_files.checks.content import words_of
from bot.wording import Wording
from tests.content_builder import ContentFolder, at, build_content
from tests.shipped import shipped

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
SHIPPED, WORDING = shipped()
ARABIC = SHIPPED.trying("ar")


@pytest.fixture
def content(tmp_path: Path) -> ContentFolder:
    return build_content(tmp_path / "content")


def with_language(content: ContentFolder, written: str) -> None:
    content.change("cases.yaml", "languages: [fr, en]", f"languages: [fr, en, {written}]")


NEEDED = """\
name: "Deutsch"
screen: "**Welche Sprache?**"
lent: "*Noch nicht auf Deutsch: hier auf {{ shown|language }}.*"
"""
STORY = 'screen: "{{ name }} {{ chinese }} {{ step }} {{ text }} {{ call }} {{ told }}"\n'
WELCOME = 'hello: "**{{ name }}** {{ summary }} {{ org }}"\nbot: "Ein Programm."\n'
ACTIONS = 'screen: "{{ name }}"\nline: "{{ title }}"\n'


def partial(content: ContentFolder, more: str = "") -> None:
    with_language(content, f"{{code: de, partial: true{more}}}")
    content.write("de/language.yaml", NEEDED)
    content.write("de/story.yaml", STORY)
    content.write("de/welcome.yaml", WELCOME)
    content.write("de/actions.yaml", ACTIONS)
    for language in ("fr", "en"):
        content.add(f"{language}/buttons.yaml", 'letter_in_de: "DE"\nwords_in_de: "DE"\n')


def quickly(content: ContentFolder) -> tuple[Campaign, Wording]:
    """Both parts, without the walk through all screens."""
    found = load(content.path, ALL, thorough=False)
    assert found.campaign is not None
    assert found.wording is not None
    return found.campaign, found.wording


def said(campaign: Campaign, wording: Wording, event: Event, language: str) -> list[str]:
    supporter = Supporter(known=True, language=language)
    outcome = step(supporter, event, Facts(), campaign, NOW)
    assert outcome.language == language
    return [wording.render(one, language, "plain").text for one in outcome.messages]


def labels(campaign: Campaign, event: Event) -> list[str]:
    outcome = step(Supporter(known=True, language="fr"), event, Facts(), campaign, NOW)
    return [
        button.data
        for message in outcome.messages
        for row in message.buttons
        for button in row
        if isinstance(button, Choice)
    ]


def command(name: str) -> Event:
    return Commanded(id="1", channel="", address="", name=name)


def chose(data: str) -> Event:
    return Chose(id="1", channel="", address="", data=data)


def test_a_language_that_nobody_has_reviewed_is_offered_to_nobody(content: ContentFolder) -> None:
    partial(content)
    campaign, _ = quickly(content)
    assert (campaign.languages, campaign.written) == (["fr", "en"], ["fr", "en", "de"])
    assert "language:de" not in labels(campaign, command("language"))
    assert "language:de" in labels(campaign.trying("de"), command("language"))
    assert campaign.language("de") == "fr"


def test_once_reviewed_it_is_offered(content: ContentFolder) -> None:
    partial(content, ', reviewed: {by: Erika, on: "2026-02-01"}')
    campaign, _ = quickly(content)
    assert campaign.languages == ["fr", "en", "de"]
    assert "language:de" in labels(campaign, command("language"))


@pytest.mark.slow
def test_what_a_partial_language_lacks_is_told_in_one_line(content: ContentFolder) -> None:
    partial(content)
    report = content.report()
    assert len(report) == 1, report
    assert f'{at(content, "cases.yaml", "{code: de")}: warning: languages: "de": ' in report[0]
    assert "offered to nobody until somebody whose language it is has reviewed it" in report[0]
    assert 'texts are there, the rest is said in "fr" (missing: ' in report[0]


def test_what_it_lacks_is_said_in_the_language_that_content_names(content: ContentFolder) -> None:
    partial(content)
    content.add("cases.yaml", "language_instead: {de: en}\n")
    campaign, wording = quickly(content)
    [privacy] = said(campaign.trying("de"), wording, command("privacy"), "de")
    assert privacy.startswith("Your data")
    assert privacy.endswith("Noch nicht auf Deutsch: hier auf Englisch.")


def test_a_screen_that_is_there_is_said_in_it_without_a_word_of_others(
    content: ContentFolder,
) -> None:
    partial(content)
    content.write("de/ana.yaml", 'summary: "Wer Ana ist."\n')
    campaign, wording = quickly(content)
    [hello] = said(campaign.trying("de"), wording, Started(id="1", channel="", address=""), "de")
    assert "Wer Ana ist." in hello
    assert "Noch nicht" not in hello


def test_a_petition_that_is_lent_is_signed_as_it_was_read(content: ContentFolder) -> None:
    partial(content)
    campaign, _ = quickly(content)
    read = campaign.petition_texts["freedom", "de"]
    assert read == campaign.petition_texts["freedom", "fr"]
    assert campaign.petition_hashes["freedom", "de"] == campaign.petition_hashes["freedom", "fr"]


@pytest.mark.slow
def test_a_partial_language_is_not_offered_without_its_first_screens(
    content: ContentFolder,
) -> None:
    partial(content, ', reviewed: {by: Erika, on: "2026-02-01"}')
    content.write("de/story.yaml", 'careful: "x"\n')
    assert any("story.screen: is missing" in line for line in content.report())


def test_texts_for_staff_may_be_in_fewer_languages(content: ContentFolder) -> None:
    for name in ("staff", "pending", "lots", "handover"):
        content.file(f"en/{name}.yaml").unlink(missing_ok=True)
    assert content.report() == []


def test_a_letter_is_offered_only_in_languages_that_have_all_of_it(content: ContentFolder) -> None:
    partial(content)
    campaign, _ = quickly(content)
    offered = campaign.trying("de")
    [action] = [one for one in offered.cases["ana"].actions if isinstance(one, LetterAction)][:1]
    assert offered.written_for("ana", action.id) == ["fr", "en"]
    assert spoken_to(offered, "ana", action, "de") in ("fr", "en")


def test_two_languages_of_the_same_name_are_told_apart(content: ContentFolder) -> None:
    content.change("en/language.yaml", 'name: "English"', 'name: "Français"')
    assert any(
        'language.name: "Français" is the name of "fr" too' in line for line in content.report()
    )


def test_a_text_in_the_folder_of_another_language_is_found(content: ContentFolder) -> None:
    french = (content.file("fr/leave.yaml")).read_text(encoding="utf-8")
    sentence = (
        "Le bouton qui quitte la page tout de suite, et ne garde rien dans l’onglet : les autres"
        " pages sont là pour vous, et pour qui les ouvre."
    )
    content.write("en/leave.yaml", french.split("hint:")[0] + f'hint: "{sentence}"\nto: "x"\n')
    assert any(
        'leave.hint: this reads as "fr", and the folder is "en"' in line
        for line in content.report()
    )


def test_the_shipped_texts_are_in_the_folders_of_their_languages() -> None:
    assert SHIPPED.languages == ["fr", "en"]
    assert SHIPPED.written == ["fr", "en", "ar"]


# Arabic: the proof that a language from right to left is whole on its main path.

MAIN_PATH = (
    Started(id="1", channel="", address=""),
    Started(id="1", channel="", address="", payload="mamat"),
    *(chose(f"story:mamat:{n}") for n in range(1, 8)),
    chose("actions:mamat"),
    chose("petition:xinjiang"),
    chose("sign:xinjiang"),
    chose("act:mamat:letter"),
    chose("risk:mamat:letter:no"),
    chose("risk:mamat:email:yes"),
    chose("act:mamat:support"),
    command("language"),
    command("help"),
    command("privacy"),
    command("forget"),
    chose("menu"),
)


@pytest.mark.parametrize("event", MAIN_PATH, ids=str)
def test_the_main_path_is_in_arabic(event: Event) -> None:
    outcome = step(Supporter(language="ar"), event, Facts(), ARABIC, NOW)
    assert outcome.messages
    for message in outcome.messages:
        # A new text elsewhere may be lent for a while: what a screen says and leads to is there.
        assert WORDING.has(message.text.key, "ar")
        for button in message.buttons[0]:
            assert WORDING.has(button.label.key, "ar"), button.label.key


@pytest.mark.parametrize(
    ("typed", "key"),
    [("أنا في خطر", "typed.danger.answer"), ("أريد أن أموت", "typed.despair.answer")],
)
def test_words_of_danger_are_heard_in_arabic_by_whoever_types_them(typed: str, key: str) -> None:
    for campaign, language in ((ARABIC, "ar"), (SHIPPED, "fr")):
        said = Said(id="1", channel="", address="", text=typed)
        outcome = step(Supporter(known=True, language=language), said, Facts(), campaign, NOW)
        assert key in {one.key for one in words_of(outcome.messages[0])}


def test_every_screen_in_arabic_is_whole_on_every_channel() -> None:
    for way, message in every_screen(ARABIC, NOW):
        for able in ALL:
            text = WORDING.render(message, "ar", able.markup).text
            if WORDING.lent(message, "ar"):
                continue
            for line in text.split("\n"):
                assert line.count("\u2066") == line.count("\u2069"), way
                bare = re.sub(r"<[^>]*>|\u2066[^\u2069]*\u2069", "", line)
                latin = re.search(r"[A-Za-z]", bare)
                assert not (latin and re.search("[\u0600-\u06ff]", bare)), (way, line)


def test_arabic_has_six_forms_of_number() -> None:
    told = [
        one_line(WORDING.text(words("share.friends", count=count), "ar", "plain"))
        for count in (0, 1, 2, 3, 11, 100)
    ]
    assert len(set(told)) == 6


def test_a_letter_of_mamat_is_offered_in_arabic_and_one_of_akber_is_not() -> None:
    assert ARABIC.writes("ar", "mamat", "letter")
    assert not ARABIC.writes("ar", "akber", "letter")
    assert not SHIPPED.writes("ar", "mamat", "letter")


def test_the_letter_to_the_president_is_in_english_with_the_arabic_beside_it() -> None:
    supporter = Supporter(known=True, language="ar")
    outcome = step(supporter, chose("risk:mamat:letter:no"), Facts(), ARABIC, NOW)
    [message] = outcome.messages
    rendered = WORDING.render(message, "ar", "plain")
    assert "أويغوري" in rendered.text
    assert rendered.block.startswith("Mr President,")
    assert "\u2066" not in rendered.block


def test_a_screen_that_is_lent_says_so() -> None:
    message = Message(words("updates.stopped"))
    shown = WORDING.render(message, "ar", "plain").text
    assert shown.startswith("C’est arrêté.")
    assert shown.endswith("ما ينقص منه مكتوب باللغة الفرنسية.")
