"""Whatever is wrong in cases.yaml is found before start: line, column, and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.content_builder import ContentFolder, at, build_content


@pytest.fixture
def content(tmp_path: Path) -> ContentFolder:
    return build_content(tmp_path / "content")


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
        "kind: support\n        id: support\n        minutes: 5\n        send_to: "
        '[Organisation & amis, "1, rue du Test"]\n        as_of: "2026-01"\n        source: A0\n'
        "      - kind: post\n        id: post\n        minutes: 1\n        hashtags",
        "§kind: suport\n        id: support\n        minutes: 5\n        send_to: "
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


def test_a_petition_whose_signatures_go_nowhere_is_warned_of(content: ContentFolder) -> None:
    decided = '{to: [embassy], when: "spring 2027", decided_by: Organisation & amis}'
    content.change("cases.yaml", f"    hand_over: {decided}\n", "")
    (problem,) = content.report()
    assert problem.startswith(at(content, "cases.yaml", "freedom:\n"))
    assert "warning: petition freedom: the signatures given here will be handed over" in problem
    assert "nothing says to whom, when, who decides (fill in hand_over:" in problem


def test_half_a_decision_is_warned_of_by_what_is_missing(content: ContentFolder) -> None:
    content.change("cases.yaml", ", decided_by: Organisation & amis}", "}")
    (problem,) = content.report()
    assert "nothing says who decides (" in problem


def test_signatures_go_to_an_addressee_that_there_is(content: ContentFolder) -> None:
    content.change("cases.yaml", "hand_over: {to: [embassy]", "hand_over: {to: [embasy]")
    said = 'petition freedom: unknown addressee "embasy" (did you mean "embassy"?)'
    assert any(said in problem for problem in content.report())


@pytest.mark.parametrize("written", ["late 2021", "summer 2021", "2021-10"])
def test_a_fact_may_be_dated_to_part_of_a_year(content: ContentFolder, written: str) -> None:
    content.change("cases.yaml", '    as_of: "2026-01"', f'    as_of: "{written}"')
    assert [one for one in content.report() if "older than" not in one] == []


def test_a_part_of_a_year_that_there_is_not_is_told(content: ContentFolder) -> None:
    content.change("cases.yaml", '    as_of: "2026-01"', '    as_of: "Christmas 2021"')
    assert any('(write "2021", "late 2021"' in one for one in content.report())
