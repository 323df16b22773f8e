"""The terminal chat: reads lines as turns until the input ends."""

from __future__ import annotations

import asyncio
import sys
from typing import TextIO

from bot.app import opened
from bot.channels.terminal.channel import Terminal
from bot.content_files import Content
from bot.settings import Settings

ANSWER_WITHIN = 30.0
"""Seconds that an answer may take (a document is the slowest); then the next line is read."""


async def chat(
    settings: Settings, content: Content, *, language: str, case: str, lines: TextIO = sys.stdin
) -> None:
    """Talk until the input ends. From a pipe each line is shown: the output is a transcript.

    Raises what ``bot.app.opened`` raises, and BrokenPipeError where nobody reads any more.
    """
    terminal = Terminal(documents=settings.data_dir / "terminal", language=language)
    interactive = lines.isatty()
    async with opened(settings, content, {terminal.name: terminal}) as app:
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


def _next(lines: TextIO, interactive: bool) -> str | None:
    if interactive:
        print("\n> ", end="", flush=True)
    return lines.readline() or None
