"""Typst in one place: its fonts, warm compilers, and threads of their own.

Text reaches a template as JSON data, never as markup. Every PDF is made as PDF/UA-1: tagged, with
title and language, fonts embedded, and refused when a character has no glyph, so that no reader
ever finds an empty box. The same data and day give the same bytes.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, time
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TypeVar, cast

import typst

from bot.campaign.typed import one_line
from bot.documents import glyphs
from bot.documents.fonts import font_folders
from bot.documents.plain_text import single_line, well_formed

T = TypeVar("T")

# Typst gives up the interpreter's lock while it works; more threads than cores only take turns.
THREADS = 2
NICER = 10
TEMPLATES = Path(str(files("bot.documents")))

# A character with what attaches to it: accents, joiners, variation selectors.
CLUSTER = re.compile(r"[^\s](?:[\u0300-\u036f\u200c\u200d\u20d0-\u20ff\ufe00-\ufe0f])*")
# Latin text, which Libertinus Serif has whole (a test holds it to that).
LATIN = re.compile(r"[\s\u0020-\u007e\u00a0-\u017f\u2010-\u2026\u202f]*")

_of_this_thread = threading.local()


class CannotTypesetError(ValueError):
    """The document cannot be made; the message names no text, since that may be personal."""


@cache
def fonts() -> typst.Fonts:
    """The fonts that documents may use; those of the machine are left out (other bytes there)."""
    return typst.Fonts(include_system_fonts=False, font_paths=[str(one) for one in font_folders()])


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="typesetting", initializer=_step_back)


def _step_back() -> None:
    """Answers go first where cores are short: on Linux a thread can be nicer than its process."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICER)


async def off_the_loop(work: Callable[[], T]) -> T:
    """Run it in the threads for typesetting, while the event loop goes on."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), work)


def _compiler(template: str) -> typst.Compiler:
    # A compiler refuses to be used twice at once: each thread keeps its own, warm.
    warm: dict[str, typst.Compiler] = _of_this_thread.__dict__.setdefault("compilers", {})
    if template not in warm:
        warm[template] = typst.Compiler(
            str(TEMPLATES / template),
            root=str(TEMPLATES),
            font_paths=fonts(),
            ignore_system_fonts=True,
        )
    return warm[template]


def _inputs(data: Mapping[str, object]) -> dict[str, str]:
    return {"data": well_formed(json.dumps(data, ensure_ascii=False))}


def pdf(template: str, data: Mapping[str, object], day: date) -> bytes:
    """The template filled with the data, dated that day. ``data`` needs a title and a language."""
    try:
        made = _compiler(template).compile(
            sys_inputs=_inputs(data),
            pdf_standards=["ua-1"],
            timestamp=datetime.combine(day, time(12), UTC),
        )
    except typst.TypstError as error:
        raise CannotTypesetError(_reason(template, error)) from None
    return cast(bytes, made)  # one file; only pictures come as a list, one for each page


def png(template: str, data: Mapping[str, object]) -> bytes:
    """The first page as a picture."""
    try:
        made = _compiler(template).compile(sys_inputs=_inputs(data), format="png", ppi=100)
    except typst.TypstError as error:
        raise CannotTypesetError(_reason(template, error)) from None
    return cast(bytes, made[0] if isinstance(made, list) else made)


def _reason(template: str, error: typst.TypstError) -> str:
    if "could not be displayed" in str(error):
        return f"{template}: a character of the content has no glyph; `check` names it"
    # Typst's own message may quote the text that it was given.
    return f"{template}: typst refused the data"


def missing_glyphs(text: str) -> set[str]:
    """The characters (with their accents) that no font of the documents can show.

    Typst is asked only for accents that the fonts have to put together, once where all can be
    shown and until each is found where not.
    """
    missing, composed = _looked_up(text)
    return missing | set(_unshown(composed))


def _looked_up(text: str) -> tuple[set[str], tuple[str, ...]]:
    """The characters that no font has; and those that are there in parts."""
    if LATIN.fullmatch(text):
        return set(), ()
    clusters = set(CLUSTER.findall(single_line(text)))
    missing = {cluster for cluster in clusters if not glyphs.has(cluster)}
    return missing, tuple(sorted(one for one in clusters - missing if not glyphs.is_one(one)))


@lru_cache(maxsize=4096)
def _unshown(clusters: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the clusters that cannot be shown: halved until each is found alone."""
    if not clusters or _can_show(" ".join(clusters)):
        return ()
    if len(clusters) == 1:
        return clusters
    middle = len(clusters) // 2
    return _unshown(clusters[:middle]) + _unshown(clusters[middle:])


def _can_show(text: str) -> bool:
    try:
        pdf("glyphs.typ", {"title": "-", "language": "en", "text": text}, date(2000, 1, 1))
    except CannotTypesetError:
        return False
    return True


def printable(text: str) -> str:
    """One line of what a supporter typed, without what no font has: an emoji, a rare script.

    A name that is left out whole leaves room to write it by hand.
    """
    line = one_line(text)
    missing, composed = _looked_up(line)
    # Typst is asked once, whatever was typed: looking for each took a second of everybody's time.
    if composed and not _can_show(" ".join(composed)):
        missing.update(composed)
    return one_line(CLUSTER.sub(lambda found: "" if found[0] in missing else found[0], line))
