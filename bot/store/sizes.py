"""Size classes: what is sealed has one of a few lengths, so that a length tells nothing of a text.

Each column has classes of its own, the smallest of which nearly everything fits.
"""

from __future__ import annotations

import zlib

MESSAGE = (1_024, 4_096, 16_384)
"""Of a message on its way."""
EXCHANGE = (4_000, 32_768)
"""Of an event on the chat page with its answers, packed: a screen with its buttons is 400 to 1,000
bytes, a letter in two languages 2,500. After one answer a letter comes, after another a warning:
both have to lie in one class, which fills one of the pages (4,096 bytes) of its own that SQLite
gives to whatever is long. What does not even fit the second takes several times its length."""


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
