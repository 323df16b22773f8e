"""Colours that can be read: the organisation's accent, made lighter or darker where it must be.

Contrast as WCAG 2 defines it: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

from __future__ import annotations

READABLE = 4.5
"""The least contrast of text against what is behind it (WCAG AA)."""
COMFORTABLE = 6.0
PAPER = {"light": "#f7f3ec", "dark": "#171512"}
"""What pages are printed on, by theme."""
INK = {"light": "#211d19", "dark": "#ece6dc"}
WASH = 0.08
_STEPS = 40

Rgb = tuple[int, int, int]


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    lighter, darker = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable(colour: str, behind: str, least: float = READABLE) -> str:
    """The colour, moved towards black or white until it can be read on what is behind it."""
    towards = "#000000" if _luminance(_rgb(behind)) > 0.18 else "#ffffff"
    for step in range(_STEPS + 1):
        moved = mixed(colour, towards, step / _STEPS)
        if contrast(moved, behind) >= least:
            return moved
    return towards


def text_on(colour: str) -> str:
    """White or black, whichever reads better on that colour."""
    return max(("#ffffff", "#000000"), key=lambda text: contrast(text, colour))


def mixed(one: str, other: str, share: float) -> str:
    """So much of the other colour in the one."""
    parts = zip(_rgb(one), _rgb(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)


def theme(accent: str) -> dict[str, dict[str, str]]:
    """The colours that follow from the accent, by theme and name.

    ``accent`` is for surfaces with ``on-accent`` upon it, ``accent-ink`` for text on paper,
    ``accent-wash`` for a hint of it behind ordinary text.
    """
    return {
        name: {
            "paper": paper,
            "ink": INK[name],
            "accent": surface,
            "on-accent": text_on(surface),
            "accent-ink": readable(accent, mixed(paper, accent, WASH), COMFORTABLE),
            "accent-wash": mixed(paper, accent, WASH),
        }
        for name, paper in PAPER.items()
        for surface in (_surface(accent, paper),)
    }


def _surface(accent: str, paper: str) -> str:
    """The accent as a surface: it must stand out from the paper (3 to 1, as controls must)."""
    towards = "#000000" if _luminance(_rgb(paper)) > 0.18 else "#ffffff"
    for step in range(_STEPS + 1):
        moved = mixed(accent, towards, step / _STEPS)
        if contrast(moved, paper) >= 3.2 and contrast(text_on(moved), moved) >= READABLE:
            return moved
    return towards


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(rgb: Rgb) -> float:
    red, green, blue = (
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in rgb
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
