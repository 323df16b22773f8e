"""What only the bot's account may read, made so before a start."""

from __future__ import annotations

import os
from pathlib import Path

import structlog

from bot.cli.opening import Exit, fail
from bot.disk import keep_from_others
from bot.settings import ENV_FILE, Settings
from bot.store.sqlite.database import database_file

log = structlog.get_logger()


def tighten(settings: Settings) -> None:
    """Settings (the token is in them), data directory and database for this account alone, and so
    whatever is made from now on. It is said; where it cannot be done, that ends the command."""
    os.umask(0o077)
    url = settings.database_url.get_secret_value() if settings.database_url else None
    database = database_file(settings.data_dir, url)
    logs = (database.with_name(database.name + ending) for ending in ("-wal", "-shm"))
    for path in (Path(ENV_FILE), settings.data_dir, database, *logs):
        try:
            tightened = keep_from_others(path)
        except OSError as problem:
            fail(
                Exit.CONFIGURATION,
                f"Other accounts of this machine can get at {path}, and this one may not change"
                f" that ({problem.strerror}): give it to the account that runs the bot, chmod go="
                f" {path}, and start again.",
            )
        if tightened:
            log.warning("rights_tightened", path=str(path))
