"""A record of what a program did to a directory, and what a power cut may have left of it.

A disk promises what was flushed: of a file its content, of a directory the names in it. What was
written since then may be there or not, each page for itself, in any order; so may each half of a
page, where the power went while it was written.
"""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

HEAD = struct.Struct("<dIIqq")
WRITE, CUT, FLUSH, RENAME, UNLINK, MKDIR = range(1, 7)
PAGE, SECTOR = 4096, 512
LEFT_OUT = ("-shm", ".lock", ".pid")
"""What SQLite makes anew after a crash, and what is of a running process only."""


def compiler() -> str | None:
    """The C compiler of this machine."""
    return shutil.which("cc") or shutil.which("gcc")


def built(directory: Path, source: str = "disk.c") -> Path:
    """The library that stands between a program and its files (or another one, by the name of its
    source), made in that directory."""
    code = Path(__file__).with_name(source)
    library = directory / code.with_suffix(".so").name
    wanted = [str(compiler()), "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-pthread"]
    subprocess.run([*wanted, "-o", str(library), str(code), "-ldl"], check=True)
    return library


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that was done; ``at`` is when it began (monotonic)."""

    at: float
    kind: int
    path: str
    offset: int
    data: bytes

    @property
    def new_path(self) -> str:
        """What a file was renamed to."""
        return self.data.decode()


def read(record: Path) -> list[Act]:
    """All acts on files that outlive the process, in their order."""
    raw = record.read_bytes()
    acts, at = [], 0
    while at < len(raw):
        began, kind, length, offset, size = HEAD.unpack_from(raw, at)
        at += HEAD.size
        path = raw[at : at + length].decode()
        at += length
        has_data = kind in (WRITE, RENAME)
        data = raw[at : at + size] if has_data else b""
        at += size if has_data else 0
        if not path.endswith(LEFT_OUT):
            acts.append(Act(began, kind, path, offset, data))
    return acts


@dataclass(slots=True)
class File:
    """``kept`` is on the disk for sure, ``since`` was done after it."""

    kept: bytearray = field(default_factory=bytearray)
    since: list[Act] = field(default_factory=list)

    def flush(self) -> None:
        """All of it is on the disk."""
        self.kept = self.left(None, PAGE)
        self.since = []

    def left(self, chance: random.Random | None, unit: int) -> bytearray:
        """What is found after a power cut; without ``chance``, all that was written.

        Each unit stands as it was after some write since the last flush, or before them all.
        """
        content = bytearray(self.kept)
        last = len(self.since)
        upto: dict[int, int] = {}
        cuts_upto = last if chance is None else chance.randint(0, last)
        for number, act in enumerate(self.since):
            if act.kind == CUT:
                if number < cuts_upto:
                    _resize(content, act.offset)
                continue
            for start, piece in _units(act, unit):
                which = start // unit
                if chance is not None and which not in upto:
                    upto[which] = chance.choice((0, last, chance.randint(0, last)))
                if number < upto.get(which, last):
                    _resize(content, max(len(content), start + len(piece)))
                    content[start : start + len(piece)] = piece
        return content


def _units(act: Act, unit: int) -> Iterator[tuple[int, bytes]]:
    start, end = act.offset, act.offset + len(act.data)
    while start < end:
        stop = min(end, (start // unit + 1) * unit)
        yield start, act.data[start - act.offset : stop - act.offset]
        start = stop


def _resize(content: bytearray, size: int) -> None:
    if size < len(content):
        del content[size:]
    else:
        content.extend(bytes(size - len(content)))


@dataclass(slots=True)
class Directory:
    """Names: those ``kept`` for sure, and what was done to them ``since``."""

    kept: dict[str, File | Directory] = field(default_factory=dict)
    since: list[Names] = field(default_factory=list)
    """A new name or none at each; a renaming is one change, whole or not at all."""

    @property
    def now(self) -> dict[str, File | Directory]:
        """The names that a program sees."""
        return self.after(len(self.since))

    def after(self, changes: int) -> dict[str, File | Directory]:
        """The names after so many changes since the last flush."""
        names: Names = dict(self.kept)
        for change in self.since[:changes]:
            names |= change
        return {name: what for name, what in names.items() if what is not None}

    def flush(self) -> None:
        """All its names are on the disk; not yet what stands in the files."""
        self.kept, self.since = self.now, []


Names = dict[str, File | Directory | None]


class Disk:
    """The directory while the acts are done again, one after the other."""

    def __init__(self, begins: Path) -> None:
        """``begins``: a copy of the directory as it was before the first act."""
        self.top = _found(begins)

    def do(self, act: Act) -> None:
        """Do it again."""
        directory, name = self._place(act.path)
        match act.kind:
            case 1 | 2:  # WRITE, CUT
                self._file(directory, name).since.append(act)
            case 3:  # FLUSH
                what = directory.now.get(name) if name else self.top
                if what is not None:
                    what.flush()
            case 4:  # RENAME
                file = directory.now.get(name)
                to, new_name = self._place(act.new_path)
                assert to is directory, "from one directory into another"
                directory.since.append({name: None, new_name: file})
            case 5:  # UNLINK
                directory.since.append({name: None})
            case 6:  # MKDIR
                directory.since.append({name: Directory()})

    def _place(self, path: str) -> tuple[Directory, str]:
        *above, name = PurePosixPath(path).parts or ("",)
        directory = self.top
        for part in above:
            below = directory.now[part]
            assert isinstance(below, Directory)
            directory = below
        return directory, name

    def _file(self, directory: Directory, name: str) -> File:
        file = directory.now.get(name)
        if file is None:
            file = File()
            directory.since.append({name: file})
        assert isinstance(file, File)
        return file

    def killed(self, to: Path) -> None:
        """What a killed program leaves: all that it did."""
        _put(self.top, to, None, PAGE)

    def cut(self, to: Path, chance: random.Random) -> None:
        """What a power cut may leave."""
        _put(self.top, to, chance, chance.choice((PAGE, PAGE, SECTOR)))


def _found(place: Path) -> Directory:
    directory = Directory()
    for one in place.iterdir():
        if one.is_dir():
            directory.kept[one.name] = _found(one)
        elif not one.name.endswith(LEFT_OUT):
            directory.kept[one.name] = File(bytearray(one.read_bytes()))
    return directory


def _put(directory: Directory, to: Path, chance: random.Random | None, unit: int) -> None:
    to.mkdir(mode=0o700)
    changes = len(directory.since)
    names = directory.after(chance.randint(0, changes) if chance is not None else changes)
    for name, what in names.items():
        if isinstance(what, Directory):
            _put(what, to / name, chance, unit)
        else:
            (to / name).touch(mode=0o600)
            (to / name).write_bytes(what.left(chance, unit))


def without_flushes(acts: Iterable[Act], *, until_checkpoint: bool) -> list[Act]:
    """As it would have been had SQLite not flushed its log at each commit: never, or only
    ``until_checkpoint``, before it writes into the database."""
    kept: list[Act] = []
    held: Act | None = None
    for act in acts:
        if act.kind == FLUSH and act.path.endswith("-wal"):
            held = act
            continue
        if until_checkpoint and held and act.kind == WRITE and act.path.endswith(".sqlite3"):
            kept.append(held)
            held = None
        kept.append(act)
    return kept
