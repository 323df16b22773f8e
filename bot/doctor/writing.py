"""What supporters read: the content, and the fonts that letters and posters are set in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from bot.channels import registered
from bot.content_files import load
from bot.content_files.loading import STRUCTURE
from bot.doctor.looking import Look
from bot.documents import glyphs
from bot.documents.checking import check
from bot.documents.fonts import font_files
from bot.findings import Finding, well, wrong

LETTERS = "éœ’«» 麦提·阿 ئۇيغۇر"
"""Of French, of names in Chinese, of names in Uyghur."""
SHOWN = 5


async def content(look: Look) -> Iterable[Finding]:
    """All that ``check`` says of it."""
    directory = look.settings.content
    if not (directory / STRUCTURE).exists():
        return [wrong("content.none", path=str(directory))]
    channels = registered.checked(look.settings)
    loaded = await asyncio.to_thread(load, directory, channels, more_checks=(check,))
    if not loaded.valid:
        told = "\n".join(map(str, loaded.errors[:SHOWN]))
        return [wrong("content", told, path=str(directory), count=len(loaded.errors))]
    # What staff should look at keeps nothing from working.
    return [well("content.valid", path=str(directory), count=len(loaded.warnings))]


async def fonts(look: Look) -> Iterable[Finding]:
    """Whether they are there and have the letters of all names."""
    try:
        files = await asyncio.to_thread(font_files)
        has = [one for one in LETTERS if not one.isspace() and not glyphs.has(one)]
    except (OSError, ModuleNotFoundError, ValueError) as problem:
        return [wrong("fonts", type(problem).__name__)]
    if not files or has:
        return [wrong("fonts", " ".join(has))]
    return [well("fonts.there", count=len(files))]
