"""What slips in from word processors and hurried typing is found, in its own line."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from bot.app import opened
from bot.channels.registered import ALL
from bot.cli import signed
from bot.cli.main import app
from bot.content_files import Content, known_warnings, load
from bot.content_files.checks.petitions import changed_petitions
from bot.content_files.problems import Place, Problem
from bot.settings import Settings
from bot.store.petitions import signed_texts
from bot.store.petitions.signed_texts import SignedText
from tests.content_builder import TODAY, ContentFolder, at, build_content


@pytest.fixture
def content(tmp_path: Path) -> ContentFolder:
    return build_content(tmp_path / "content")


# The file, what stands there, what is typed in its place, and what is said of it. § marks the line.
SLIPS = {
    "one brace": (
        "fr/leave.yaml", 'button: "Quitter vite"', '§button: "Quitter { town } vite"',
        'leave.button: a single "{" is shown as it is (a placeholder has two braces',
    ),
    "three braces": (
        "en/ana.yaml", 'summary: "Somebody', '§summary: "}Somebody',
        'ana.summary: a single "}" is shown as it is',
    ),
    "quotes of a word processor": (
        "fr/leave.yaml", 'button: "Quitter vite"', "§button: “Quitter vite”",
        "leave.button: the quotes “…” around the text are shown (YAML takes straight ones",
    ),
    "quotes of a word processor in a placeholder": (
        "fr/share.yaml", 'one="Une personne est venue"', "one=“Une personne est venue”",
        "share.friends: Word's quotes stand in the placeholder (write straight ones",
    ),
    "quotes of a word processor in the structure": (
        "cases.yaml", "name: Organisation & amis", "§name: “Organisation”",
        "organisation: the quotes “…” around the text are shown",
    ),
    "a quote at the end alone": (
        "fr/leave.yaml", 'button: "Quitter vite"', '§button: Quitter vite"',
        "leave.button: a quote stands at the end, and none at the beginning",
    ),
    "a quote that is not closed": (
        "fr/leave.yaml", 'button: "Quitter vite"', '§button: "Quitter vite',
        "a quote is opened here and not closed",
    ),
    "a quote that closes lines further down": (
        "fr/commands.yaml", 'cases: "Les personnes et leur histoire"', '§cases: "Les personnes',
        "a quote is opened here and not closed",
    ),
    "a comma in an address": (
        "cases.yaml", "embassy@government.example", "embassy@government,example",
        '"embassy@government,example" does not do for email (write one e-mail address',
    ),
    "a comma in a web address": (
        "cases.yaml", "https://organisation.example/", "https://www.organisation,example/",
        "does not do for website (write the whole address",
    ),
}  # fmt: skip


def report(content: ContentFolder) -> list[str]:
    """As the folder's own, held against no channel: a slip is one on all of them."""
    found = load(content.path, (), today=TODAY).problems
    return [str(problem).replace(f"{content.path.as_posix()}/", "") for problem in found]


@pytest.mark.parametrize("kind", SLIPS)
def test_a_slip_is_named_in_its_own_line(content: ContentFolder, kind: str) -> None:
    name, old, new, said = SLIPS[kind]
    content.change(name, old, new.replace("§", ""))
    told = report(content)
    found = [line for line in told if said in line]
    assert found, "\n".join(told)
    if "§" in new:
        file, line, _ = at(content, name, new.replace("§", "")).split(":")
        assert found[0].startswith(f"{file}:{line}:"), found


def test_a_text_over_several_lines_in_quotes_is_no_slip(content: ContentFolder) -> None:
    content.change("fr/leave.yaml", 'button: "Quitter vite"', 'button: "Quitter\n  vite"')
    assert report(content) == []


def test_words_in_typographic_quotes_within_a_text_are_no_slip(content: ContentFolder) -> None:
    content.change("fr/leave.yaml", 'button: "Quitter vite"', 'button: "Quitter “vite”"')
    assert report(content) == []


