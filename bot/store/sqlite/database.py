"""Opening the database: one writing connection, readers that cannot write, nothing half done."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

from bot.disk import flush_directory, prove_room
from bot.store import first_start, migrations
from bot.store.database import BeforeUpgrade, DatabaseDamaged, DatabaseTrouble
from bot.store.leader import Leader
from bot.store.notifier import Notifier
from bot.store.sqlite import aiosqlite_connection, soundness
from bot.store.sqlite.damage import Damage, is_damage
from bot.store.sqlite.directory_lock import DirectoryLock
from bot.store.sqlite.one_process import DirectCalls, OnlyProcess
from bot.store.sqlite.refusals import damaged, unusable
from bot.store.sqlite.upgrading import bring_up_to_date

log = structlog.get_logger(__name__)

FILE_NAME = "campaign.sqlite3"
READERS = 4
COPIED_IN_MEMORY = 64_000_000
"""Bytes of a database that is written anew by way of memory."""

# synchronous=FULL: with NORMAL a power cut takes back commits that were acknowledged.
WRITER_PRAGMAS = (
    "PRAGMA busy_timeout = 5000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
)
# Whoever only looks leaves the file as it is, a restored backup without a log for instance.
LOOKING_PRAGMAS = tuple(pragma for pragma in WRITER_PRAGMAS if "journal_mode" not in pragma)
READER_PRAGMAS = ("PRAGMA busy_timeout = 5000", "PRAGMA query_only = ON")


class SqliteDatabase:
    """The open database of one data directory; ``open`` makes it and ``close`` ends it."""

    def __init__(
        self, file: str, hold: DirectoryLock | None, writer: AsyncEngine, readers: AsyncEngine
    ):
        """For ``open`` only."""
        self._file = Path(file)
        self._hold = hold
        self._writer = writer
        self._readers = readers
        self._turn = asyncio.Lock()
        self.leader: Leader = OnlyProcess(leads=hold is not None)
        self.notifier: Notifier = DirectCalls()
        self.damage = Damage()
        """Once it was met, every transaction raises ``DatabaseDamaged``."""
        self.is_new = False
        """Whether the database was made just now, empty."""
        self.on_writing: Callable[[], object] = _nothing
        """Called at the beginning of each transaction that writes, when nobody else can write."""

    @classmethod
    async def open(
        cls,
        directory: Path,
        url: str | None = None,
        *,
        beside: bool = False,
        looking: bool = False,
        before_upgrade: BeforeUpgrade | None = None,
    ) -> SqliteDatabase:
        """Claim the data directory, open (or make) its database, look whether it is sound, and
        bring its tables up to date.

        ``beside``: without the claim and the look, for a command with short transactions beside a
        bot that may be running; the database must be there. ``looking``: beside, and the tables
        are not changed either. ``before_upgrade`` is called before older tables are.

        ``url``: an SQLAlchemy URL, by default an SQLite file in the directory. Raises
        ``DataDirectoryTaken`` or another ``DatabaseTrouble``.
        """
        file = _file(directory, url)
        beside = beside or looking
        make = not beside and not first_start.is_over(directory)
        if not make and not _is_there(file):
            raise _absent(file, directory)
        hold = None if beside else DirectoryLock(directory, Path(file))
        writer = _engine(file, LOOKING_PRAGMAS if looking else WRITER_PRAGMAS, 1, "rwc")
        event.listen(writer.sync_engine, "begin", _begin)
        readers = _engine(file, READER_PRAGMAS, READERS, "ro")
        store = cls(file, hold, writer, readers)
        try:
            _for_us_alone(file)
            if not beside:
                # SQLite flushes the names of its logs, and not that of the database.
                flush_directory(Path(file).parent)
                await store._look_whether_sound(soundness.LONGEST)
            store.is_new = await bring_up_to_date(
                store, Path(file), make=make, change=not looking, before_upgrade=before_upgrade
            )
        except BaseException as problem:
            await store.close()
            match problem:
                case migrations.NoTables():
                    raise _absent(file, directory) from problem
                case DBAPIError() | sqlite3.Error() | OSError():
                    raise unusable(file, problem) from problem
            raise
        return store

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """The only writing connection, for one transaction: committed at the end, or undone."""
        async with self._turn:
            with self._watching():
                async with self._writer.begin() as connection:
                    self.on_writing()
                    yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees what is committed and cannot write."""
        with self._watching():
            async with self._readers.connect() as connection:
                yield connection

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Whoever meets damage, whatever they do about it: from then on nobody uses the database.
        What is half readable would be answered wrongly, or counted as if it were not there."""
        self.damage.check()
        try:
            yield
        except Exception as problem:
            if not is_damage(problem):
                if isinstance(problem, sqlite3.Error):  # not yet in the words of all engines
                    raise unusable(self._file, problem) from problem
                raise
            damaged = unusable(self._file, problem)
            if isinstance(damaged, DatabaseDamaged):
                self.damage.meet(damaged)
            raise damaged from problem

    def size(self) -> int:
        """The bytes of the database on the disk, without its log."""
        return self._file.stat().st_size

    async def checkpoint(self) -> bool:
        """Move everything from the write-ahead log into the database and empty the log.

        False where a reader was in the way; what was erased may then still stand in the log.
        """
        # Nobody can write meanwhile, so a reader is not waited for long.
        patience = (f"PRAGMA busy_timeout = {milliseconds}" for milliseconds in (200, 5000))
        less, as_before = patience
        told = await self._outside_transactions(
            (less, "PRAGMA wal_checkpoint(TRUNCATE)", as_before)
        )
        busy: int = told[1][0][0]
        return not busy

    def log_size(self) -> int:
        """The bytes of the write-ahead log: something was written since it was emptied."""
        log_file = self._file.with_name(self._file.name + "-wal")
        return log_file.stat().st_size if log_file.exists() else 0

    async def scrub(self) -> bool:
        """Write the whole database anew, so that nothing erased is left anywhere in its file.

        ``secure_delete`` overwrites what is deleted, but not the copies of it that older page
        splits left behind (measured: 22 of 10,000). Nobody can write meanwhile: a second for
        about 200 MB. False where a reader was in the way.

        The copy is as large as the database. A file of it, once deleted, would leave on the disk
        what is erased from the database later: only a large one has no room in memory.
        """
        large = ("PRAGMA temp_store = FILE", "VACUUM", "PRAGMA temp_store = MEMORY")
        fits = self.size() <= COPIED_IN_MEMORY
        await self._outside_transactions(("VACUUM",) if fits else large)
        return await self.checkpoint()

    async def _look_whether_sound(self, seconds: float) -> None:
        """The first that is done with the file: see ``soundness.read_ahead``."""
        end = time.monotonic() + seconds
        await asyncio.to_thread(soundness.read_ahead, self._file, end)
        async with self._turn, self._writer.connect() as connection:
            await self._look(connection, seconds, end)

    async def lend(
        self, connection: AsyncConnection, functions: Mapping[str, Callable[..., bytes | None]]
    ) -> None:
        """Statements of this connection can call these functions by their names."""
        raw = await connection.get_raw_connection()
        driver: Any = raw.driver_connection

        def make(real: sqlite3.Connection) -> None:
            for name, function in functions.items():
                real.create_function(name, -1, function)

        await driver.run(make)

    async def prove_writable(self) -> None:
        """Take the turn of whoever writes, then write a file beside the database.

        Not a row: what was written has the log emptied and a small database written anew, which an
        idle one would then be every minute (bot/engine/clearing.py).
        """
        async with self.writing():
            pass
        await asyncio.to_thread(prove_room, self._file)

    async def prove_sound(self) -> bool:
        """Look at every page, as at the start, before rows that are missing are taken for gone;
        False where there was no time for all. Raises ``DatabaseDamaged``; writers go on."""
        async with self.reading() as connection:
            seconds = soundness.LONGEST
            return await self._look(connection, seconds, time.monotonic() + seconds)

    async def _look(self, connection: AsyncConnection, seconds: float, end: float) -> bool:
        raw = await connection.get_raw_connection()
        driver: Any = raw.driver_connection
        sound = await driver.run(lambda real: soundness.is_sound(real, end))
        if sound is None:
            log.warning("database_check_cut_short", seconds=seconds)
        elif not sound:
            raise damaged(self._file)
        return sound is not None

    async def _outside_transactions(self, statements: Sequence[str]) -> Any:
        def work(real: sqlite3.Connection) -> Any:
            return [real.execute(statement).fetchall() for statement in statements]

        async with self._turn:
            with self._watching():
                async with self._writer.connect() as connection:
                    raw = await connection.get_raw_connection()
                    driver: Any = raw.driver_connection
                    return await driver.run(work)

    async def close(self) -> None:
        """Wait for the transaction in hand, then let go of everything."""
        async with self._turn:
            await self._readers.dispose()
            await self._writer.dispose()
            if self._hold is not None:
                self._hold.release()


def _nothing() -> None:
    """What is done before anybody has said what shall be."""


def database_file(directory: Path, url: str | None = None) -> Path:
    """Where the SQLite file is or will be. Raises ``DatabaseTrouble`` for a URL of another kind."""
    return Path(_file(directory, url))


def _file(directory: Path, url: str | None) -> str:
    if not url:
        return str(directory / FILE_NAME)
    try:
        place = make_url(url)
    except ArgumentError as problem:
        raise DatabaseTrouble(
            "The database URL cannot be read: write it like sqlite:///data/campaign.sqlite3."
        ) from problem
    if place.get_backend_name() != "sqlite" or place.database in (None, "", ":memory:"):
        raise DatabaseTrouble(
            "The database must be an SQLite file for now: write its URL like"
            " sqlite:///data/campaign.sqlite3."
        )
    return str(place.database)


def _is_there(file: str) -> bool:
    """Whether the file holds anything. Beside an empty one SQLite would throw its log away."""
    return Path(file).exists() and Path(file).stat().st_size > 0


def _absent(file: str, directory: Path) -> DatabaseTrouble:
    if first_start.is_over(directory):
        return DatabaseTrouble(
            f"The database {file} is missing or empty, and there was one: its keys are in"
            f" {directory / 'keys'}. Nothing was changed: {first_start.remedy(directory)}."
        )
    return DatabaseTrouble(
        f"There is no database in {directory} yet: start the bot once, or set BOT_DATA_DIR."
    )


def _for_us_alone(file: str) -> None:
    """SQLite gives its log and index files the same rights as this one."""
    Path(file).touch(mode=0o600)


def _engine(file: str, pragmas: tuple[str, ...], pool_size: int, mode: str) -> AsyncEngine:
    engine = create_async_engine(
        "sqlite+aiosqlite://",
        async_creator=aiosqlite_connection.creator(
            f"{Path(file).absolute().as_uri()}?mode={mode}",
            uri=True,
            # Transactions begin where we say, not where the driver guesses.
            isolation_level=None,
            check_same_thread=False,
        ),
        hide_parameters=True,  # or what was to be written would stand in the text of errors
        poolclass=AsyncAdaptedQueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_reset_on_return=None,  # every transaction is ended by whoever began it
    )

    def prepare(connection: Any, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    event.listen(engine.sync_engine, "connect", prepare)
    return engine


def _begin(connection: Any) -> None:
    # IMMEDIATE: the write lock is taken at once, never half way through a transaction.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
