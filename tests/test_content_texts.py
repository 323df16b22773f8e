"""Whatever is wrong in the messages is found before start: file, line, and what to do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.channels.registered import ALL
from bot.content_files import load
from tests.content_builder import ContentFolder, at, build_content


@pytest.fixture
def content(tmp_path: Path) -> ContentFolder:
    return build_content(tmp_path / "content")


BROKEN_MESSAGES = {
    "missing translation": (
        "en/ana.yaml", 'summary: "Somebody whose name is Ana."\n', "",
        "messages/en/ana.yaml:1:1: ", 'ana.summary: no translation in "en"',
        "messages/fr/ana.yaml:1)",
    ),
    "missing part": (
        "en/ana.yaml",
        '  change:\n    text: "What can change."\n    call: "Sign for Ana."\n', "",
        "story:", 'ana.story.change: no translation in "en" (2 texts)',
        "messages/fr/ana.yaml:",
    ),
    "unused": (
        "fr/ana.yaml", "share:", 'shares: "x"\nshare:',
        '"x"', "warning: ana.shares: nothing says this", "(delete it)",
    ),
    "unknown placeholder": (
        "fr/petitions.yaml", "{{ count|number }}", "{{ conut|number }}",
        '"Handed over',
        'petitions.freedom.history: unknown placeholder "conut"', '(did you mean "count"?)',
    ),
    "placeholder in a letter": (
        "fr/ana.yaml", '"I am shocked."', '"I, {{ name }}, am shocked."',
        '"I, {{', 'ana.letter.dismay.1: unknown placeholder "name"',
        "(known are",
    ),
    "broken placeholder": (
        "fr/petitions.yaml", "{{ count|number }}", "{{ count|number }",
        '"Handed over',
        "petitions.freedom.history: the placeholder cannot be read",
        "a placeholder looks like {{ name }}",
    ),
    "unknown filter": (
        "fr/petitions.yaml", "count|number", "count|numbr",
        '"Handed over',
        'petitions.freedom.history: there is no filter "numbr"', '(did you mean "number"?)',
    ),
    "filter that does not fit": (
        "fr/petitions.yaml", "{{ day|day }}", "{{ territories|day }}",
        '"Handed over',
        "petitions.freedom.history: cannot be filled in: a value does not fit its filter", "",
    ),
    "unquoted yes": (
        "fr/ana.yaml", 'share: "Do you know Ana?"', "share: Yes",
        "Yes", "YAML reads as true or false: Yes",
        '(put it in quotes: "Yes")',
    ),
    "empty text": (
        "fr/ana.yaml", 'share: "Do you know Ana?"', 'share: " "',
        '" "', "ana.share: no text", "(write one, or delete the line)",
    ),
    "bad name": (
        "fr/ana.yaml", "share:", "Share.it:",
        "Share.it", '"Share.it" does not do for a name',
        "(use small letters, digits and _, a letter first)",
    ),
    "text that begins with a placeholder": (
        "fr/petitions.yaml", 'title: "Freedom"', "title: {{ x }} Freedom",
        "messages/fr/petitions.yaml:2:", "a text that begins with {{ is not text to YAML",
        "(put it in quotes",
    ),
    "mailto": (
        "fr/ana.yaml", '"Choose a card."', '"[Write](mailto:a@b.example) to us."',
        '"[Write]', 'ana.support.about: a link "mailto:" does not work',
        "(write the address as text, or offer a button that copies it)",
    ),
    "tel": (
        "fr/ana.yaml", '"Choose a card."', '"[Call](tel:0123)."',
        '"[Call]', 'ana.support.about: a link "tel:" does not work', "",
    ),
    "host without a dot": (
        "fr/ana.yaml", '"Choose a card."', '"[Here](https://localhost/x)."',
        '"[Here]', '"https://localhost/x" leads to no host on the web',
        "(a host has a dot in it)",
    ),
    "link without https": (
        "fr/ana.yaml", '"Choose a card."', '"[Here](www.example.org)."',
        '"[Here]', '"www.example.org" is no web address',
        "(begin it with https://)",
    ),
    "label too long": (
        "fr/ana.yaml", '"Write a letter"', '"Write a very long letter to all who decide"',
        '"Write a very', "ana.action.letter.title: label too long",
        "(40 fit on a phone)",
    ),
    "emoji only": (
        "fr/ana.yaml", '"Write a letter"', '"✍️ 💌"',
        '"✍️', 'ana.action.letter.title: the label "✍️ 💌" has no words',
        "(add a word",
    ),
    "post too long": (
        "fr/ana.yaml", '"Free Ana now."', f'"{"Libre ! " * 34}"',
        '"Libre', "ana.post.0: 338 characters on X", "(shorten it by 58",
    ),
    "text too long": (
        "fr/ana.yaml", '"**Ana** is a *person*."', f'"{"mot " * 1100}"',
        '"mot', "ana.story.who.text: too long: 4", "(telegram takes 4096",
    ),
    "letter too long": (
        "fr/ana.yaml", '"Let Ana go."', f'"{"mot " * 1100}"',
        "dismay:", "ana.letter.dismay: the letter letter of ana can take", "",
    ),
    "left over markup": (
        "fr/ana.yaml", '"**Ana** is a *person*."', '"**Ana is a *person*."',
        '"**Ana is', 'the signs "**" are shown as they are', "(close what they open",
    ),
    "one sign left over": (
        "fr/ana.yaml", '"**Ana** is a *person*."', '"Ana is x*« a person »*."',
        '"Ana is', 'the signs "*…*" are shown as they are', "(close what they open",
    ),
    "underscores for emphasis": (
        "fr/ana.yaml", '"**Ana** is a *person*."', '"Ana_x is a _person_."',
        '"Ana_x', 'the signs "_…_" are shown as they are', "write *so*",
    ),
    "versions in one language": (
        "fr/ana.yaml", '    - "I am shocked."\n', "",
        '"I am shocked', "warning: ana.letter.dismay.1: 2 versions here and 1",
        "translate it or delete it",
    ),
    "one text for versions": (
        "fr/ana.yaml", '  dismay:\n    - "I am dismayed."\n    - "I am shocked."',
        '  dismay: "I am dismayed."',
        '"I am dismayed', "ana.letter.dismay: one text where versions are wanted",
        '(write it below, after "- ")',
    ),
    "no text in a list": (
        "fr/ana.yaml", '  - "Free Ana now."', "  []",
        "[]", "ana.post: no text in the list", "(add one)",
    ),
    "markup across conditions": (
        "fr/petitions.yaml", "{{ territories }}", "**x{% if count < 0 %}**{% endif %}*y***",
        '"Handed over',
        "petitions.freedom.history: markup begins and ends in different conditions",
        "(let ** and * begin and end inside the same condition)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN_MESSAGES)
def test_what_is_wrong_in_a_message_is_told_with_place_and_remedy(
    content: ContentFolder, kind: str
) -> None:
    name, old, new, where, said, remedy = BROKEN_MESSAGES[kind]
    content.change(name, old, new)
    if not where.startswith("messages/"):
        where = at(content, "en/ana.yaml" if kind == "versions in one language" else name, where)
    report = content.report()
    fitting = [
        line for line in report if line.startswith(where) and said in line and remedy in line
    ]
    assert fitting, "\n".join(report) or "no problem was found"


def test_a_problem_inside_a_long_text_is_told_in_its_own_line(content: ContentFolder) -> None:
    content.change(
        "fr/petitions.yaml",
        '  text: "I ask you to free them."',
        "  text: |\n    One.\n\n    Two {{ nobody }}.",
    )
    assert any(
        line.startswith("messages/fr/petitions.yaml:6:1: ") and '"nobody"' in line
        for line in content.report()
    )


def test_a_language_without_texts_is_one_problem_not_hundreds(content: ContentFolder) -> None:
    content.change("cases.yaml", "languages: [fr, en]", "languages: [fr, en, de]")
    report = content.report()
    assert report[0] == (
        f'{at(content, "cases.yaml", "de]")}: languages: no texts in "de" '
        "(put them in messages/de/, or take the language away)"
    )
    # What the other languages lack are the buttons that lead to the new one.
    waiting = [line for line in report[1:] if '"de": offered to nobody until' in line]
    others = [line for line in report[1:] if line not in waiting]
    assert len(waiting) == 1
    assert all("_in_de: no text in any language" in line for line in others)
    assert len(report) < 6


@pytest.mark.slow
def test_an_unknown_language_is_told(content: ContentFolder) -> None:
    content.change("cases.yaml", "languages: [fr, en]", "languages: [fr, en, qx]")
    assert any('unknown language "qx"' in line for line in content.report())


def test_texts_of_a_language_that_is_not_offered_are_warned_of(content: ContentFolder) -> None:
    content.change("cases.yaml", "languages: [fr, en]", "languages: [fr]")
    assert any('warning: nobody reads "en"' in line for line in content.report())


def test_a_new_case_without_texts_is_told_what_it_needs(content: ContentFolder) -> None:
    for language in ("fr", "en"):
        content.file(f"{language}/ben.yaml").unlink()
    report = content.report()
    assert len(report) == 1
    assert report[0].startswith("messages/fr/ben.yaml:1:1: ben: no text in any language: action.")


def test_a_button_that_leads_only_to_a_front_page_is_warned_of(content: ContentFolder) -> None:
    content.change(
        "cases.yaml", "https://organisation.example/don", "https://organisation.example/"
    )
    assert any(
        "warning: donate: the donation page leads to a front page" in line
        for line in content.report()
    )


def test_old_contact_data_warns_and_does_not_stop(content: ContentFolder) -> None:
    found = load(content.path, ALL, today=date(2027, 6, 1))
    assert found.valid
    assert len(found.warnings) == 6, "five addresses, and whether Ana is still held"
    assert "older than twelve months" in found.report()
