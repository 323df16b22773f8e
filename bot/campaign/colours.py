"""Colours that can be read: the organisation's own, and what stands in where one of them cannot be.

Contrast as WCAG 2 defines it: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

from __future__ import annotations

READABLE = 4.5
"""The least contrast of text against what is behind it (WCAG AA)."""
COMFORTABLE = 6.0
EDGE = 3.0
"""The least of a control's edge against the page (WCAG 2.2, 1.4.11)."""
RECOGNISED = 2.0
"""A colour that has less than this against the paper is another one by the time it can be read."""
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


def ink(colour: str, behind: str, otherwise: str) -> str:
    """The colour as text on paper, made a little darker or lighter where it must be; ``otherwise``
    where nothing would be left of it (yellow would become olive)."""
    if contrast(colour, behind) < RECOGNISED:
        return otherwise
    return readable(colour, behind, COMFORTABLE)


def theme(surface: str, text: str, accent: str) -> dict[str, dict[str, str]]:
    """The colours of pages, by theme and name.

    ``accent`` is for surfaces, as it is, with ``on-accent`` upon it and ``accent-edge`` around it,
    which stands out from the paper; ``accent-ink`` for text on paper, ``accent-wash`` for a hint of
    it behind ordinary text.
    """
    return {
        name: {
            "paper": paper,
            "ink": INK[name],
            "accent": surface,
            "on-accent": text,
            "accent-edge": surface if contrast(surface, paper) >= EDGE else INK[name],
            "accent-ink": ink(accent, mixed(paper, accent, WASH), INK[name]),
            "accent-wash": mixed(paper, accent, WASH),
        }
        for name, paper in PAPER.items()
    }


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(rgb: Rgb) -> float:
    red, green, blue = (
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in rgb
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
