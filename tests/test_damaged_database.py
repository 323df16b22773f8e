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

from tests.house import PETITION, house
from tests.program import run
from tests.recorded import number

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


@pytest.mark.slow
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


@pytest.mark.slow
async def test_rows_lost_in_a_damaged_page_are_not_counted_away(tmp_path: Path) -> None:
    async with house(tmp_path) as opened:
        await opened.sign(*map(str, range(200)))
    change(tmp_path, "pragma journal_mode = delete")
    file = tmp_path / "campaign.sqlite3"
    shorten_a_page(file, "signatures")
    assert number(tmp_path, "select count(*) from signatures") < 200, "read without an error"
    before = number(tmp_path, "select sum(value) from counters")
    for command in (["recount", "--only-look"], ["recount"]):
        assert "is damaged" in ended(run(*command, data=tmp_path), 8)
    assert number(tmp_path, "select sum(value) from counters") == before


async def test_of_a_database_that_is_damaged_elsewhere_nothing_is_handed_over(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as opened:
        await opened.sign(*map(str, range(200)))
    change(tmp_path, "pragma journal_mode = delete")
    shorten_a_page(tmp_path / "campaign.sqlite3", "supporters")
    pack = tmp_path / "pack"
    assert "is damaged" in ended(run("handover", PETITION, "--out", str(pack), data=tmp_path), 8)
    assert not pack.exists()


def shorten_a_page(file: Path, table: str) -> None:
    """Half of what stands in the table's first leaf is there no more, by the leaf's own header
    (https://www.sqlite.org/fileformat2.html, B-tree Pages)."""
    with sqlite3.connect(file) as raw:
        [(root,)] = raw.execute("select rootpage from sqlite_master where name = ?", [table])
    raw.close()
    pages = bytearray(file.read_bytes())
    at = 4096 * (root - 1)
    while pages[at] in (2, 5):
        first = at + int.from_bytes(pages[at + 12 : at + 14])
        at = 4096 * (int.from_bytes(pages[first : first + 4]) - 1)
    cells = int.from_bytes(pages[at + 3 : at + 5])
    pages[at + 3 : at + 5] = (cells // 2).to_bytes(2)
    file.write_bytes(pages)


@pytest.mark.slow
def test_text_that_cannot_be_read_is_not_shown(data: Path) -> None:
    change(data, f"update counters set name = cast(x'ff' as text) || name || '{NAME}'")
    assert "cannot be used" in ended(run("recount", data=data), 8)


@pytest.mark.slow
def test_what_no_one_foresaw_is_named_by_its_place_alone(data: Path) -> None:
    change(data, f"update signatures set state = 'pending', day = '{NAME}'")
    said = ended(run("pending", "list", data=data), 7)
    assert "ValueError at bot." in said
    assert "Report this line" in said
