"""Encrypting a backup to a public key (age, https://age-encryption.org/v1), and opening it.

The private key is not on this machine: what was sealed here, nobody here can open.
"""

from __future__ import annotations

from pathlib import Path

from bot.keys.closed import identities
from bot.store.maintenance import BackupTrouble

MAGIC = b"age-encryption.org/v1\n"
_LONGEST_HEADER = 65_536
_NONCE = 16
_CHUNK = 65_536
_TAG = 16


def seal(plain: Path, sealed: Path, public_key: str) -> None:
    """Encrypt to that key, and read back as much as can be without the private one.

    Raises ``BackupTrouble``.
    """
    import pyrage

    try:
        recipient = pyrage.x25519.Recipient.from_str(public_key)
    except pyrage.RecipientError as problem:
        raise BackupTrouble(
            "BOT_BACKUP_KEY is no public key of age: it looks like age1… (age-keygen shows it)."
        ) from problem
    pyrage.encrypt_file(str(plain), str(sealed), [recipient])
    _read_back(sealed, plain.stat().st_size)


def _read_back(sealed: Path, plain_size: int) -> None:
    """The header, and the length to the byte: a file cut short, or another's, is noticed."""
    with sealed.open("rb") as file:
        start = file.read(_LONGEST_HEADER)
    end = start.find(b"\n", start.find(b"\n--- ") + 5) + 1
    chunks = max(1, -(-plain_size // _CHUNK))
    whole = end + _NONCE + plain_size + chunks * _TAG
    recipients = start[:end].count(b"\n-> X25519 ")
    if not start.startswith(MAGIC) or recipients != 1 or sealed.stat().st_size != whole:
        raise BackupTrouble("the encrypted file does not have the form and the length it must have")


def is_sealed(start: bytes) -> bool:
    """Whether a file that begins so was encrypted with age."""
    return start.startswith(MAGIC)


def unseal(sealed: Path, plain: Path, identity: Path | None) -> None:
    """Decrypt with the private key in the file ``identity``. Raises ``BackupTrouble``."""
    import pyrage

    if identity is None:
        raise BackupTrouble(
            f"{sealed} is encrypted: give the file with the private key, --identity FILE (the one"
            " that belongs to BOT_BACKUP_KEY)."
        )
    keys = identities(identity)
    if not keys:
        raise BackupTrouble(
            f"{identity} holds no private key of age that can be read: it is the file that"
            " age-keygen made, with a line AGE-SECRET-KEY-1…"
        )
    try:
        pyrage.decrypt_file(str(sealed), str(plain), keys)
    except (pyrage.DecryptError, OSError) as problem:
        if isinstance(problem, OSError) and problem.errno is not None:  # not age's, the disk's
            raise
        raise BackupTrouble(
            f"{sealed} cannot be opened with this private key: it belongs to another key, or the"
            " file is cut short or damaged. Try another backup, or the other private key."
        ) from problem
