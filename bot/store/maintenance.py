"""What is done with a database from outside: copies, proofs, putting one in the place of another.

Each engine does it in its own way; what a copy holds, and what was wrong, is told alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.store.database import DatabaseTrouble


class BackupTrouble(Exception):
    """A backup could not be made or used; the text is a sentence for whoever runs the bot."""


class CopyDamaged(BackupTrouble):
    """The file is not whole, or no database."""

    def __init__(self, file: Path, reason: str):
        """``reason``: the engine's, which names its own parts, never what is in them."""
        super().__init__(f"{file} is damaged, or not a database ({reason})")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Proof:
    """The version of the tables, how many rows each has, and the marks of the keys that it was
    written with."""

    revision: str
    rows: Mapping[str, int]
    marks: frozenset[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Gone:
    """Rows of the backup that the later database has no longer: people, what they subscribed to,
    signatures (petition, pseudonym), and signatures kept on without their signers."""

    people: list[bytes]
    subscriptions: list[tuple[bytes, str]]
    signatures: list[tuple[str, bytes]]
    nameless: list[tuple[str, bytes]]


class Claim(Protocol):
    """The claim on a data directory."""

    def release(self) -> None:
        """Let another process have the directory."""


class Maintenance(Protocol):
    """What one engine does with databases that are not open here. All of it blocks."""

    @property
    def ENDING(self) -> str:
        """How the names of its copies end."""

    def place(self, directory: Path, url: str | None = None) -> Path:
        """Where the database is or will be. Raises ``DatabaseTrouble`` for a URL that it cannot
        use."""

    def url(self, place: Path) -> str:
        """What ``open_database`` takes for a database at that place."""

    def refused(self, place: Path, problem: BaseException) -> DatabaseTrouble:
        """What the database there refused, in a sentence with the next step; nothing in it is
        personal."""

    def claim(self, directory: Path, place: Path) -> Claim:
        """Keep the bot, or another command, from working there. Raises ``DataDirectoryTaken``."""

    def holder(self, directory: Path, place: Path) -> int | None:
        """The process that works there (0: it is not known which); None where none does."""

    def copy(self, place: Path, file: Path) -> Proof:
        """Copy what the database holds at one moment, beside whoever writes to it; its proof at
        that moment. Raises ``CopyDamaged``, ``BackupTrouble`` or OSError."""

    def write_anew(self, copy: Path, file: Path) -> None:
        """The same without anything that was erased before the copy. Raises as ``copy``."""

    def is_copy(self, start: bytes) -> bool:
        """Whether a file that begins so may be a copy."""

    def proven(self, file: Path) -> Proof:
        """What is in a file that nobody else has open. Raises ``BackupTrouble`` unless it is
        whole."""

    def gone_since(self, backup: Path, later: Path) -> Gone | None:
        """What was erased between the two; None where the later one cannot tell."""

    def put_in_place(self, draft: Path, place: Path, aside: Path) -> bool:
        """The draft becomes the database, and the one that was there goes aside (True), or
        everything is as it was."""

    def drop(self, draft: Path) -> None:
        """Delete it, and what lies beside it."""
