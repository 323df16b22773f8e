"""Size classes: what is sealed has one of three lengths, so that a length tells nothing of a text.

Each column has classes of its own, the smallest of which nearly everything fits.
"""

from __future__ import annotations

import zlib

MESSAGE = (1_024, 4_096, 16_384)
"""Of a message on its way."""
EXCHANGE = (896, 4_000, 32_768)
"""Of an event on the chat page with its answers, packed: a screen with its buttons is 400 to 800
bytes, a letter 1,500. Rows of the first class lie four to a page of SQLite's (4,096 bytes), which
puts whatever is longer than a quarter of one on pages of its own; the second fills one of those.
What does not even fit the third takes several times its length."""


def padded(plain: bytes, classes: tuple[int, ...], filling: bytes = b" ") -> bytes:
    """With as much behind it as its class wants; JSON is read through blanks."""
    largest = classes[-1]
    size = next((one for one in classes if len(plain) <= one), -(-len(plain) // largest) * largest)
    return plain.ljust(size, filling)


def packed(plain: bytes) -> bytes:
    """Compressed, and padded to the class of an exchange."""
    return padded(zlib.compress(plain, 1), EXCHANGE, b"\0")


def unpacked(packed: bytes) -> bytes:
    """What was packed. Raises ``zlib.error``."""
    return zlib.decompressobj().decompress(packed)
