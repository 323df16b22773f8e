"""A copied case that still asks for another man's release is found before anybody sends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.content_builder import ContentFolder, at, build_content


@pytest.fixture
def content(tmp_path: Path) -> ContentFolder:
    return build_content(tmp_path / "content")


def told(content: ContentFolder) -> list[str]:
    return [line for line in content.report() if "of the case" in line]


def test_the_small_content_names_nobody_wrongly(content: ContentFolder) -> None:
    assert told(content) == []


WRONG = {
    "letter": ("fr/ben.yaml", '"Release Ben."', '"Release Ana."', "ben.letter.release.0"),
    "subject": (
        "fr/ben.yaml",
        '"Release Ben"',
        '"Release Ana Exemple"',
        "ben.letter.subject.letter",
    ),
    "chinese": ("en/ben.yaml", '"Let Ben go."', '"Ben (安娜)"', "ben.letter.release.1"),
    "capitals": ("en/ben.yaml", '"Free Ben now."', '"FREE ANA NOW"', "ben.post.0"),
    "hashtag": ("en/ben.yaml", '"Free Ben now."', '"Ben! #FreeAna"', "ben.post.0"),
    "share": ("fr/ben.yaml", '"Do you know Ben?"', '"Ben, not Ana?"', "ben.share"),
    "call": ("fr/ben.yaml", '"Write for Ben."', '"Write for Ana."', "ben.story.who.call"),
    "story": (
        "fr/ben.yaml",
        '"**Ben** is a *person*."',
        '"**Ana** is a *person*."',
        "ben.story.who",
    ),
    "story that names both": (
        "fr/ben.yaml",
        '"**Ben** is a *person*."',
        '"Ben is not **Ana**."',
        "ben.story.who",  # cases.yaml names no other for ben
    ),
    "summary": ("en/ana.yaml", '"Somebody whose name is Ana."', '"Ana or Ben"', "ana.summary"),
    "status": ("en/ana.yaml", '"Ana has died."', '"Ben has died."', "ana.status.died"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "old", "new", "key"), WRONG.values(), ids=WRONG)
def test_another_persons_name_is_found_with_its_place_and_remedy(
    name: str, old: str, new: str, key: str, content: ContentFolder
) -> None:
    content.change(name, old, new)
    (line,) = told(content)
    assert line.startswith(f"{at(content, name, new)}: {key}")
    assert "(write of " in line
    assert content.load().campaign is None or any(
        problem.severity == "error" for problem in content.load().problems
    )


def test_a_name_deep_in_a_text_is_found_in_its_line(content: ContentFolder) -> None:
    content.change("fr/ben.yaml", '"Release Ben."', "|-\n      Release Ben.\n      And Ana.")
    (line,) = told(content)
    number = content.file("fr/ben.yaml").read_text().splitlines().index("      And Ana.") + 1
    assert line.startswith(f"messages/fr/ben.yaml:{number}:")


def test_read_also_stays_allowed_where_the_case_says_so(content: ContentFolder) -> None:
    both = '"**Ana** is a cousin of Ben, of whom you can read here."'
    content.change("fr/ana.yaml", '"**Ana** is a *person*."', both)
    assert told(content) == []
    content.change("fr/ana.yaml", both, '"**Ben** is a *person*."')
    (line,) = told(content)
    assert "to point to ben, write other: ben and name Ana too" in line


def test_other_people_may_be_named_and_names_within_words_are_no_names(
    content: ContentFolder,
) -> None:
    content.change("fr/ben.yaml", '"Release Ben."', '"Release Ben, says Anatole of Banana."')
    content.add("fr/others.yaml", "")
    assert told(content) == []


def test_what_cases_yaml_says_of_a_case_is_looked_at_too(content: ContentFolder) -> None:
    content.change("cases.yaml", "chinese_name: 本", "chinese_name: 安娜")
    content.change("cases.yaml", "hashtags: [FreeAna]", "hashtags: [FreeBen]")
    chinese, hashtag = sorted(told(content), key=lambda line: "post" in line)
    lines = content.file("cases.yaml").read_text().splitlines()
    assert chinese.startswith(f"cases.yaml:{lines.index('    chinese_name: 安娜', 60) + 1}:")
    assert 'chinese_name "安娜" is that of the case ana (write that of Ben Exemple)' in chinese
    assert hashtag.startswith(at(content, "cases.yaml", "FreeBen"))


def test_two_who_are_called_the_same_are_pointed_out_and_no_more(content: ContentFolder) -> None:
    for old, new in (
        ("name: Ben\n    full_name: Ben Exemple", "name: Ana\n    full_name: Ana Exemple"),
        ("chinese_name: 本", "chinese_name: 安娜"),
    ):
        content.change("cases.yaml", old, new)
    for language in ("fr", "en"):
        text = content.file(f"{language}/ben.yaml").read_text().replace("Ben", "Ana")
        content.write(f"{language}/ben.yaml", text)
    assert [": warning: " in line for line in told(content)] == [True, True]
    assert content.load().campaign is not None


def test_an_addressee_names_nobody_where_others_write_as_well(content: ContentFolder) -> None:
    content.change("fr/addressees.yaml", '"Your Excellency,"', '"Your Excellency, free Ana:"')
    (line,) = told(content)
    assert line.startswith(at(content, "fr/addressees.yaml", '"Your Excellency, free Ana:"'))
    assert "ben writes there as well" in line


def test_a_copied_case_is_not_all_right(content: ContentFolder) -> None:
    for language in ("fr", "en"):
        copied = content.file(f"{language}/ana.yaml").read_text()
        content.write(f"{language}/carla.yaml", copied)
    cases = content.file("cases.yaml").read_text()
    ana = cases[cases.index("  ana:\n") : cases.index("  ben:\n")]
    carla = ana.replace("  ana:", "  carla:").replace("Ana", "Carla").replace("安娜", "卡拉")
    content.change("cases.yaml", "  ben:\n", carla + "  ben:\n")
    report = told(content)
    keys = {line.split(": ")[1] for line in report}
    assert {"carla.letter.release.0", "carla.letter.subject.letter", "carla.post.0"} <= keys
