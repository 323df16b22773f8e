"""What every check is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.findings import Finding
from bot.settings import Settings, revealed
from bot.store.maintenance import Maintenance
from bot.store.opening import maintenance_of


@dataclass(frozen=True, slots=True)
class Look:
    """One look at an installation.

    ``root``: the program's own directory; ``env_file``: what the settings were read from;
    ``backups``: where backups are, if anybody knows; ``process``: of the running bot, 0 where it
    is not known, None where none runs on these data.
    """

    settings: Settings
    root: Path
    env_file: Path
    backups: Path | None
    at: datetime
    process: int | None

    @property
    def runs(self) -> bool:
        """Whether a bot works on these data."""
        return self.process is not None

    @property
    def maintenance(self) -> Maintenance:
        """What the engine of the database does from outside."""
        return maintenance_of(revealed(self.settings.database_url))

    @property
    def database(self) -> Path:
        """Where it is or will be. Raises ``DatabaseTrouble``."""
        return self.maintenance.place(self.settings.data_dir, revealed(self.settings.database_url))


Check = Callable[[Look], Awaitable[Iterable[Finding]]]
