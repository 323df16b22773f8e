"""A damaged database ends a command with a sentence and an exit code, not with a traceback.

Nothing of what stands in it is shown.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.program import run

NAME = "Anna Personne"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory after a conversation, with a signature."""
    data = tmp_path_factory.mktemp("begun")
    assert run("chat", "--case", "mamat", data=data, said="/start mamat-sign\n1\n").returncode == 0
    return data


@pytest.fixture
def data(begun: Path, tmp_path: Path) -> Path:
    """A copy of it, to damage."""
    return Path(shutil.copytree(begun, tmp_path / "data"))


def change(data: Path, *statements: str) -> None:
    with sqlite3.connect(data / "campaign.sqlite3") as raw:
        for statement in statements:
            raw.execute(statement)
    raw.close()


def ended(result: subprocess.CompletedProcess[str], code: int) -> str:
    """What it said at its end with that code: one line, with nothing personal."""
    assert result.returncode == code, result.stderr
    said = result.stdout + result.stderr
    for never in ("Traceback", "SELECT", "INSERT", "parameters", "sqlalche", NAME):
        assert never not in said
    return result.stderr


@pytest.mark.parametrize("command", [["recount"], ["purge"], ["dead-letters"], ["chat"]])
def test_pages_of_random_bytes_are_a_sentence(data: Path, command: list[str]) -> None:
    file = data / "campaign.sqlite3"
    change(data, "pragma journal_mode = delete")
    pages = bytearray(file.read_bytes())
    # Not the list of the tables: that is found at the start, by another sentence.
    size, untouched = 4096, 8
    pages[size * untouched :] = random.Random(5).randbytes(len(pages) - size * untouched)
    file.write_bytes(pages)
    said = ended(run(*command, data=data), 8)
    assert "campaign.sqlite3 cannot be used" in said
    assert "backup" in said


def test_text_that_cannot_be_read_is_not_shown(data: Path) -> None:
    change(data, f"update counters set name = cast(x'ff' as text) || name || '{NAME}'")
    assert "cannot be used" in ended(run("recount", data=data), 8)


def test_what_no_one_foresaw_is_named_by_its_place_alone(data: Path) -> None:
    change(data, f"update signatures set state = 'pending', day = '{NAME}'")
    said = ended(run("pending", "list", data=data), 7)
    assert "ValueError at bot." in said
    assert "Report this line" in said
