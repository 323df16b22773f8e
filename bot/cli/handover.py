"""Commands about a hand-over: the pack, and, away from the server, the names that are closed."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from bot.cli.opening import Exit, content_of, fail, now_and_today, opened, settings_of, until_done


class _ByPetition(TyperGroup):
    """`handover xinjiang …` is `handover make xinjiang …`."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["make", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_ByPetition,
    help="What is handed over with a petition. `handover PETITION --out DIR` makes it.",
    no_args_is_help=True,
)


@app.command()
def make(
    petition: Annotated[str, typer.Argument(help="The petition, as named in cases.yaml.")],
    out: Annotated[Path, typer.Option(help="An empty directory for the pack.")],
    language: Annotated[str, typer.Option(help="Language of the document: fr, en, …")] = "",
) -> None:
    """Write what is handed over with a petition: document, tables, totals, checksums.

    Names that are closed to a key (BOT_HANDOVER_KEY) are in it closed; `handover open` opens them
    on another machine. After the signatures were destroyed it writes the certificate.

    Example: `python run_bot.py handover xinjiang --out pack`
    """
    from bot.handover import HandoverTrouble, closed_in, hand_over

    settings = settings_of()
    content = content_of(settings)
    if language and language not in content.campaign.languages:
        fail(Exit.USAGE, f"--language: choose one of {', '.join(content.campaign.languages)}")

    async def work() -> None:
        async with opened(settings) as (store, keys):
            now, today = now_and_today(content.campaign)
            try:
                campaign, wording = content.now
                paths = await hand_over(
                    store, keys, campaign, wording, petition, out, today, now, language
                )
            except HandoverTrouble as trouble:
                fail(Exit.USAGE, str(trouble))
        for path in paths:
            print(path)
        for key, number in sorted(closed_in(paths).items()):
            print(
                f"{number} names are closed to the key {key}: nobody can read or moderate them on"
                " this machine. Copy the directory to the one that has the private key, and go on"
                f" there: `run_bot.py handover open {out} --key FILE --out names`.",
                file=sys.stderr,
            )

    until_done(work())


@app.command("open")
def open_(
    pack: Annotated[Path, typer.Argument(help="The directory that `handover` wrote.")],
    key: Annotated[Path, typer.Option(help="The file with the private key (`handover key`).")],
    out: Annotated[Path, typer.Option(help="An empty directory for what is written.")],
    moderated: Annotated[
        Path | None, typer.Option(help="The table of names, with yes or no in its column “keep”.")
    ] = None,
) -> None:
    """Open the names of a pack, away from the server: no settings, database or keys of the bot.

    First it writes a table of the names; with that table, filled in, the pack that is handed over.

    Example: `python run_bot.py handover open pack --key handover-key.txt --out names`
    """
    from bot.handover import HandoverTrouble, final_pack, open_pack, to_moderate

    _only_elsewhere("open and moderate the names there")

    async def work() -> None:
        os.umask(0o077)
        try:
            found = open_pack(pack, key)
            for mark, number in sorted(found.unopened.items()):
                print(
                    f"{number} names are closed to another key ({mark}) and are left out: put its"
                    " private half into the same file, on a line of its own, and begin again.",
                    file=sys.stderr,
                )
            if moderated is None:
                table = to_moderate(found, out)
                print(f"{table}: {len(found.names)} names")
                print(
                    "Where a name shall not be handed over, write no into its column “keep”. Save"
                    " the table as CSV, and give the same command once more with"
                    f" --moderated {table} and another --out."
                )
                return
            for path in await final_pack(found, moderated, out):
                print(path)
        except HandoverTrouble as trouble:
            fail(Exit.USAGE, str(trouble))

    until_done(work())


@app.command()
def key(
    out: Annotated[Path, typer.Option(help="A new file for the private half.")] = Path(
        "handover-key.txt"
    ),
) -> None:
    """Make the pair of keys that names are closed to, away from the server.

    The public half goes into the server's settings; the private half never does.

    Example: `python run_bot.py handover key --out handover-key.txt`
    """
    from bot.clock import utc_now
    from bot.keys import closed, files

    _only_elsewhere("make the pair there")
    if out.exists():
        fail(Exit.USAGE, f"There is a file {out} already, perhaps a key: choose another --out.")
    private, public = closed.new_pair()
    told = f"# created: {utc_now().date()}\n# public key: {public}\n{private}\n"
    files.write(out, told.encode())
    print(
        f"The private half is in {out}. It stays here and never goes to the server; keep a second"
        " copy, on a stick in a safe: without it the names are lost.",
        f"The public half goes into the server's .env; then start the bot again:\n"
        f"BOT_HANDOVER_KEY={public}",
        f"The server calls this key {closed.mark_of(public)}.",
        sep="\n",
    )


def _only_elsewhere(what: str) -> None:
    """Where the bot's data lie, the private half would be beside what it is kept away from."""
    from bot.settings import data_dir_named
    from bot.store import first_start

    directory = data_dir_named()
    if first_start.is_over(directory):
        fail(
            Exit.USAGE,
            f"The bot's data are on this machine ({directory}). Whoever takes them must not find"
            " the private key beside them: install the project on another machine (README.md), and"
            f" {what}. If these data are only of a trial, move them away first.",
        )


def register(main: typer.Typer) -> None:
    """Put them on the command line."""
    main.add_typer(app, name="handover")
