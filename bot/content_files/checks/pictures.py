"""Pictures, logo, icon: there, readable, described in each language; colours that can be read."""

from __future__ import annotations

from collections.abc import Iterator

from bot.campaign.colours import READABLE, contrast
from bot.content_files.checks.content import Checked
from bot.content_files.named_files import named
from bot.content_files.problems import Problem

MOST = 2_000_000
"""Bytes: a phone on a slow line gets it before anything is read."""
# How such a file begins; of an SVG, what has to be somewhere in it.
_BEGIN = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "jpeg": b"\xff\xd8\xff"}


def check(content: Checked) -> Iterator[Problem]:
    """Files, then descriptions, then colours."""
    for address, name in named(content.campaign):
        problem = _file(name, content.campaign.files.get(name))
        if problem is not None:
            yield content.at(address, *problem)
    for case_id, case in content.campaign.cases.items():
        for n, picture in enumerate(case.pictures):
            for language in (one.code for one in content.campaign.spoken if not one.partial):
                if language not in picture.alt:
                    yield content.at(
                        ("cases", case_id, "pictures", n, "alt"),
                        f'no description in the language "{language}"',
                        f'say what is to be seen, for whoever cannot: {language}: "…"',
                    )
    yield from _colours(content)


def _file(name: str, held: bytes | None) -> tuple[str, str] | None:
    if held is None:
        return f'there is no file "{name}"', "put it below content/, or correct the name"
    if len(held) > MOST:
        size = f"{len(held) / 1e6:.1f} MB"
        return f'"{name}" has {size}', f"make it smaller: {MOST // 1_000_000} MB at most"
    ending = name.rpartition(".")[2]
    begin = _BEGIN.get(ending)
    if not (held.startswith(begin) if begin else b"<svg" in held):
        return f'"{name}" is no {ending.upper()}', "save it in that format, or rename it"
    return None


def _colours(content: Checked) -> Iterator[Problem]:
    colours = content.campaign.organisation.colours
    found = contrast(colours.surface, colours.text)
    if found < READABLE:
        yield content.at(
            ("organisation", "colours", "on_surface"),
            f"on the surface this is hard to read (contrast {found:.1f}; {READABLE} is the least)",
            "leave it out: white or black is taken, whichever reads better",
        )
