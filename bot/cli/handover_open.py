"""The command that opens a pack with closed names, on the organisation's own machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.opening import Exit, fail, until_done


def handover_open(
    pack: Annotated[Path, typer.Argument(help="The directory that `handover` wrote.")],
    identity: Annotated[Path, typer.Option(help="The file with the private key (age-keygen).")],
    out: Annotated[Path, typer.Option(help="An empty directory for what is written.")],
    moderated: Annotated[
        Path | None, typer.Option(help="The table of names, with those marked that are left out.")
    ] = None,
) -> None:
    """Open the names of a pack, away from the server: no settings, database or keys of the bot.

    First it writes a table of the names; with that table, filled in, the pack that is handed over.

    Example: `python run_bot.py handover-open pack --identity key.txt --out names`
    """
    from bot.handover import HandoverTrouble, final_pack, open_pack, to_moderate

    async def work() -> None:
        os.umask(0o077)
        try:
            opened = open_pack(pack, identity)
            if opened.unopened:
                print(
                    f"{opened.unopened} names belong to another private key and are left out: put"
                    " its line into the same file, and open the pack again.",
                    file=sys.stderr,
                )
            if moderated is None:
                table = to_moderate(opened, out)
                print(f"{table}: {len(opened.names)} names")
                print(
                    "Put a sign into the column “leave out” where a name shall not be handed over,"
                    f" save it as CSV, then once more with --moderated {table} and another --out."
                )
                return
            for path in await final_pack(opened, moderated, out):
                print(path)
        except HandoverTrouble as trouble:
            fail(Exit.USAGE, str(trouble))

    until_done(work())


def register(app: typer.Typer) -> None:
    """Put it on the command line."""
    app.command("handover-open")(handover_open)
