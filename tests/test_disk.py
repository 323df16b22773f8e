"""Names of directories and files are on the disk before anything is acknowledged.

POSIX keeps the name of a directory in its parent: until that was flushed, a power cut may take the
directory back with all that was flushed within it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.disk import make_directory, prove_room
from bot.keys import Keys
from bot.store.sqlite.database import SqliteDatabase


class Recorded:
    """What was made or renamed in which directory, and which directories were flushed after it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.at_risk: dict[Path, set[str]] = {}
        for name in ("mkdir", "rename", "replace"):
            monkeypatch.setattr(
                os, name, self._noting(getattr(os, name), -1 if name != "mkdir" else 0)
            )
        really = os.fsync

        def fsync(handle: int) -> None:
            really(handle)
            self.at_risk.pop(Path(os.readlink(f"/proc/self/fd/{handle}")), None)

        monkeypatch.setattr(os, "fsync", fsync)

    def _noting(self, really: Callable[..., Any], which: int) -> Callable[..., Any]:
        def call(*paths: Any, **more: Any) -> Any:
            done = really(*paths, **more)
            place = Path(paths[:2][which] if which else paths[0]).absolute()
            self.at_risk.setdefault(place.parent, set()).add(place.name)
            return done

        return call


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/fd").exists(), reason="what a handle names is read from /proc"
)


@needs_proc
async def test_a_first_start_flushes_the_name_of_everything_that_it_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "srv" / "campaign" / "data"
    recorded = Recorded(monkeypatch)
    store = await SqliteDatabase.open(data)
    assert recorded.at_risk == {}, "before the first transaction"
    keys = Keys.open(data / "keys", database_exists=False)
    keys.petition_pseudonym("xinjiang", "telegram", "1")
    assert recorded.at_risk == {}, "before anything is sealed with the keys"
    await store.close()


@needs_proc
async def test_the_name_of_a_new_database_is_flushed(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[Path] = []
    really = os.fsync

    def fsync(handle: int) -> None:
        really(handle)
        place = Path(os.readlink(f"/proc/self/fd/{handle}"))
        if (data / "campaign.sqlite3").exists():
            flushed.append(place)

    monkeypatch.setattr(os, "fsync", fsync)
    store = await SqliteDatabase.open(data)
    await store.close()
    assert data in flushed


@needs_proc
def test_a_directory_that_a_start_cut_short_has_left_is_flushed_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    flushed: list[str] = []
    monkeypatch.setattr(
        os, "fsync", lambda handle: flushed.append(os.readlink(f"/proc/self/fd/{handle}"))
    )
    make_directory(tmp_path / "data")
    assert flushed == [str(tmp_path)]


def test_a_proof_of_room_leaves_nothing_behind_and_fails_where_there_is_none(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = data / "campaign.sqlite3"
    prove_room(file)
    assert list(data.iterdir()) == []
    really = os.write

    def half(handle: int, content: bytes) -> int:
        """As a disk does where there is room for some of it."""
        return really(handle, content[: len(content) // 2])

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(OSError, match="No space left"):
        prove_room(file)
    assert list(data.iterdir()) == []
