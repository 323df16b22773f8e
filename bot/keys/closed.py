"""What is closed to a public key (age, https://age-encryption.org/v1): only whoever has the private
one, on another machine, can open it. The bot cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

MARK = b"\0age\0"
"""Begins what is closed; no text that people type has a zero byte."""
SIZE = 1_024
"""Of everything that is closed: what age writes around 320 bytes is 215 to 380 long, by chance."""
_LENGTH = 2


class NotOpened(Exception):
    """It belongs to another private key, or was changed."""


def close(plain: bytes, public_key: str) -> bytes:
    """Closed, and of one size for all plain bytes of one length."""
    import pyrage

    recipient = pyrage.x25519.Recipient.from_str(public_key)
    room = SIZE - len(MARK) - _LENGTH
    if len(plain) > room // 2:
        raise ValueError("too long to be closed")
    sealed: bytes = pyrage.encrypt(plain, [recipient])
    while len(sealed) > room:
        sealed = pyrage.encrypt(plain, [recipient])
    return (MARK + len(sealed).to_bytes(_LENGTH, "big") + sealed).ljust(SIZE, b"\0")


def is_closed(plain: bytes) -> bool:
    """Whether these bytes are closed ones."""
    return plain.startswith(MARK)


def open_(closed: bytes, identities: list[Any]) -> bytes:
    """The plain bytes. Raises ``NotOpened``."""
    import pyrage

    at = len(MARK) + _LENGTH
    length = int.from_bytes(closed[len(MARK) : at], "big")
    if not is_closed(closed):
        raise NotOpened
    try:
        return bytes(pyrage.decrypt(closed[at : at + length], identities))
    except pyrage.DecryptError as problem:
        raise NotOpened from problem


def identities(file: Path) -> list[Any]:
    """The private keys in a file as age-keygen makes it; none where it cannot be read."""
    import pyrage

    try:
        return [
            pyrage.x25519.Identity.from_str(line)
            for line in file.read_text(encoding="ascii").split()
            if line.startswith("AGE-SECRET-KEY-1")
        ]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError):
        return []
