"""The command that brings an older database up to date, or says what that would do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import logs
from bot.cli import rights
from bot.cli.opening import Exit, fail, settings_of, until_done
from bot.clock import utc_now
from bot.settings import Settings, revealed

if TYPE_CHECKING:
    from bot.backups.restoring import Target
    from bot.backups.trying import Tried


def upgrade(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Try it on a copy, and throw the copy away.")
    ] = False,
    backup: Annotated[
        Path | None,
        typer.Option(help="Where the backup goes that is made before: another disk."),
    ] = None,
) -> None:
    """Bring the database of an older version up to date, after a proven backup.

    The start of the bot does the same. `--dry-run` works beside the running bot, and tells which
    steps there are, how long they take here, and whether anything would be lost.

    Example: `python run_bot.py upgrade --dry-run`
    """
    settings = settings_of()
    logs.set_up(quiet=True)
    os.umask(0o077)
    rights.as_owner(settings)

    async def work() -> None:
        from bot.store.maintenance import BackupTrouble

        try:
            await (_tried(settings) if dry_run else _done(settings, backup))
        except BackupTrouble as trouble:
            text = str(trouble)
            fail(Exit.CONFIGURATION, text if text.endswith(".") else f"{text}.")

    until_done(work())


def _target(settings: Settings) -> Target:
    from bot.backups.restoring import Target
    from bot.store.opening import maintenance_of

    url = revealed(settings.database_url)
    maintenance = maintenance_of(url)
    place = maintenance.place(settings.data_dir, url)
    return Target(settings.data_dir, place, maintenance, revealed(settings.keys))


async def _tried(settings: Settings) -> None:
    from bot.backups import trying
    from bot.disk import is_full
    from bot.store.database import DatabaseBusy

    target = _target(settings)
    if not target.database.is_file():
        print(f"There is no database {target.database} yet: nothing would be changed.")
        return
    try:
        if not await trying.is_older(target):
            print("The database is up to date: nothing would be changed.")
            return
        tried = await trying.upgrade(target, utc_now())
    except OSError as problem:
        if not is_full(problem):
            raise
        raise DatabaseBusy("There is no room for the copy: make some.") from problem
    for line in _told(tried):
        print(line)
    if tried.lost:
        raise typer.Exit(Exit.DAMAGED)


def _told(tried: Tried) -> list[str]:
    lines = [f"On a copy, in {tried.seconds:.1f} s; the database itself is as it was:"]
    lines += [f"  {number} {what}" for number, what in tried.revisions.items()]
    if tried.bound:
        lines.append("  then everything sealed is bound to its row")
    for name in ("supporters", "signatures", "subscriptions", "broadcasts", "audit"):
        before, after = tried.before.rows.get(name, 0), tried.after.rows.get(name, 0)
        lines.append(f"  {name}: {before} before, {after} afterwards")
    if tried.lost:
        lines.append(f"Rows would be lost ({', '.join(tried.lost)}): do not upgrade, report this.")
    else:
        lines.append(
            "Nothing would be lost. A backup is made first; stop the bot (systemctl stop campaign),"
            " then: run_bot.py upgrade – or just start the new version, which does the same."
        )
    return lines


async def _done(settings: Settings, backup: Path | None) -> None:
    from bot.backups.upgrading import before_upgrade
    from bot.keys import Keys
    from bot.privacy import binding
    from bot.store import key_marks
    from bot.store.migrations import HEAD
    from bot.store.opening import open_database

    target = _target(settings)
    if not target.database.is_file():
        fail(Exit.CONFIGURATION, f"There is no database {target.database} yet: start the bot once.")
    made: list[str] = []
    url = revealed(settings.database_url)
    guard = before_upgrade(url, settings.data_dir, settings.backup_key, backup, made.append)
    store = await open_database(settings.data_dir, url, before_upgrade=guard)
    try:
        async with store.reading() as connection:
            known = await key_marks.there(connection)
        keys = Keys.open(settings.data_dir / "keys", target.given, database_exists=known)
        bound = await binding.bind(store, keys, utc_now())
    finally:
        await store.close()
    if not made and not bound:
        print(f"The database is up to date ({HEAD}): nothing was changed.")
        return
    print(f"The database is up to date now ({HEAD}).")
    for file in made:
        print(
            f"What was before it is {file}: to go back, start the version before and let it restore"
            " that file."
        )


def register(app: typer.Typer) -> None:
    """Put it on the command line."""
    app.command()(upgrade)
