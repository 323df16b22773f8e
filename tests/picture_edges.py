"""What a picture shows where nothing should stand: read from the PNG itself."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

Pixel = bytes


def rows(png: bytes) -> list[list[Pixel]]:
    """The pixels of an 8-bit PNG in RGB or RGBA, row by row. https://www.w3.org/TR/png-3/"""
    width, _, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert depth == 8
    size = {2: 3, 6: 4}[colour]
    data = zlib.decompress(b"".join(_chunks(png)))
    line = width * size
    before = bytearray(line)
    found = []
    for start in range(0, len(data), line + 1):
        now = bytearray(data[start + 1 : start + 1 + line])
        _unfilter(data[start], now, before, size)
        found.append([bytes(now[at : at + 3]) for at in range(0, line, size)])
        before = now
    return found


def margins(png: bytes, left: int, top: int, right: int, bottom: int) -> set[Pixel]:
    """The colours in the margins of so many pixels."""
    shown = rows(png)
    across = (*shown[:top], *shown[len(shown) - bottom :])
    edge: list[Pixel] = [one for row in across for one in row]
    edge += [one for row in shown for one in (*row[:left], *row[len(row) - right :])]
    return set(edge)


def _chunks(png: bytes) -> Iterator[bytes]:
    at = 8
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        if kind == b"IDAT":
            yield png[at + 8 : at + 8 + size]
        at += size + 12


def _unfilter(kind: int, now: bytearray, before: bytearray, size: int) -> None:
    if kind == 0:
        return
    for at in range(len(now)):
        left = now[at - size] if at >= size else 0
        above = before[at]
        corner = before[at - size] if at >= size else 0
        now[at] = (now[at] + _predicted(kind, left, above, corner)) & 255


def _predicted(kind: int, left: int, above: int, corner: int) -> int:
    if kind < 4:
        return (0, left, above, (left + above) // 2)[kind]
    guess = left + above - corner
    return min((left, above, corner), key=lambda one: abs(guess - one))
