"""Commands about backups: make one beside the running bot, and put one back."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.opening import Exit, fail, settings_of, until_done
from bot.clock import utc_now
from bot.settings import Settings, revealed

if TYPE_CHECKING:
    from bot.backups.restoring import Restored
    from bot.store.maintenance import Maintenance


def _database(settings: Settings) -> tuple[Path, Maintenance]:
    """Where it is, and what its engine does with it from outside."""
    from bot.store.opening import maintenance_of

    url = revealed(settings.database_url)
    maintenance = maintenance_of(url)
    return maintenance.place(settings.data_dir, url), maintenance


def backup(
    directory: Annotated[Path, typer.Argument(help="Where backups go: another disk, at best.")],
    keep: Annotated[str, typer.Option(help="Delete backups that are older: 30d, 36h, 4w.")] = "30d",
) -> None:
    """Back the database up, beside a running bot, and delete backups that are too old.

    It is read back and compared before it gets its name; where anything fails, nothing is deleted.
    With BOT_BACKUP_KEY it is encrypted. The keys are not in it: copy data/keys to another place.

    Example: `python run_bot.py backup /var/backups/campaign --keep 30d`
    """
    settings = settings_of()

    async def work() -> None:
        from bot.backups import making, naming, noting
        from bot.store.maintenance import BackupTrouble

        try:
            period = naming.period(keep)
        except ValueError:
            fail(Exit.USAGE, f'--keep: "{keep}" is no time: write it like 30d, 36h or 4w.')
        if directory.resolve().is_relative_to(settings.data_dir.resolve()):
            fail(
                Exit.USAGE,
                f"{directory} is in the data directory, with which it would be lost: name another"
                " one, on another disk at best.",
            )
        os.umask(0o077)  # for the journals beside what is made, too
        try:
            database, maintenance = _database(settings)
            made = making.make(
                maintenance, database, directory, period, utc_now(), settings.backup_key
            )
        except BackupTrouble as trouble:
            fail(Exit.CONFIGURATION, str(trouble))
        try:
            noting.note(settings.data_dir, utc_now())
        except OSError as problem:
            reason = problem.strerror
            print(f"The bot will not know of it ({reason}: BOT_DATA_DIR).", file=sys.stderr)
        rows = made.proof.rows
        print(
            f"{made.file}: {rows['supporters']} supporters, {rows['signatures']} signatures,"
            f" {'encrypted' if settings.backup_key else 'not encrypted (BOT_BACKUP_KEY)'}"
        )
        if made.pruned:
            print(f"{len(made.pruned)} older than {keep} deleted")

    until_done(work())


def restore(
    file: Annotated[Path, typer.Argument(help="A backup that `backup` has made.")],
    identity: Annotated[
        Path | None, typer.Option(help="The file with the private key, for an encrypted one.")
    ] = None,
) -> None:
    """Put a backup in the place of the database; what is there is kept under another name.

    The bot must not run. Broadcasts under way are paused, so that nobody gets them twice.

    Example: `python run_bot.py restore /var/backups/campaign/campaign-20261110T031500Z.sqlite3`
    """
    from bot import logs

    logs.set_up(quiet=True)
    settings = settings_of()

    async def work() -> None:
        from bot.backups import restoring
        from bot.store.maintenance import BackupTrouble

        os.umask(0o077)
        given = revealed(settings.keys)
        target = restoring.Target(settings.data_dir, *_database(settings), given)
        try:
            restored = await restoring.restore(target, file, identity, utc_now())
        except BackupTrouble as trouble:
            text = str(trouble)
            fail(Exit.CONFIGURATION, text if text.endswith(".") else f"{text}: try another backup.")
        for line in _told(restored):
            print(line)
        if restored.undone.people is None:
            print(_NOBODY_TELLS, file=sys.stderr)

    until_done(work())


_NOBODY_TELLS = (
    "Whoever had their data erased, stopped the news or withdrew a signature after this backup was"
    " made is in it again, and nothing here tells who. Say so in public: /forget has to be said"
    " once more."
)


def _told(restored: Restored) -> list[str]:
    """What came back, what was stopped, and what to do next."""
    undone, rows = restored.undone, restored.proof.rows
    of = f"of {restored.made_at:%Y-%m-%d %H:%M} UTC: " if restored.made_at else ""
    lines = [f"Restored {of}{rows['supporters']} supporters, {rows['signatures']} signatures."]
    if undone.people is not None:
        lines.append(
            "The former database told who has left since: erased again"
            f" {undone.people} supporters, {undone.signatures} signatures."
        )
    if undone.paused:
        numbers = ", ".join(f"No. {number}" for number in undone.paused)
        lines.append(
            f"Paused, for they may have gone out since: broadcasts {numbers}. Staff see why; to"
            " resume one sends it to all who have not got it by this backup."
        )
    stopped = (
        (undone.messages, "messages that waited then"),
        (undone.reminders, "reminders whose time has passed"),
        (undone.milestones, "milestones that were being told"),
    )
    lines += [f"Left out: {number} {what}." for number, what in stopped if number]
    lines.append(
        "Also as they were then: drafts of broadcasts, the banner, the cases' states, decisions"
        " about held signatures. Staff should look at them."
    )
    if restored.aside is not None:
        lines.append(f"The former database is {restored.aside}: delete it when all is well.")
    lines.append(
        "Now run_bot.py recount, run_bot.py audit verify and run_bot.py broadcast list; then start"
        " the bot."
    )
    return lines


def register(app: typer.Typer) -> None:
    """Put both on the command line."""
    app.command()(backup)
    app.command()(restore)
