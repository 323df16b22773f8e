"""Pictures, logo, icon and colours of the content: what `check` says of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.content_files.checks.pictures import MOST
from bot.content_files.watching import stamps
from tests.content_builder import ContentFolder, build_content

PNG = (Path(__file__).parent.parent / "docs" / "screens" / "1-first.png").read_bytes()
PICTURE = """\
    pictures:
      - file: pictures/ana.png
        credit: "© Her sister"
        licence: "With the family's permission, for this campaign"
        consent: "Her sister, January 2026"
        alt: {fr: "Ana sourit.", en: "Ana smiles."}
    story:
"""


@pytest.fixture
def content(tmp_path: Path) -> ContentFolder:
    made = build_content(tmp_path / "content")
    made.change("cases.yaml", "    story:\n", PICTURE)
    (made.path / "pictures").mkdir()
    (made.path / "pictures/ana.png").write_bytes(PNG)
    return made


def told(content: ContentFolder) -> str:
    return "\n".join(content.report())


@pytest.mark.slow
def test_a_picture_that_says_all_is_all_right_and_is_read(content: ContentFolder) -> None:
    assert content.report() == []
    campaign = content.load().campaign
    assert campaign is not None
    assert campaign.files == {"pictures/ana.png": PNG}


@pytest.mark.parametrize("lacking", ["file", "credit", "licence", "consent", "alt"])
def test_what_a_picture_lacks_is_named(content: ContentFolder, lacking: str) -> None:
    text = content.file("cases.yaml").read_text(encoding="utf-8")
    line = re.search(rf"^(      -|       ) {lacking}: .*\n", text, re.MULTILINE)
    assert line is not None
    content.change("cases.yaml", line[0], "      -\n" if line[1].endswith("-") else "")
    assert f'"{lacking}" is missing' in told(content)


def test_a_description_stands_in_every_language(content: ContentFolder) -> None:
    content.change("cases.yaml", ', en: "Ana smiles."', "")
    assert 'case ana: no description in the language "en" (say what is to be seen' in told(content)


def test_a_file_that_is_not_there_is_told(content: ContentFolder) -> None:
    (content.path / "pictures/ana.png").unlink()
    assert 'there is no file "pictures/ana.png" (put it below content/' in told(content)


def test_a_file_that_is_no_such_picture_or_too_large_is_told(content: ContentFolder) -> None:
    (content.path / "pictures/ana.png").write_bytes(b"GIF89a")
    assert '"pictures/ana.png" is no PNG (save it in that format' in told(content)
    (content.path / "pictures/ana.png").write_bytes(PNG + bytes(MOST))
    assert '"pictures/ana.png" has 2.' in told(content)


def test_no_file_from_beside_the_content_is_taken(content: ContentFolder) -> None:
    content.change("cases.yaml", "file: pictures/ana.png", 'file: "../secret.png"')
    assert "write the name of a file below content/" in told(content)


def test_a_changed_picture_is_a_change_of_the_content(content: ContentFolder) -> None:
    root = content.path
    before = stamps(root)
    (content.path / "pictures/ana.png").write_bytes(PNG + b"more")
    assert stamps(root) != before


@pytest.mark.slow
def test_a_logo_and_colours_are_the_organisations_own(content: ContentFolder) -> None:
    colours = '  logo: pictures/logo.svg\n  colours: {surface: "#ffff00"}\n'
    content.change("cases.yaml", '  as_of: "2026-01"\n', colours + '  as_of: "2026-01"\n')
    assert 'organisation: there is no file "pictures/logo.svg"' in told(content)
    (content.path / "pictures/logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    assert content.report() == []
    campaign = content.load().campaign
    assert campaign is not None
    assert campaign.organisation.colours.text == "#000000"


def test_a_profile_that_is_longer_than_a_platform_takes_is_told(content: ContentFolder) -> None:
    content.write("fr/profile.yaml", f'short_description: "{"x" * 121}"\n')
    content.write("en/profile.yaml", f'short_description: "{"x" * 120}"\n')
    (problem,) = content.report()
    assert "profile.short_description: too long: 121 characters (telegram takes 120)" in problem


def test_text_that_cannot_be_read_upon_the_surface_is_told(content: ContentFolder) -> None:
    colours = '  colours: {surface: "#ffff00", on_surface: "#ffffff"}\n'
    content.change("cases.yaml", '  as_of: "2026-01"\n', colours + '  as_of: "2026-01"\n')
    assert "organisation: on the surface this is hard to read (contrast 1.1" in told(content)
