"""What every database is good for, whichever engine it runs on: all that the rest of the bot knows
of it. How SQLite does it stands in ``bot/store/sqlite/``; ``bot/store/opening.py`` chooses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.leader import Leader
from bot.store.notifier import Notifier


class DatabaseTrouble(Exception):
    """The database cannot be used; the text is a sentence for whoever runs the bot."""


class DatabaseDamaged(DatabaseTrouble):
    """What stands in the database cannot be relied on: only a backup helps.

    Nothing is read from it nor written to it any more.
    """


class DatabaseBusy(DatabaseTrouble):
    """Something is in the way that passes: another program holds the database, the disk is full."""


class DatabaseOlder(DatabaseTrouble):
    """An older version of the bot has written it, and whoever opened it must not change it."""


class DataDirectoryTaken(DatabaseTrouble):
    """Another process works with the data directory; the text says which."""


BeforeUpgrade = Callable[[Path, Mapping[str, str]], None]
"""Called with the database and the revisions that it is to go through, before its tables are
changed and while nobody else may change them. It may block; raising ``DatabaseTrouble`` refuses."""


class Damage(Protocol):
    """Whether damage was met since the database was opened, for all who use it."""

    def check(self) -> None:
        """Raises ``DatabaseDamaged`` from the moment on that damage was met."""

    async def met(self) -> None:
        """Wait until damage is met, and raise it."""


class Database(Protocol):
    """The open database of one data directory, until ``close``."""

    leader: Leader
    notifier: Notifier
    on_writing: Callable[[], object]
    """Called at the beginning of each transaction that writes, when nobody else can write."""

    @property
    def is_new(self) -> bool:
        """Whether the database was made just now, empty."""

    @property
    def damage(self) -> Damage:
        """Once it was met, every transaction raises ``DatabaseDamaged``."""

    def writing(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection for one transaction, of which there is one at a time: committed at the end,
        or undone."""

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection that sees what is committed and cannot write."""

    def size(self) -> int:
        """Its bytes on the disk, as far as ``scrub`` has to write them."""

    def log_size(self) -> int:
        """Bytes of the log of what was written; more than none since ``checkpoint`` emptied it."""

    async def checkpoint(self) -> bool:
        """Nothing that was erased is left in the log of what was written. False where somebody
        was in the way: then it may be."""

    async def scrub(self) -> bool:
        """Nothing that was erased is left anywhere; it may take long. False as above."""

    async def lend(
        self, connection: AsyncConnection, functions: Mapping[str, Callable[..., bytes | None]]
    ) -> None:
        """Statements of this connection can call these functions by their names."""

    async def prove_writable(self) -> None:
        """Write durably where the data is, once nobody else is writing, and leave nothing behind.

        Raises what a transaction that writes raises, and OSError.
        """

    async def prove_sound(self) -> bool:
        """Look at every page before rows that are missing are taken for gone; False where it took
        too long to see all of them.

        Raises ``DatabaseDamaged``; writers go on meanwhile.
        """

    async def close(self) -> None:
        """Wait for the transaction in hand, then let go of everything."""
