"""Settings written into ``.env``: one line each, everything else stays as somebody wrote it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from dotenv import dotenv_values

from bot import env_file
from bot.settings import SettingsTrouble, load

UNFIT = re.compile(r"[\x00-\x1f\x7f\"'`#$\\]")
"""What a value cannot hold that stands there without quotes."""


class CannotStand(ValueError):
    """A value that cannot be written without being read as something else."""


def with_value(text: str, name: str, value: str) -> str:
    """The text with this setting in it once, where it stood or at the end. Raises CannotStand."""
    if UNFIT.search(value) or value != value.strip():
        raise CannotStand(name)
    line = f"{name}={value}"
    stands = re.compile(rf"^[ \t]*(?:export[ \t]+)?{name}[ \t]*=.*\n?", re.MULTILINE)
    found = list(stands.finditer(text))
    if not found:
        gap = "" if not text or text.endswith("\n") else "\n"
        return f"{text}{gap}{line}\n"
    for later in reversed(found[1:]):
        text = text[: later.start()] + text[later.end() :]
    first = found[0]
    return f"{text[: first.start()]}{line}\n{text[first.end() :]}"


def read(file: Path, example: Path) -> str:
    """What stands in the file, or in the example where there is none yet."""
    for place in (file, example):
        try:
            return place.read_text(encoding=env_file.ENCODING)
        except FileNotFoundError:
            continue
    return ""


def write(file: Path, text: str) -> None:
    """For this account alone, and at once where the directory lets us: a cut leaves the old one.

    Raises OSError. Where only the file itself may be written (the directory is root's), it is
    written in its place.
    """
    before = file.stat() if file.exists() else None
    draft = file.with_name(f"{file.name}.new")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except PermissionError:
        if before is None:
            raise
        handle = os.open(file, os.O_WRONLY | os.O_TRUNC)
        draft = file
    try:
        os.write(handle, text.encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    if draft == file:
        return
    if before is not None and hasattr(os, "chown") and os.geteuid() == 0:
        os.chown(draft, before.st_uid, before.st_gid)
    draft.replace(file)


class SettingsFile:
    """The file of settings of one installation, with the example that it begins from."""

    def __init__(self, file: Path, example: Path):
        self.file = file
        self._example = example

    def put(self, name: str, value: str) -> None:
        """Write a setting. Raises SettingsTrouble where the settings cannot be used with it, and
        OSError where the file cannot be written; then it is as it was."""
        is_new = not self.file.exists()
        before = read(self.file, self._example)
        try:
            write(self.file, with_value(before, name, value))
            load()
        except CannotStand:
            raise SettingsTrouble(f"{name}: quotes, # and $ cannot stand in it") from None
        except SettingsTrouble:
            if is_new:
                self.file.unlink()
            else:
                write(self.file, before)
            raise

    def value(self, name: str) -> str:
        """What stands in it under that name; "" for nothing."""
        return dotenv_values(self.file, encoding=env_file.ENCODING).get(name) or ""
