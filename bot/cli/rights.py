"""What only the bot's account may read, made so before a start."""

from __future__ import annotations

import os
from pathlib import Path

import structlog

from bot.cli.opening import Exit, fail
from bot.disk import keep_from_others, owner
from bot.settings import ENV_FILE, Settings, revealed
from bot.store.opening import maintenance_of

log = structlog.get_logger()


def as_owner(settings: Settings) -> None:
    """Root is sent to the account that the data belong to: what root makes there, that account
    could not use afterwards."""
    data = settings.data_dir
    if os.name != "posix" or os.geteuid() != 0 or not data.exists() or data.stat().st_uid == 0:
        return
    account = owner(data)
    fail(
        Exit.CONFIGURATION,
        f"{data} belongs to {account}, and this is root: what is made here now, {account} could not"
        f" use. Say it as that account: sudo -u {account} .venv/bin/python run_bot.py …",
    )


def tighten(settings: Settings) -> None:
    """Settings (the token is in them), data directory and database for this account alone, and so
    whatever is made from now on. It is said; where it cannot be done, that ends the command."""
    os.umask(0o077)
    url = revealed(settings.database_url)
    database = maintenance_of(url).place(settings.data_dir, url)
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
