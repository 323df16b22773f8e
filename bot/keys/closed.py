"""What is closed to a public key (age, https://age-encryption.org/v1): only whoever has the private
one, on another machine, can open it. The bot cannot."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

MARK = b"\0age\0"
"""Begins what is closed; no text that people type has a zero byte."""
SIZE = 680
"""Of everything that is closed: what age writes around 320 bytes is 215 to 381 long, by chance, and
written once more where it is too long (one in ten). A signature with a name fits into the 1,001
bytes that SQLite keeps of a row in its place; a longer one takes 4,096 more."""
_KEY = 4
_LENGTH = 2
_HEAD = len(MARK) + _KEY + _LENGTH


class NotOpened(Exception):
    """It belongs to another private key, or was changed."""


def mark_of(public_key: str) -> str:
    """Some letters by which people know a key again."""
    return hashlib.sha256(public_key.encode()).digest()[:_KEY].hex()


def close(plain: bytes, public_key: str) -> bytes:
    """Closed, and of one size for all plain bytes of one length."""
    import pyrage

    recipient = pyrage.x25519.Recipient.from_str(public_key)
    room = SIZE - _HEAD
    if len(plain) > room // 2:
        raise ValueError("too long to be closed")
    sealed: bytes = pyrage.encrypt(plain, [recipient])
    while len(sealed) > room:
        sealed = pyrage.encrypt(plain, [recipient])
    whose = bytes.fromhex(mark_of(public_key))
    return (MARK + whose + len(sealed).to_bytes(_LENGTH, "big") + sealed).ljust(SIZE, b"\0")


def is_closed(plain: bytes) -> bool:
    """Whether these bytes are closed ones."""
    return plain.startswith(MARK)


def key_of(closed: bytes) -> str:
    """The mark of the key that it is closed to (age itself does not tell)."""
    return closed[len(MARK) : len(MARK) + _KEY].hex()


def open_(closed: bytes, identities: list[Any]) -> bytes:
    """The plain bytes. Raises ``NotOpened``."""
    import pyrage

    if not is_closed(closed):
        raise NotOpened
    length = int.from_bytes(closed[_HEAD - _LENGTH : _HEAD], "big")
    try:
        return bytes(pyrage.decrypt(closed[_HEAD : _HEAD + length], identities))
    except pyrage.DecryptError as problem:
        raise NotOpened from problem


def new_pair() -> tuple[str, str]:
    """A private key and its public one, as age writes them."""
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


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