@pytest.mark.slow
def test_another_text_under_the_same_version_is_told(content: ContentFolder) -> None:
    before, _ = content.loaded()
    content.change("fr/petitions.yaml", "text:", "text: >-\n    Autrement.\n  before:")
    after, _ = content.loaded()
    assert changed_petitions(before, after) == ["freedom"]
    assert changed_petitions(before, before) == []
    content.change("cases.yaml", "version: 1", "version: 2")
    raised, _ = content.loaded()
    assert changed_petitions(before, raised) == []


async def test_check_finds_a_petition_that_was_changed_after_people_had_signed_it(
    content: ContentFolder, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path / "data", content=content.path)
    text = SignedText("0" * 64, "freedom", "fr", 1, "As it was.")
    async with (
        opened(settings, Content(content.path, ALL), {}) as bot,
        bot.store.writing() as connection,
    ):
        await signed_texts.keep(connection, [text])
    check = await asyncio.to_thread(signed.signed_texts, settings)
    found = load(content.path, ALL, today=TODAY, more_checks=(check,)).errors
    assert [(one.line, one.remedy) for one in found] == [
        (int(at(content, "cases.yaml", "1\n    handed_over").split(":")[1]), "write version: 2")
    ]
    assert "people have signed version 1 with another text" in found[0].text


def test_without_a_database_there_is_nothing_to_compare(
    content: ContentFolder, tmp_path: Path
) -> None:
    for directory in (tmp_path / "none", tmp_path):
        settings = Settings(data_dir=directory, content=content.path)
        check = signed.signed_texts(settings)
        assert not load(content.path, ALL, today=TODAY, more_checks=(check,)).problems
    assert not (tmp_path / "none").exists()


def warning(text: str, line: int = 3) -> Problem:
    return Problem(Place("content/cases.yaml", line), text, "mend it", "warning")


def test_a_warning_is_told_once_and_then_counted(tmp_path: Path) -> None:
    file = tmp_path / known_warnings.FILE
    old, moved, fresh = warning("old"), warning("old", line=9), warning("fresh")
    assert known_warnings.told(file, [old]) == ([old], 0)
    assert known_warnings.told(file, [moved]) == ([], 1)
    assert known_warnings.told(file, [old, fresh]) == ([fresh], 1)
    assert known_warnings.told(file, None) == ([], 2)


def test_a_warning_that_went_and_comes_back_is_told_again(tmp_path: Path) -> None:
    file = tmp_path / known_warnings.FILE
    known_warnings.told(file, [warning("old")])
    known_warnings.told(file, [])
    assert known_warnings.told(file, [warning("old")])[1] == 0


def test_without_a_data_directory_each_warning_is_told_each_time(tmp_path: Path) -> None:
    file = tmp_path / "none" / known_warnings.FILE
    for _ in range(2):
        assert len(known_warnings.told(file, [warning("old")])[0]) == 1
    assert not file.parent.exists()


@pytest.mark.slow
def test_check_counts_what_it_has_shown(
    content: ContentFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_CONTENT", str(content.path))
    monkeypatch.setenv("BOT_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    content.change("fr/ana.yaml", "share:", 'shares: "x"\nshare:')
    first, again, every = (
        CliRunner().invoke(app, ["check", *more]).output for more in ([], [], ["--all"])
    )
    assert "ana.shares: nothing says this" in first
    assert "nothing says this" not in again
    assert "known warning" in again
    assert "(run_bot.py check --all shows" in again
    assert "ana.shares: nothing says this" in every


def test_what_one_slip_leaves_unsaid_is_in_the_report_and_not_in_the_log(
    content: ContentFolder,
) -> None:
    buttons = content.path / "messages/fr/buttons.yaml"
    first, rest = buttons.read_text(encoding="utf-8").split('"\n', 1)
    buttons.write_text(f"{first}\n{rest}", encoding="utf-8")
    with capture_logs() as said:
        errors = load(content.path, ALL).errors
    assert [str(one) for one in errors if "not closed" in str(one)]
    assert said == []
