"""The audit log from the shell."""

from __future__ import annotations

import typer

from bot.cli.opening import Exit, opened, settings_of, until_done

app = typer.Typer(help="The log of all that staff did.", no_args_is_help=True)


@app.command()
def verify() -> None:
    """Prove that no entry of the log was changed, taken out or added, and that the bot itself has
    written every broadcast and setting. Exit code 6 if not.

    Example: `python run_bot.py audit verify`
    """
    from bot.store import audit, staff_settings
    from bot.store.broadcasts import records

    async def work() -> None:
        async with (
            opened(settings_of(), looking=True) as (store, keys),
            store.reading() as connection,
        ):
            entries, wrong = await audit.verify(connection, keys)
            forged = await records.forged(connection, keys)
            settings = await staff_settings.forged(connection, keys)
        for number in forged:
            print(f"Broadcast {number} was written or changed by somebody without the keys.")
        for name in settings:
            print(f"The setting {name} was written or changed by somebody without the keys.")
        if wrong is not None:
            print(f"The log does not fit from entry {wrong} on ({entries} before it do).")
        elif not forged and not settings:
            print(f"{entries} entries, all right")
            return
        raise typer.Exit(Exit.TAMPERED)

    until_done(work())


@app.command("list")
def audit_list() -> None:
    """The newest entries of the log.

    Example: `python run_bot.py audit list`
    """
    from bot.desk.members import Staff
    from bot.store import audit

    async def work() -> None:
        settings = settings_of()
        async with opened(settings, looking=True) as (store, keys), store.reading() as connection:
            entries = await audit.newest(connection, 100)
        names = Staff(keys, settings.staff).names
        for one in entries:
            entry = one.entry
            who = names.get(entry.who, entry.who)
            print(
                f"{one.number:>6}  {one.at:%Y-%m-%d %H:%M:%S}  {who:<16}  {entry.act:<10}"
                f"  {entry.broadcast or '':>4}  {entry.detail[:60]}"
            )

    until_done(work())
