"""Commands about WhatsApp."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.opening import Exit, settings_of, until_done

app = typer.Typer(help="WhatsApp: what is missing there.", no_args_is_help=True)


@app.callback()
def whatsapp() -> None:
    """WhatsApp: what is missing there."""


@app.command()
def check(
    language: Annotated[str, typer.Option(help="en or fr; by default yours (LANG).")] = "",
) -> None:
    """Say what is still missing at Meta, each with its remedy; nobody gets a message.

    `run_bot.py doctor` says the same among all else.

    Example: `python run_bot.py whatsapp check`
    """
    settings = settings_of()
    from bot.channels.whatsapp.doctor import look
    from bot.cli.doctor import lines
    from bot.findings import Level
    from bot.operators.speech import Speech

    async def work() -> None:
        found = await look(settings)
        speech = Speech(language)
        for one in found:
            print("\n".join(lines(speech, one)))
        if any(one.level is Level.WRONG for one in found):
            raise typer.Exit(Exit.CONFIGURATION)

    until_done(work())
