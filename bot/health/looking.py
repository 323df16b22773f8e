"""Taking the signs: from the database, the disk, the meters, the platforms, the keys."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.backups import noting
from bot.clock import Clock
from bot.content_files import Content
from bot.health.certificate import days_left
from bot.health.judging import Limits
from bot.health.room import Room
from bot.health.signs import Platform, Signs
from bot.keys import Keys, KeyTrouble
from bot.meters import Meters
from bot.settings import Settings, revealed
from bot.store import alarms, dead_letters, first_start, key_marks, outbox
from bot.store.broadcasts import records
from bot.store.database import Database, DatabaseTrouble
from bot.store.petitions import held
from bot.trouble import PlatformTrouble

SLOW = 600.0
"""Seconds between two looks at the keys."""
SELDOM = 6 * 3600.0
"""Between two looks at the certificate."""
FIRST = 60.0
"""Seconds from the start to the first of these: a proxy may start after the bot."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the database tells: what waits for each platform, and the signs that are only there."""

    lines: Mapping[str, outbox.Line] = field(default_factory=dict)
    signs: Signs = field(default_factory=Signs)


async def figures(store: Database, now: datetime, limits: Limits) -> Figures:
    """Read them. Raises what reading raises."""
    too_long = now - timedelta(minutes=limits.waiting)
    async with store.reading() as connection:
        recent, kept = await dead_letters.numbers(connection, now - DAY)
        return Figures(
            lines=await outbox.lines(connection, too_long),
            signs=Signs(
                dead_letters=recent,
                letters_kept=kept,
                held=sum((await held.waiting(connection)).values()),
                broadcasts=await records.by_state(connection),
                alarms=frozenset(await alarms.find(connection)),
            ),
        )


def since_backup(settings: Settings, now: datetime) -> tuple[float | None, bool]:
    """Seconds since the last backup, or since there was a database; and whether there was one."""
    last = noting.last(settings.data_dir)
    begun = last or first_start.begun(settings.data_dir)
    return (max(0.0, (now - begun).total_seconds()) if begun else None), last is not None


async def keys_fit(settings: Settings, store: Database) -> bool:
    """Whether the keys, as they lie there, are those that the database was written with."""
    directory, given = settings.data_dir / "keys", revealed(settings.keys)
    try:
        keys = await asyncio.to_thread(Keys.open, directory, given, database_exists=True)
        async with store.reading() as connection:
            await key_marks.verify(connection, keys)
    except (KeyTrouble, OSError):
        return False
    return True


async def from_files(settings: Settings, store: Database, now: datetime) -> Signs:
    """The signs of a bot that cannot be asked: what its files tell."""
    found = await figures(store, now, Limits.of(settings))
    backup, backed_up = since_backup(settings, now)
    disk = await asyncio.to_thread(Room().look, settings.data_dir, 0.0)
    return replace(
        found.signs,
        keys_fit=await keys_fit(settings, store),
        platforms={name: _waiting_at(line, now) for name, line in found.lines.items()},
        disk=disk,
        database=store.size(),
        backup=backup,
        backed_up=backed_up,
    )


class Looking:
    """The signs of the bot that runs in this process."""

    def __init__(
        self,
        settings: Settings,
        store: Database,
        content: Content,
        troubles: Mapping[str, PlatformTrouble],
        meters: Meters,
        clock: Clock,
    ):
        """``troubles`` of each channel are the sender's."""
        self._settings = settings
        self._limits = Limits.of(settings)
        self._store = store
        self._content = content
        self._troubles = troubles
        self._meters = meters
        self._clock = clock
        self._room = Room()
        self._figures = Figures()
        self._keys_fit = True
        self._certificate: float | None = None
        self._keys_due = self._certificate_due = meters.now() + FIRST
        self.written_at = meters.now()
        """When something was last written, by ``Meters.now``: the start did so."""

    @property
    def written(self) -> float:
        """Seconds since all was written that was to be: by whoever wrote to the bot, or as a
        proof where nobody does."""
        return max(self._meters.now() - self.written_at, self._meters.failing)

    @property
    def damaged(self) -> bool:
        """Whether damage of the database was met."""
        try:
            self._store.damage.check()
        except DatabaseTrouble:
            return True
        return False

    async def signs(self) -> Signs:
        """Look at everything whose turn it is. Raises what reading raises, but for damage."""
        now = self._clock()
        if not self.damaged:
            self._figures = await figures(self._store, now, self._limits)
            await self._look_now_and_then(now)
        return await self._signs(now)

    async def last(self) -> Signs:
        """The same without the database: it may be what is wrong."""
        return await self._signs(self._clock())

    async def _signs(self, now: datetime) -> Signs:
        directory, found = self._settings.data_dir, self._figures
        disk = await asyncio.to_thread(self._room.look, directory, self._meters.now())
        backup, backed_up = since_backup(self._settings, now)
        return replace(
            found.signs,
            written=self.written,
            damaged=self.damaged,
            keys_fit=self._keys_fit,
            platforms=self._platforms(now),
            disk=disk,
            database=self._store.size(),
            backup=backup,
            backed_up=backed_up,
            certificate=self._certificate,
            refused=self._content.refused,
        )

    def _platforms(self, now: datetime) -> dict[str, Platform]:
        found = {}
        for name in sorted({*self._meters.hearings, *self._troubles}):
            platform = _waiting_at(self._figures.lines.get(name), now)
            if trouble := self._troubles.get(name):
                platform = replace(platform, stuck=trouble.lasting)
            if (through := self._meters.through.get(name)) is not None:
                platform = replace(platform, through=self._meters.now() - through)
            if hearing := self._meters.hearings.get(name):
                platform = replace(
                    platform, heard=hearing.age, trouble=hearing.trouble, why=hearing.why
                )
            found[name] = platform
        return found

    async def _look_now_and_then(self, now: datetime) -> None:
        moment = self._meters.now()
        if moment >= self._keys_due:
            self._keys_due = moment + SLOW
            self._keys_fit = await keys_fit(self._settings, self._store)
        if moment >= self._certificate_due:
            self._certificate_due = moment + SELDOM
            self._certificate = await days_left(self._settings.public_url, now)


def _waiting_at(line: outbox.Line | None, now: datetime) -> Platform:
    if line is None:
        return Platform()
    oldest = (now - line.oldest).total_seconds() if line.oldest else 0.0
    return Platform(waiting=line.number, oldest=max(0.0, oldest), late=line.late)
