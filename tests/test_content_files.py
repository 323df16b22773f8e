"""Content is read whole: what is there, what is broken in any file, and all problems at once."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import pytest

from bot.channels.registered import ALL
from bot.content_files import ContentError, Place, Problem, load, load_valid, schema
from tests.content_builder import SHIPPED, TODAY, ContentFolder, build_content


@pytest.fixture
def content(tmp_path: Path) -> ContentFolder:
    return build_content(tmp_path / "content")


def test_the_shipped_content_has_no_error_and_warns_of_what_nobody_has_filled_in() -> None:
    loaded = load(SHIPPED, ALL)
    assert [str(problem) for problem in loaded.errors] == []
    known = (
        "older than twelve months",
        "leads to a front page",
        "signatures given here will be handed over",
        "nobody is named to whom relatives",
        "not confirmed as detained since",
        '"ar": offered to nobody until',
    )
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


@pytest.mark.slow
def test_the_hash_of_a_petition_follows_its_text_alone(content: ContentFolder) -> None:
    before = content.loaded()[0].petition_hashes
    content.change("fr/petitions.yaml", 'title: "Freedom"', 'title: "Liberté"')
    assert content.loaded()[0].petition_hashes == before
    content.change("fr/petitions.yaml", "free them", "free them all")
    after = content.loaded()[0].petition_hashes
    assert after["freedom", "fr"] != before["freedom", "fr"]
    assert after["freedom", "en"] == before["freedom", "en"]
    assert re.fullmatch("[0-9a-f]{64}", after["freedom", "fr"])


def test_all_problems_come_at_once_in_the_order_of_the_files(content: ContentFolder) -> None:
    content.change("cases.yaml", "state: paused", "state: pausd")
    content.change("cases.yaml", "minutes: 3", "minutes: drei")
    content.change("fr/ana.yaml", 'call: "Write for Ana."', "call: yes")
    content.add("en/ben.yaml", 'unclosed: "')
    broken = ["messages/en/ben.yaml", "messages/fr/ana.yaml"]
    report = content.report()
    assert [line.split(":")[0] for line in report] == ["cases.yaml", "cases.yaml", *broken]


def test_missing_files_are_problems_too(tmp_path: Path) -> None:
    loaded = load(tmp_path / "nowhere", ALL)
    assert not loaded.valid
    assert "the file cannot be read: No such file or directory" in loaded.report()


def test_a_file_in_another_encoding_is_told_where(content: ContentFolder) -> None:
    file = content.file("fr/ana.yaml")
    file.write_bytes(b'# one\nsummary: "\xe9t\xe9"\n')
    assert (
        "messages/fr/ana.yaml:2:11: this character is not UTF-8 "
        "(save the file with the encoding UTF-8)" in content.report()
    )


@pytest.mark.slow
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


def test_a_warning_looks_like_one() -> None:
    problem = Problem(Place("content/cases.yaml", 3, 9), "it is old", "look again", "warning")
    assert str(problem) == "content/cases.yaml:3:9: warning: it is old (look again)"


def test_load_valid_raises_with_the_whole_report(content: ContentFolder) -> None:
    assert load_valid(content.path, ALL)
    content.change("cases.yaml", "state: paused", "state: pausd")
    content.change("cases.yaml", "minutes: 3", "minutes: drei")
    with pytest.raises(ContentError, match=r'(?s)"drei".*"pausd"'):
        load_valid(content.path, ALL)


def test_a_further_check_can_be_hung_in(content: ContentFolder) -> None:
    def glyphs(checked):
        yield checked.in_text("fr", "ana.share", "no font has 安", "use another sign")

    found = load(content.path, ALL, today=TODAY, more_checks=[glyphs])
    assert [problem.text for problem in found.errors] == ["ana.share: no font has 安"]


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
    found = load(folder.path, ALL)
    assert [str(problem) for problem in found.errors] == []
    assert found.campaign is not None
    assert list(found.campaign.cases) == ["mamat", "akber", "ana"]
