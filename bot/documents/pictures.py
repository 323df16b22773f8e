"""Pictures of the content as drawings: typst is given text alone, and an SVG can hold a picture."""

from __future__ import annotations

import base64
import struct
from html import escape

_SVG = 'xmlns="http://www.w3.org/2000/svg"'


def photograph(name: str, content: bytes, width: int, height: int) -> str:
    """A photograph that fills a frame of that shape; what is too wide or too high is cut off, from
    above last: faces stand there."""
    return (
        f'<svg {_SVG} viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<image width="{width}" height="{height}" preserveAspectRatio="xMidYMin slice"'
        f' href="{_inline(name, content)}"/></svg>'
    )


def logo(name: str, content: bytes) -> str:
    """A logo of the content, in its own shape."""
    if name.endswith(".svg"):
        return content.decode("utf-8", "replace")
    # https://www.w3.org/TR/png-3/#11IHDR
    width, height = struct.unpack(">II", content[16:24])
    return (
        f'<svg {_SVG} viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<image width="{width}" height="{height}" href="{_inline(name, content)}"/></svg>'
    )


def _inline(name: str, content: bytes) -> str:
    kind = "png" if name.endswith(".png") else "jpeg"
    return escape(f"data:image/{kind};base64,{base64.b64encode(content).decode()}")
