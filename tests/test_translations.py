"""Texts to translators and back: nothing is lost, and what is wrong stays out."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po
from ruamel.yaml import YAML
from typer.testing import CliRunner

from bot.cli.main import app
from bot.translations import yaml_files
from tests.content_builder import SHIPPED, ContentFolder, build_content


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ContentFolder:
    made = build_content(tmp_path / "content")
    monkeypatch.setenv("BOT_CONTENT", str(made.path))
    monkeypatch.setenv("BOT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return made


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["translate", *arguments])
    assert result.exit_code == code, result.output
    return result.output


def translated(file: Path, texts: Mapping[str, str], *, unsure: tuple[str, ...] = ()) -> None:
    """The file as a translator sends it back."""
    catalogue = read_po(io.BytesIO(file.read_bytes()))
    for message in catalogue:
        if message.context and message.context in texts:
            message.string = texts[message.context]
        if message.context in unsure:
            message.flags.add("fuzzy")
    made = io.BytesIO()
    write_po(made, catalogue)
    file.write_bytes(made.getvalue())


def files(content: ContentFolder) -> dict[str, str]:
    return {
        file.relative_to(content.path).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted(content.path.rglob("*.yaml"))
    }


def test_what_comes_back_untouched_changes_no_byte(content: ContentFolder) -> None:
    before = files(content)
    assert "translated" in run("export", "en")
    assert "0 files changed; 0 texts not taken" in run("import", "en.po")
    assert files(content) == before


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("messages/*/*.yaml")), ids=lambda f: f.stem)
def test_every_shipped_file_is_written_as_it_was_read(file: Path) -> None:
    yaml: YAML = yaml_files._yaml()
    before = file.read_text(encoding="utf-8")
    written = io.StringIO()
    yaml.dump(yaml.load(before), written)
    assert written.getvalue() == before


def test_a_translation_takes_its_place_and_the_rest_of_the_file_stays(
    content: ContentFolder,
) -> None:
    content.change(
        "en/leave.yaml", 'button: "Quick exit"', '# mine\nbutton: "Quick exit"  # and this'
    )
    run("export", "en")
    translated(content.path.parent / "en.po", {"leave.button": "Leave now"})
    before = files(content)
    assert "1 files changed" in run("import", "en.po")
    after = files(content)
    changed = [name for name in after if after[name] != before[name]]
    assert changed == ["messages/en/leave.yaml"]
    aligned = after[changed[0]].replace('"   #', '"  #')
    assert aligned == before[changed[0]].replace('"Quick exit"', '"Leave now"')


@pytest.mark.slow
def test_a_new_language_begins_with_what_is_translated_in_the_order_of_the_first(
    content: ContentFolder,
) -> None:
    content.change("cases.yaml", "[fr, en]", "[fr, en, {code: de, partial: true}]")
    run("export", "de")
    made = content.path.parent / "de.po"
    text = made.read_text(encoding="utf-8")
    first, last = text.index('msgctxt "welcome.hello"'), text.index('msgctxt "privacy.screen"')
    assert first < text.index('msgctxt "ana.summary"') < last
    translated(
        made,
        {
            "language.name": "Deutsch",
            "language.lent": "*Hier auf {{ shown|language }}.*",
            "ana.letter.dismay.0": "Ich bin erschüttert.",
            "ana.summary": "Wer Ana ist.",
            "buttons.menu": "Menü",
            "buttons.next": "Weiter",
        },
    )
    run("import", "de.po")
    held = (content.path / "messages/de/ana.yaml").read_text(encoding="utf-8")
    assert held.index("summary:") < held.index("letter:")
    assert "Ich bin erschüttert." in held
    buttons = (content.path / "messages/de/buttons.yaml").read_text(encoding="utf-8")
    assert buttons.index("menu:") < buttons.index("next:")


@pytest.mark.slow
def test_what_is_wrong_is_named_and_left_out_and_the_rest_is_taken(content: ContentFolder) -> None:
    run("export", "en")
    translated(
        content.path.parent / "en.po",
        {
            "story.video": "**The video**",
            "buttons.menu": "M" * 60,
            "buttons.sent": "I have **sent it",
            "buttons.posted": "{{ nobody }} posted it",
            "buttons.back": "Go back",
        },
    )
    said = run("import", "en.po", code=1)
    assert "story.video: {{ name }}, {{ site }} is lost" in said
    assert "buttons.menu: label too long" in said
    assert 'buttons.sent: the signs "**" are shown as they are' in said
    assert 'buttons.posted: unknown placeholder "nobody"' in said
    assert "4 texts not taken" in said, said
    buttons = (content.path / "messages/en/buttons.yaml").read_text(encoding="utf-8")
    assert 'back: "Go back"' in buttons
    assert 'menu: "Menu"' in buttons


@pytest.mark.slow
def test_what_a_translator_is_not_sure_of_is_not_taken(content: ContentFolder) -> None:
    run("export", "en")
    translated(content.path.parent / "en.po", {"leave.button": "Hm"}, unsure=("leave.button",))
    before = files(content)
    assert "1 marked as unsure" in run("import", "en.po")
    assert files(content) == before


@pytest.mark.slow
def test_a_file_from_windows_is_read_as_any_other(content: ContentFolder) -> None:
    run("export", "en")
    file = content.path.parent / "en.po"
    translated(file, {"leave.button": "Leave now", "language.screen": "**Which**\n\nA button."})
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert "2 files changed; 0 texts not taken" in run("import", "en.po")
    assert b"\r" not in content.file("en/language.yaml").read_bytes()


@pytest.mark.slow
def test_a_text_that_changed_meanwhile_is_taken_and_named(content: ContentFolder) -> None:
    run("export", "en")
    content.change("fr/leave.yaml", 'button: "Quitter vite"', 'button: "Partir"')
    translated(content.path.parent / "en.po", {"leave.button": "Leave now"})
    assert "look at: leave.button: the text in fr has changed" in run("import", "en.po")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("nothing of the kind", "is no PO file"),
        ('msgid "a"\nmsgstr "b"\n', "there is no text with a key"),
    ],
)
def test_another_file_is_refused_with_a_reason(
    content: ContentFolder, written: str, said: str
) -> None:
    (content.path.parent / "en.po").write_text(written, encoding="utf-8")
    assert said in run("import", "en.po", code=2)


def test_a_language_that_is_not_there_is_refused_with_the_next_step(content: ContentFolder) -> None:
    assert "add {code: it, partial: true} to languages" in run("export", "it", code=2)
    assert "name another with --from" in run("export", "fr", code=2)


def test_a_short_form_of_a_label_comes_back_beside_it(content: ContentFolder) -> None:
    model = content.path / "messages/fr/buttons.yaml"
    content.write("de/buttons.yaml", 'menu: "Menü"\n')
    file = content.path / "messages/de/buttons.yaml"
    made = yaml_files.put(file, model, {"buttons.menu.short": "M", "buttons.next": "Weiter"})
    assert made is not None
    assert YAML(typ="safe").load(made) == {"menu": {"text": "Menü", "short": "M"}, "next": "Weiter"}
