"""Where keys come from: files that only the bot's account can read, or the text of BOT_KEYS."""

from __future__ import annotations

import base64
import os
import re
import secrets
from datetime import date
from pathlib import Path

from bot.disk import flush_directory, make_directory, remedy

SIZE = 32
HIGHEST_NUMBER = 255  # the number of a sealing key is one byte in front of what it sealed

SEALING_FILE = re.compile(r"sealing-(\d{3})\.key")
PETITION_FILE = re.compile(r"petition-([a-z][a-z0-9]{0,19})\.key")
DESTROYED_FILE = re.compile(r"petition-([a-z][a-z0-9]{0,19})\.destroyed")
PETITION_ID = re.compile(r"[a-z][a-z0-9]{0,19}")


class KeyTrouble(Exception):
    """Something is wrong with the keys; the text is a sentence for whoever runs the bot."""


class KeyUnreadable(KeyTrouble):
    """A key is cut short, cannot be opened, or is open to other accounts of the machine."""


class KeyFiles:
    """The files in a key directory, which is made where it is not there.

    Raises ``KeyUnreadable`` where it cannot be used, or others can get at it.
    """

    def __init__(self, directory: Path):
        _make_directory(directory)
        self.directory = directory
        self.root = directory / "pseudonyms.key"
        self.bound = directory / "seals.bound"

    def sealing(self, number: int) -> Path:
        """The file of the sealing key with that number."""
        return self.directory / f"sealing-{number:03d}.key"

    def sealing_numbers(self) -> list[int]:
        """The numbers of the sealing keys that are there, the oldest first."""
        return sorted(map(int, self._ids(SEALING_FILE)))

    def petition(self, petition: str) -> Path:
        """The file of the petition's key."""
        if not PETITION_ID.fullmatch(petition):
            raise ValueError("a petition's id is lower case letters and digits, 20 at most")
        return self.directory / f"petition-{petition}.key"

    def petitions(self) -> set[str]:
        """The petitions whose key is there."""
        return self._ids(PETITION_FILE)

    def destroyed_petitions(self) -> set[str]:
        """The petitions whose key was destroyed."""
        return self._ids(DESTROYED_FILE)

    def is_destroyed(self, petition: str) -> bool:
        """Whether that petition's key was destroyed."""
        return self._destroyed(petition).exists()

    def note_destroyed(self, petition: str, today: date) -> None:
        """From now on that petition's key counts as destroyed."""
        write(self._destroyed(petition), today.isoformat().encode())

    def _destroyed(self, petition: str) -> Path:
        return self.petition(petition).with_suffix(".destroyed")

    def _ids(self, pattern: re.Pattern[str]) -> set[str]:
        names = (file.name for file in self.directory.iterdir())
        return {match[1] for match in map(pattern.fullmatch, names) if match}


def made(file: Path) -> bytes:
    """A new key, whole and on the disk."""
    key = secrets.token_bytes(SIZE)
    write(file, key)
    return key


def read(file: Path) -> bytes:
    """The key in that file. Raises ``KeyUnreadable``."""
    _refuse_open_to_others(file, 0o600)
    try:
        key = file.read_bytes()
    except OSError as problem:
        raise KeyUnreadable(
            f"The key file {file} cannot be read ({problem.strerror}): {remedy(problem)}."
        ) from problem
    if len(key) != SIZE:
        raise KeyUnreadable(
            f"The key file {file} holds {len(key)} bytes instead of {SIZE}: put it back from"
            " your backup."
        )
    return key


def destroy(file: Path) -> None:
    """Delete the file, and its bytes where that is in our power."""
    # Overwritten in place first: on plain disks this is where the bytes are.
    with file.open("r+b") as handle:
        handle.write(secrets.token_bytes(SIZE))
        handle.flush()
        os.fsync(handle.fileno())
    file.unlink()
    flush_directory(file.parent)


def given(text: str) -> list[bytes]:
    """The keys in the text of BOT_KEYS, the oldest first. Raises ``KeyUnreadable``."""
    try:
        keys = [base64.b64decode(part.strip(), validate=True) for part in text.split(",")]
    except ValueError as problem:  # binascii.Error is one
        raise KeyUnreadable(_GIVEN_WRONG) from problem
    if len(keys) > HIGHEST_NUMBER or any(len(key) != SIZE for key in keys):
        raise KeyUnreadable(_GIVEN_WRONG)
    return keys


_GIVEN_WRONG = (
    "keys that cannot be read: give base64 of 32 bytes"
    " (openssl rand -base64 32 makes one), several parted by commas, the oldest first."
)


def _make_directory(directory: Path) -> None:
    try:
        make_directory(directory)
        os.listdir(directory)
    except OSError as problem:
        raise KeyUnreadable(
            f"The key directory {directory} cannot be used ({problem.strerror}): {remedy(problem)}."
        ) from problem
    _refuse_open_to_others(directory, 0o700)


def _refuse_open_to_others(path: Path, wanted: int) -> None:
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise KeyUnreadable(
            f"Other accounts of this machine can get at {path}: run chmod {wanted:o} {path}"
            " and start again."
        )


def write(file: Path, content: bytes) -> None:
    """A file for this account alone: whole and on the disk, or not there at all."""
    draft = file.with_name(file.name + ".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)
    draft.replace(file)
    flush_directory(file.parent)
