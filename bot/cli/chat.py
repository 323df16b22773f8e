"""The terminal chat: reads lines as turns until the input ends."""

from __future__ import annotations

import asyncio
import sys
from typing import TextIO

from bot.app import App, opened
from bot.channels.terminal.capabilities import NAME
from bot.channels.terminal.channel import ADDRESS, Terminal
from bot.content_files import Content
from bot.settings import Settings
from bot.store.people import supporters

ANSWER_WITHIN = 30.0
"""Seconds that an answer may take (a document is the slowest); then the next line is read."""


async def chat(
    settings: Settings,
    content: Content,
    *,
    language: str,
    case: str,
    chosen: bool = False,
    lines: TextIO = sys.stdin,
) -> None:
    """Talk until the input ends. From a pipe each line is shown: the output is a transcript.

    ``chosen``: the language was asked for, so it also holds for a conversation that goes on.

    Raises what ``bot.app.opened`` raises, and BrokenPipeError where nobody reads any more.
    """
    terminal = Terminal(documents=settings.data_dir / "terminal", language=language)
    interactive = lines.isatty()
    async with opened(settings, content, {terminal.name: terminal}) as app:
        if chosen and await _is_known(app):
            terminal.silent = True
            await app.engine.take([terminal.choose(f"language:{language}")])
            await app.sender.finish(ANSWER_WITHIN)
            terminal.silent = False
        line: str | None = f"/start {case}".strip()
        while line is not None:
            if not interactive:
                print(f"\n> {line.strip()}")
            if line.strip():
                await app.engine.take([terminal.parse(line)])
                await app.sender.finish(ANSWER_WITHIN)
            if terminal.closed:
                raise BrokenPipeError
            line = await asyncio.to_thread(_next, lines, interactive)


async def _is_known(app: App) -> bool:
    """Whether there is a conversation already."""
    here = app.keys.pseudonym(NAME, ADDRESS)
    async with app.store.reading() as connection:
        return bool(await supporters.find(connection, app.keys, [here]))


def _next(lines: TextIO, interactive: bool) -> str | None:
    if interactive:
        print("\n> ", end="", flush=True)
    return lines.readline() or None
