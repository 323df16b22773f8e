"""Events that failed, from the shell: for whoever mends what made them fail."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from bot.cli.opening import opened, settings_of, until_done

NEWEST = 50


def dead_letters(
    contents: Annotated[
        bool,
        typer.Option("--contents", help="Show what was written or pressed. This is personal."),
    ] = False,
) -> None:
    """The newest events that could not be answered: when, from where, and the place in the code.

    They are kept sealed for seven days. Send nobody what `--contents` shows: it is personal.

    Example: `python run_bot.py dead-letters`
    """
    from bot.store import dead_letters as kept

    async def work() -> None:
        async with (
            opened(settings_of(), looking=True) as (store, keys),
            store.reading() as connection,
        ):
            found = await kept.find(connection, keys, limit=NEWEST)
        for letter in found:
            kind = letter.event.get("kind", "sealed")
            _show(
                f"{letter.at:%Y-%m-%d %H:%M:%S}  {letter.channel:<9}  {kind:<10}  {letter.reason}"
            )
            if contents:
                _show(f"    {json.dumps(letter.event, ensure_ascii=False)}")
        if not found:
            print("No event has failed in the last seven days.")

    until_done(work())


def _show(line: str) -> None:
    """Print it, half characters and what the terminal cannot show as escapes: they may be what
    made the event fail."""
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding))


def register(app: typer.Typer) -> None:
    """Make it a command."""
    app.command("dead-letters")(dead_letters)
