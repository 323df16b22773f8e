"""What documents need of the content is checked before start, with the place of each gap."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.channels.registered import ALL
from bot.content_files import load
from bot.documents.checking import check
from tests.content_builder import TODAY, ContentFolder, build_content


@pytest.fixture
def content(tmp_path: Path) -> ContentFolder:
    return build_content(tmp_path / "content")


def unshown(content: ContentFolder) -> list[str]:
    """The problems with characters."""
    return [one for one in said(content) if "no font" in one]


def said(content: ContentFolder) -> list[str]:
    found = load(content.path, ALL, today=TODAY, more_checks=[check])
    return [str(one).replace(f"{content.path.as_posix()}/", "") for one in found.errors]


@pytest.mark.slow
def test_characters_that_no_font_has_are_each_named_with_their_place(
    content: ContentFolder,
) -> None:
    assert unshown(content) == []
    content.change("cases.yaml", "full_name: Ana Exemple", "full_name: Ana 🌸")
    content.change("cases.yaml", "post: [2 Side Street, Paris]", "post: [2 Side Street 👩]")
    content.change("en/ana.yaml", '"I am shocked."', '"I am shocked 🌸."')
    first, second, third = unshown(content)
    assert "no font of the documents has 👩 (U+1F469)" in first
    assert "no font of the documents has 🌸 (U+1F338)" in second
    assert first.startswith("cases.yaml:")
    assert second.startswith("cases.yaml:")
    assert third.startswith("messages/en/ana.yaml:")
    assert "ana.letter.dismay.1: no font of the documents has 🌸" in third


def test_what_is_never_printed_may_hold_any_character(content: ContentFolder) -> None:
    content.change("fr/ana.yaml", '"Do you know Ana?"', '"Do you know Ana? 🌸"')
    assert unshown(content) == []


def test_a_label_that_no_language_has_is_missed(content: ContentFolder) -> None:
    for language in ("fr", "en"):
        file = content.file(f"{language}/surprises.yaml")
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text(
            "".join(line for line in lines if not line.startswith("no_document:")), encoding="utf-8"
        )
    assert any("surprises.no_document: no text in any language" in one for one in said(content))
