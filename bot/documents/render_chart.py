"""Draws one chart: a request as JSON on standard input, a PNG on standard output.

Runs as a program of its own (see ``charts``): the drawing library holds the interpreter's lock
while it works and keeps some 70 MB for its JavaScript engine afterwards.
"""

from __future__ import annotations

import json
import sys

import vl_convert


def main() -> None:
    """Read, draw, write."""
    request = json.load(sys.stdin)
    for folder in request["fonts"]:
        vl_convert.register_font_directory(folder)
    sys.stdout.buffer.write(
        vl_convert.vegalite_to_png(
            request["chart"],
            scale=request["scale"],
            allowed_base_urls=[],  # no data from anywhere but the request
            format_locale=request["locale"],
            time_format_locale=request["locale"],
        )
    )


if __name__ == "__main__":
    main()
