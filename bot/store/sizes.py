"""Size classes: what is sealed has one of three lengths, so that a length tells nothing of a text.

Each column has classes of its own, the smallest of which nearly everything fits.
"""

from __future__ import annotations

import zlib

MESSAGE = (1_024, 4_096, 16_384)
"""Of a message on its way."""
EXCHANGE = (1_024, 4_096, 32_768)
"""Of an event on the chat page with its answers, packed: a screen with its buttons is about 700
bytes, a letter 2,500. What was made up not to be packed is cut into more of the largest."""


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
