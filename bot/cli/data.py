"""Commands about data: recount, purge, keys.

All of them work beside a running bot, in short transactions of their own.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bot.cli.opening import Exit, content_of, now_and_today, opened, settings_of, until_done
from bot.clock import utc_now

keys_app = typer.Typer(help="Keys: a new one, and the end of old ones.", no_args_is_help=True)


def recount(
    repair: Annotated[
        bool, typer.Option("--repair/--only-look", help="Set wrong counters right.")
    ] = True,
) -> None:
    """Prove that every counter equals the rows it counts, and repair those that do not.

    Exit code 5 when something was wrong.

    Example: `python run_bot.py recount`
    """
    from bot.upkeep import recounting

    settings = settings_of()
    content = content_of(settings)

    async def work() -> None:
        async with opened(settings, looking=not repair) as (store, _):
            _, today = now_and_today(content.campaign)
            found = await recounting.recount(store, today, repair=repair)
        for name, (kept, counted) in sorted(found.drifted.items()):
            print(f"{name}: was {kept}, rows say {counted}")
        for (petition, signer), (told, rows) in sorted(found.book.items()):
            print(
                f"{petition} ({signer.value}): the second book says {told} signatures,"
                f" there are {rows}"
            )
        if found.is_right:
            print(f"{found.checked} counters, all right")
            return
        print("repaired" if repair else "nothing was changed (--only-look)", file=sys.stderr)
        raise typer.Exit(Exit.DRIFTED)

    until_done(work())


def purge(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be deleted.")
    ] = False,
) -> None:
    """Delete what has outlived its time (content/cases.yaml, retention). The bot does it nightly.

    Example: `python run_bot.py purge --dry-run`
    """
    from bot.upkeep import purging

    settings = settings_of()
    content = content_of(settings)

    async def work() -> None:
        async with opened(settings, looking=dry_run) as (store, keys):
            now, _ = now_and_today(content.campaign)
            purged = await purging.purge(store, keys, content.campaign, now, dry_run=dry_run)
        done = "would go" if dry_run else "gone"
        for kind, number in sorted(purged.gone.items()):
            print(f"{kind}: {number} {done}")
        for petition in purged.destroyed:
            print(f"{petition}: signatures and key {'would be ' if dry_run else ''}destroyed")
        for petition in purged.waiting:
            print(
                f"{petition}: was delivered, but no pack was ever made: run"
                f" `run_bot.py handover {petition} --out DIR` before its signatures are destroyed",
                file=sys.stderr,
            )

    until_done(work())


@keys_app.command()
def rotate() -> None:
    """Make a new key that seals everything from now on, and seal what is there anew.

    A running bot seals with it from its next act on. Back up the key directory.

    Example: `python run_bot.py keys rotate`
    """
    from bot.privacy import resealing

    settings = settings_of()

    async def work() -> None:
        async with opened(settings) as (store, keys):
            number = await resealing.rotate(store, keys, utc_now())
            again = await resealing.reseal(store, keys)
        print(f"key {number} seals from now on; {again} values were sealed anew")
        print("Back up the key directory. Later, `run_bot.py keys retire` destroys the older keys.")

    until_done(work())


@keys_app.command()
def retire() -> None:
    """Seal with the newest key what is not yet, and destroy the older ones.

    Backups from before can then not be read.

    Example: `python run_bot.py keys retire`
    """
    from bot.privacy import resealing

    settings = settings_of()

    async def work() -> None:
        async with opened(settings) as (store, keys):
            old = await resealing.retire(store, keys, utc_now())
        print(f"{len(old)} older keys destroyed")

    until_done(work())


def register(app: typer.Typer) -> None:
    """Put all of them on the command line."""
    app.command()(recount)
    app.command()(purge)
    app.add_typer(keys_app, name="keys")
