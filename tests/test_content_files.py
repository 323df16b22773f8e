"""Whatever is wrong in content/ is found before start: file, line, column, and what to do."""

from __future__ import annotations

import random
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from bot.campaign.content import Structure
from bot.content_files import ContentError, Place, Problem, load, load_valid, schema
from bot.content_files.explaining import LOOKS_LIKE
from bot.content_files.problems import did_you_mean
from tests.content_builder import SHIPPED, TODAY, ContentFolder, build_content


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> ContentFolder:
    return build_content(tmp_path_factory.mktemp("model") / "content")


@pytest.fixture
def content(tmp_path: Path, model: ContentFolder) -> ContentFolder:
    shutil.copytree(model.path, tmp_path / "content")
    return ContentFolder(tmp_path / "content")


def at(content: ContentFolder, name: str, sign: str) -> str:
    """Where something stands in a file, as a report writes it."""
    text = content.file(name).read_text(encoding="utf-8")
    assert text.count(sign) == 1, f"{name} holds {sign!r} {text.count(sign)} times"
    before = text[: text.index(sign)]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    path = content.file(name).relative_to(content.path).as_posix()
    return f"{path}:{line}:{column}"


# The content that is there


def test_the_shipped_content_has_no_error_and_warns_of_its_age_and_of_addresses_alone() -> None:
    loaded = load(SHIPPED)
    assert [str(problem) for problem in loaded.errors] == []
    known = ("older than twelve months", "leads to a front page")
    unknown = [one for one in loaded.warnings if not any(part in one.text for part in known)]
    assert [str(problem) for problem in unknown] == []


def test_the_shipped_schema_is_up_to_date() -> None:
    kept = (SHIPPED / schema.FILE).read_text(encoding="utf-8")
    assert kept == schema.text(), "write it anew: python run_bot.py check --schema"


def test_the_small_content_has_no_problem(content: ContentFolder) -> None:
    assert content.report() == []


def test_versions_are_counted_over_all_languages(content: ContentFolder) -> None:
    content.change("en/ana.yaml", '    - "Free Ana."\n', "")
    campaign, _ = content.loaded()
    assert campaign.variants["ana.letter.release"] == 2
    assert campaign.variants["ana.letter.dismay"] == 2
    assert campaign.variants["ana.post"] == 1


def test_the_hash_of_a_petition_follows_its_text_alone(content: ContentFolder) -> None:
    before = content.loaded()[0].petition_hashes
    content.change("fr/petitions.yaml", 'title: "Freedom"', 'title: "Liberté"')
    assert content.loaded()[0].petition_hashes == before
    content.change("fr/petitions.yaml", "free them", "free them all")
    after = content.loaded()[0].petition_hashes
    assert after["freedom", "fr"] != before["freedom", "fr"]
    assert after["freedom", "en"] == before["freedom", "en"]
    assert re.fullmatch("[0-9a-f]{64}", after["freedom", "fr"])


# One thing broken in cases.yaml: (old, new, where it is seen, what is said). ``where`` must stand
# once in the changed file; § marks the place.


