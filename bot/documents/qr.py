"""A link as a QR code: a picture for the chat, a drawing for the poster."""

from __future__ import annotations

import io

import segno

from bot.campaign.channel import Made
from bot.documents.naming import file_name

# Level M stands a quarter of what a stand, rain and folds do to paper; a chat needs no more.
CORRECTION = "m"
# The quiet zone that the standard asks for (ISO/IEC 18004): four modules.
QUIET = 4
PICTURE_PIXELS = 900


def _code(link: str) -> segno.QRCode:
    return segno.make_qr(link, error=CORRECTION, boost_error=True)


def qr_picture(link: str, *, file: str = "qr", case: str = "") -> Made:
    """The code as a PNG, large enough for a phone that looks at another phone.

    Quick (some milliseconds) and short of memory: may run on the event loop.
    """
    code = _code(link)
    scale = max(1, PICTURE_PIXELS // code.symbol_size(border=QUIET)[0])
    picture = io.BytesIO()
    code.save(picture, kind="png", scale=scale, border=QUIET)
    return Made(file_name(file, case, ending="png"), "image/png", picture.getvalue())


def qr_drawing(link: str) -> str:
    """The code as SVG, without a quiet zone: the poster leaves white around it."""
    drawing = io.BytesIO()
    _code(link).save(drawing, kind="svg", border=0, xmldecl=False, svgns=True)
    return drawing.getvalue().decode("ascii")