BROKEN_STRUCTURE = {
    "unknown action": (
        "{id: who, act: letter, as_of: \"2026-01\", source: A0}\n      - {id: change",
        "{id: who, act: §letterr, as_of: \"2026-01\", source: A0}\n      - {id: change",
        'case ana: unknown action "letterr" (did you mean "letter"?)',
    ),
    "unknown name": (
        "    told: \"2026\"\n    other: ben",
        "    §tolld: \"2026\"\n    other: ben",
        'case ana: unknown name "tolld" (did you mean "told"?)',
    ),
    "unknown name in an action": (
        "hashtags: [FreeAna]",
        "§hashtag: [FreeAna]",
        'case ana, action post: unknown name "hashtag" (did you mean "hashtags"?)',
    ),
    "unknown state": (
        "state: paused",
        "state: §pausd",
        'case ben: unknown state "pausd" (did you mean "paused"?)',
    ),
    "unknown kind": (
        "kind: support\n        id: support\n        minutes: 5\n        forwarded_by: "
        '[Organisation & amis, "1, rue du Test"]\n        as_of: "2026-01"\n        source: A0\n'
        "      - kind: post\n        id: post\n        minutes: 1\n        hashtags",
        "§kind: suport\n        id: support\n        minutes: 5\n        forwarded_by: "
        '[Organisation & amis, "1, rue du Test"]\n        as_of: "2026-01"\n        source: A0\n'
        "      - kind: post\n        id: post\n        minutes: 1\n        hashtags",
        'case ana, action support: unknown kind "suport" (did you mean "support"?)',
    ),
    "missing as_of": (
        'embassy:\n    post: [2 Side Street, Paris]\n    email: embassy@government.example\n'
        '    as_of: "2026-01"',
        "§embassy:\n    post: [2 Side Street, Paris]\n    email: embassy@government.example",
        'addressee embassy: "as_of" is missing '
        '(add since when this is true: as_of: "2021-10")',
    ),
    "unquoted no": (
        "name: Ben\n",
        "name: §no\n",
        'YAML reads as true or false: no (put it in quotes: "no")',
    ),
    "unquoted date": (
        'day: "2025-10-07"',
        "day: §2025-10-07",
        'YAML reads as a date, not as text: 2025-10-07 (put it in quotes: "2025-10-07")',
    ),
    "unquoted year": (
        'A0: {title: "A page", published: "2026-01"}',
        'A0: {title: "A page", published: §2026}',
        'source A0: published takes a text, not 2026 (put it in quotes: "2026")',
    ),
    "leading zero": (
        'fax: "+00 1 23 45"',
        "fax: §0012345",
        'YAML drops the leading zero of 0012345 (put it in quotes: "0012345")',
    ),
    "text for a number": (
        "minutes: 1\n        hashtags",
        "minutes: §one\n        hashtags",
        'case ana, action post: minutes takes a whole number, not "one" (write digits only)',
    ),
    "number out of bounds": (
        "minutes: 1\n        hashtags",
        "minutes: §500\n        hashtags",
        "case ana, action post: minutes is 500 (write 120 at most)",
    ),
    "two actions": (
        "      - kind: post\n        id: post\n        minutes: 1\n        hashtags: [FreeAna]\n",
        "",
        "case ana: actions has 2 (give 3 or more)",
    ),
    "bad id": (
        "  ben:\n",
        "  §Ben:\n",
        'case Ben: "Ben" does not do for a name '
        "(use small letters and digits, a letter first, 20 at most)",
    ),
    "bad address": (
        "website: https://organisation.example/",
        "website: §organisation.example",
        'organisation: "organisation.example" does not do for website '
        "(write the whole address, beginning with https://)",
    ),
    "empty value": (
        "    name: Ben\n",
        "    name: §\n",
        "case ben: name is empty (write a text, or delete the line)",
    ),
    "unknown addressee": (
        "to: [minister]",
        "to: [§ministre]",
        'case ana, action letter: unknown addressee "ministre" (did you mean "minister"?)',
    ),
    "unknown petition": (
        "petition: freedom\n    page",
        "petition: §fredom\n    page",
        'case ana: unknown petition "fredom" (did you mean "freedom"?)',
    ),
    "unknown other case": (
        "other: ben",
        "other: §benn",
        'case ana: unknown case "benn" (did you mean "ben"?)',
    ),
    "unknown source": (
        '{percent: 66, as_of: "2026-01", source: A0}',
        '{percent: 66, as_of: "2026-01", source: §A1}',
        'donate: unknown source "A1" (did you mean "A0"?)',
    ),
    "unknown step of the video": (
        "step: who",
        "step: §whom",
        'case ana: unknown step "whom" (did you mean "who"?)',
    ),
    "unknown time zone": (
        "time_zone: Europe/Paris",
        "time_zone: §Europe/Pari",
        'unknown time_zone "Europe/Pari" (write it like "Europe/Paris")',
    ),
    "a day that does not exist": (
        'day: "2025-10-07"',
        'day: §"2025-02-30"',
        "petition freedom: there is no 2025-02-30 (write a day of the calendar)",
    ),
    "a day ahead": (
        'day: "2025-10-07"',
        'day: §"2030-10-07"',
        "petition freedom: 2030-10-07 lies ahead (write when it was found to be true)",
    ),
    "named twice": (
        "topics: [cases, actions, events]",
        "topics: [cases, actions, §cases]",
        'topics: "cases" is named twice (keep one)',
    ),
    "key twice": (
        "    told: \"2026\"\n    other: ben",
        "    told: \"2026\"\n    §told: \"2025\"\n    other: ben",
        '"told" stands here twice (the first is in line',
    ),
    "tab": (
        "topics: [cases, actions, events]",
        "topics:\n§\t- cases",
        "a tab stands at the beginning of the line (indent with spaces)",
    ),
    "open quote": (
        "url: https://organisation.example/ecole\n  as_of: \"2026-01\"\n  source: A0",
        "url: https://organisation.example/ecole\n  as_of: \"2026-01\"\n  source: §\"A0",
        "a quote is opened here and not closed",
    ),
    "open bracket": (
        "topics: [cases, actions, events]",
        "topics: §[cases, actions, events",
        "a bracket is opened here and not closed",
    ),
    "colon": (
        "organiser: Organisation & amis",
        "organiser: Organisation§: amis",
        "a colon stands here where YAML expects none "
        "(put the text in quotes, or check the indentation)",
    ),
    "indentation": (
        "  url: https://organisation.example/ecole",
        "   url: https://organisation.example/ecole",
        "a colon stands here",
    ),
    "reserved name": (
        "  ben:\n",
        "  §letter:\n",
        'case letter: "letter" is the name of a message file (choose another)',
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN_STRUCTURE)
def test_what_is_wrong_in_the_structure_is_told_with_place_and_remedy(
    content: ContentFolder, kind: str
) -> None:
    old, new, said = BROKEN_STRUCTURE[kind]
    before, mark, after = new.partition("§")
    content.change("cases.yaml", old, before + after)
    report = content.report()
    found = [line for line in report if f": {said}" in line]
    assert found, "\n".join(report)
    if mark:
        text = content.file("cases.yaml").read_text(encoding="utf-8")
        start = text.index(before + after) + len(before)
        line = text.count("\n", 0, start) + 1
        column = start - (text.rfind("\n", 0, start) + 1) + 1
        assert re.match(rf"cases\.yaml:{line}:({column}|{max(column - 1, 1)}): ", found[0]), (
            f"{found[0]} is not at {line}:{column}"
        )


def test_a_letter_by_email_needs_an_address(content: ContentFolder) -> None:
    content.change("cases.yaml", "to: [minister]", "by: email\n        to: [minister]")
    content.change("cases.yaml", "    email: minister@government.example\n", "")
    assert content.report() == [
        f"{at(content, 'cases.yaml', 'minister]')}: case ana, action letter: "
        '"minister" has no e-mail address, and the letter goes by e-mail '
        "(add email to the addressee, or write by: any)"
    ]


def test_all_problems_come_at_once_in_the_order_of_the_files(content: ContentFolder) -> None:
    content.change("cases.yaml", "state: paused", "state: pausd")
    content.change("cases.yaml", "minutes: 3", "minutes: drei")
    content.change("fr/ana.yaml", 'call: "Write for Ana."', "call: yes")
    content.add("en/ben.yaml", 'unclosed: "')
    broken = ["messages/en/ben.yaml", "messages/fr/ana.yaml"]
    report = content.report()
    assert [line.split(":")[0] for line in report] == ["cases.yaml", "cases.yaml", *broken]


def test_missing_files_are_problems_too(tmp_path: Path) -> None:
    loaded = load(tmp_path / "nowhere")
    assert not loaded.valid
    assert "the file cannot be read: No such file or directory" in loaded.report()


def test_a_file_in_another_encoding_is_told_where(content: ContentFolder) -> None:
    file = content.file("fr/ana.yaml")
    file.write_bytes(b'# one\nsummary: "\xe9t\xe9"\n')
    assert (
        "messages/fr/ana.yaml:2:11: this character is not UTF-8 "
        "(save the file with the encoding UTF-8)" in content.report()
    )


def test_no_damage_to_a_file_stops_the_check(content: ContentFolder) -> None:
    whole = {name: content.file(name).read_text(encoding="utf-8") for name in DAMAGED}
    chance = random.Random(20)
    for name, text in whole.items():
        for _ in range(4):
            start = chance.randrange(len(text))
            sign = chance.choice(
                ["{", "}", "[", '"', ":", "\t", "- ", "*", "{{ x", "\x00", "\n\n", ""]
            )
            content.write(name, text[:start] + sign + text[start + chance.randrange(40) :])
            assert "should not happen" not in content.load().report()
        content.write(name, text)
    assert content.report() == []


def test_references_between_parts_are_refused(content: ContentFolder) -> None:
    content.change("cases.yaml", 'published: "2026-01"', 'published: &D "2026-01"')
    content.change("cases.yaml", 'told: "2026"', "told: *D")
    assert any("a reference to another part (*)" in line for line in content.report())


DAMAGED = ("cases.yaml", "fr/ana.yaml", "en/petitions.yaml")


# One thing broken in the messages


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
    assert all("_in_de: no text in any language" in line for line in report[1:])
    assert len(report) < 5


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
    found = load(content.path, today=date(2027, 6, 1))
    assert found.valid
    assert len(found.warnings) == 5
    assert "older than twelve months" in found.report()


def test_a_warning_looks_like_one() -> None:
    problem = Problem(Place("content/cases.yaml", 3, 9), "it is old", "look again", "warning")
    assert str(problem) == "content/cases.yaml:3:9: warning: it is old (look again)"


def test_load_valid_raises_with_the_whole_report(content: ContentFolder) -> None:
    assert load_valid(content.path)
    content.change("cases.yaml", "state: paused", "state: pausd")
    content.change("cases.yaml", "minutes: 3", "minutes: drei")
    with pytest.raises(ContentError, match=r'(?s)"drei".*"pausd"'):
        load_valid(content.path)


def test_a_further_check_can_be_hung_in(content: ContentFolder) -> None:
    def glyphs(checked):
        yield checked.in_text("fr", "ana.share", "no font has 安", "use another sign")

    found = load(content.path, today=TODAY, more_checks=[glyphs])
    assert [problem.text for problem in found.errors] == ["ana.share: no font has 安"]


# The schema


def test_every_pattern_of_the_schema_is_explained_in_words() -> None:
    patterns = set(re.findall(r'"pattern": "(.*?)(?<!\\)"', schema.text()))
    assert {pattern.replace("\\\\", "\\") for pattern in patterns} <= set(LOOKS_LIKE)


def test_the_schema_refuses_unknown_names_and_knows_every_field() -> None:
    made = schema.schema()
    assert made["additionalProperties"] is False
    assert set(made["properties"]) == set(Structure.model_fields)
    file = {"cases": {"x": {"actions": [{"kind": "post"}]}}}
    fields = schema.fields_at(("cases", "x", "actions", 0), file)
    assert fields == ["kind", "id", "minutes", "hashtags"]


def test_a_far_off_name_lists_what_is_known() -> None:
    assert did_you_mean("zzz", ["b", "a"]) == 'known are "a", "b"'
    assert did_you_mean("zzz", []) == ""


# Staff add a case


def test_staff_add_a_third_case_by_editing_content_alone(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "content")
    folder = ContentFolder(tmp_path / "content")
    small = build_content(tmp_path / "small")
    cases = small.file("cases.yaml").read_text(encoding="utf-8")
    ana = cases[cases.index("  ana:\n") : cases.index("  ben:\n")]
    ana = ana.replace("other: ben", "other: akber").replace("A0", "S0")
    ana = ana.replace("petition: freedom", "petition: xinjiang").replace("minister", "president")
    folder.change("cases.yaml", "\nothers:\n", f"\n{ana}\nothers:\n")
    for language in ("fr", "en"):
        shutil.copy(small.file(f"{language}/ana.yaml"), folder.file(f"{language}/ana.yaml"))
    found = load(folder.path)
    assert [str(problem) for problem in found.errors] == []
    assert found.campaign is not None
    assert list(found.campaign.cases) == ["mamat", "akber", "ana"]
