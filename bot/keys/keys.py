"""Keys that live beside the database, never in it: pseudonyms and sealing.

A stolen database holds only pseudonyms (HMAC-SHA256) and sealed bytes (AES-256-GCM); without the
key directory nobody in it can be found, joined with a list of guessed addresses, or read.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.keys import files as key_files
from bot.keys.files import KeyFiles, KeyTrouble, KeyUnreadable

__all__ = [
    "BOUND",
    "PSEUDONYM_SIZE",
    "KeyDestroyed",
    "KeyTrouble",
    "KeyUnreadable",
    "Keys",
    "KeysMissing",
    "SealBroken",
]

PSEUDONYM_SIZE = 16
SEAL_SIZE = 29
"""By how many bytes what is sealed is longer: the key's number, the nonce and the tag."""
BOUND = "bound"
"""The mark of a database whose seals are all bound to their rows."""
NONCE_SIZE = 12  # AES-GCM's own size; random ones are safe for 2**32 sealings under one key


class KeysMissing(KeyTrouble):
    """There is a database, but not the keys that it was written with."""


class KeyDestroyed(KeyTrouble):
    """The petition's key was destroyed: who signed can no longer be told, by design."""


class SealBroken(KeyTrouble):
    """What was sealed cannot be opened: altered, or sealed for another purpose."""


class Keys:
    """All keys of one data directory; ``Keys.open`` makes or reads them.

    ``names_to``: the public key that listed names are closed to (BOT_HANDOVER_KEY), "" for none.
    """

    def __init__(
        self,
        files: KeyFiles,
        root: bytes,
        sealing: dict[int, bytes],
        given: bool,
        names_to: str,
    ):
        """For ``Keys.open`` only."""
        self._files = files
        self.names_to = names_to
        self._root = root
        self._given = given
        self._sealing: dict[int, AESGCM] = {}
        self._sealing_marks: dict[int, bytes] = {}
        for number, key in sorted(sealing.items()):
            self._use(number, key)
        self._pseudonyms = _derive(root, b"pseudonyms")
        self._aside = _derive(root, b"aside")
        self._words = _derive(root, b"words")
        self._petitions: dict[str, bytes] = {}
        self._petition_files = files.petitions()
        self._destroyed = files.destroyed_petitions()

    @classmethod
    def open(
        cls,
        directory: Path,
        given: str | None = None,
        *,
        database_exists: bool,
        names_to: str = "",
    ) -> Keys:
        """The keys in that directory; made when there are none and no database needs older ones.

        ``database_exists``: one that was written with keys; an empty one needs none.
        ``given`` stands in for the files: base64 of 32 bytes, several parted by commas, the oldest
        first (its place is its number; the first one also makes the pseudonyms). Only what makes
        a petition's key destroyable is a file then too.
        """
        if database_exists and not given and not directory.exists():
            raise KeysMissing(_missing(directory))  # and none is made, where a backup shall go
        files = KeyFiles(directory)
        if given:
            parts = key_files.given(given)
            sealing = dict(enumerate(parts, start=1))
            return cls(files, parts[0], sealing, given=True, names_to=names_to)
        numbers = files.sealing_numbers()
        if database_exists and not (numbers and files.root.exists()):
            raise KeysMissing(_missing(directory))
        if not numbers:
            key_files.made(files.sealing(1))
            numbers = [1]
        if not files.root.exists():
            key_files.made(files.root)
        sealing = {number: key_files.read(files.sealing(number)) for number in numbers}
        root = key_files.read(files.root)
        return cls(files, root, sealing, given=False, names_to=names_to)

    def pseudonym(self, channel: str, address: str) -> bytes:
        """What a supporter is known by in the database; the same for the same address."""
        return _pseudonym(self._pseudonyms, channel, address)

    def petition_pseudonym(self, petition: str, channel: str, address: str) -> bytes:
        """What a supporter is known by among the signatures of that petition.

        Raises ``KeyDestroyed`` after ``destroy_petition_key``.
        """
        return _pseudonym(self._petition_key(petition), channel, address)

    def aside(self, pseudonym: bytes, table: str) -> bytes:
        """What a supporter is known by in a table whose rows not everybody can have: without the
        keys such a row leads to nobody, and its being there tells nothing of anybody."""
        return hmac.digest(self._aside, table.encode() + b"\0" + pseudonym, "sha256")[
            :PSEUDONYM_SIZE
        ]

    def vouch(self, told: bytes) -> bytes:
        """A mark by which something that is obeyed later is known to come from the bot itself, and
        not from whoever can write to the database."""
        return hmac.digest(self._words, told, "sha256")

    def chain(self, link: bytes) -> bytes:
        """The hash of an entry of a log that nobody without the keys can continue or change."""
        return hmac.digest(_derive(self._root, b"audit"), link, "sha256")

    def seal(self, plain: bytes, purpose: bytes, row: bytes = b"") -> bytes:
        """Encrypt with the newest key. The same purpose and row must be given to ``unseal``: what
        was sealed for one row cannot be opened in another."""
        nonce = os.urandom(NONCE_SIZE)
        sealed = self._sealing[self._newest].encrypt(nonce, plain, _bound(purpose, row))
        return bytes((self._newest,)) + nonce + sealed

    def unseal(self, sealed: bytes, purpose: bytes, row: bytes = b"") -> bytes:
        """The plain bytes, whichever of the keys sealed them."""
        return self._open(sealed, _bound(purpose, row))

    def unseal_unbound(self, sealed: bytes, purpose: bytes) -> bytes:
        """What a version sealed that bound it to no row: only for binding it (privacy/binding)."""
        return self._open(sealed, purpose)

    def _open(self, sealed: bytes, bound: bytes) -> bytes:
        number = sealed[0] if sealed else 0
        key = self._sealing.get(number)
        if key is None and self.refresh():
            key = self._sealing.get(number)
        if key is None:
            raise KeysMissing(
                f"Something was sealed with key number {number}, which is not among the keys in"
                f" {self._files.directory}: put {self._files.sealing(number).name} back from your"
                " backup."
            )
        try:
            return key.decrypt(sealed[1 : 1 + NONCE_SIZE], sealed[1 + NONCE_SIZE :], bound)
        except (InvalidTag, ValueError) as problem:
            raise SealBroken(
                f"Something sealed with key number {number} cannot be opened: the key or the"
                " database was changed. Restore both from the same backup."
            ) from problem

    @property
    def bound_mark(self) -> bytes:
        """What a database bears whose seals are all bound to their rows."""
        return _derive(self._pseudonyms, b"bound")[:8]

    @property
    def are_bound(self) -> bool:
        """Whether the database of these keys has been seen with all seals bound: from then on
        none is taken for an older one, whatever it says of itself."""
        return self._files.bound.exists()

    def note_bound(self) -> None:
        """From now on only bound seals are opened."""
        if not self.are_bound:
            key_files.write(self._files.bound, b"")

    def is_newest(self, sealed: bytes) -> bool:
        """Whether it is sealed with the key that is used for writing; if not, seal it again."""
        return bool(sealed) and sealed[0] == self._newest

    def add_sealing_key(self) -> int:
        """Make a key that seals everything from now on; the older ones go on opening.

        Returns its number. Call it in a transaction that writes: then two cannot make the same
        number, and whoever writes after it seals with the new key (``take_up``).
        """
        if self._given:
            raise KeyTrouble(
                "The keys come from BOT_KEYS: add a new one behind the last, parted by a"
                " comma (openssl rand -base64 32 makes one), and start again."
            )
        number = self._newest + 1
        if number > key_files.HIGHEST_NUMBER:
            raise KeyTrouble("All 255 key numbers are used up: retire keys that seal nothing.")
        self._use(number, key_files.made(self._files.sealing(number)))
        return number

    def take_up(self) -> None:
        """Seal with the newest key from now on, whoever has added it, and with none of a petition's
        that was destroyed.

        Called at the beginning of each transaction that writes, it leaves no moment in which
        something is still sealed with a key that another process replaced. It looks for one file
        (5 µs: numbers follow one another), and one for each petition.
        """
        while not self._given and (file := self._files.sealing(self._newest + 1)).exists():
            self._use(self._newest + 1, key_files.read(file))
        for petition in [one for one in self._petition_files if self._files.is_destroyed(one)]:
            self._give_up(petition)

    def refresh(self) -> bool:
        """Take up sealing keys that another process has added; whether there were any."""
        if self._given:
            return False
        new = [n for n in self._files.sealing_numbers() if n not in self._sealing]
        for number in new:
            self._use(number, key_files.read(self._files.sealing(number)))
        return bool(new)

    @property
    def newest(self) -> int:
        """The number of the key that seals."""
        return self._newest

    def older(self) -> list[int]:
        """The numbers of the sealing keys that can be retired: all but the newest."""
        if self._given:
            raise KeyTrouble(
                "The keys come from BOT_KEYS: keep the first one, which also makes the pseudonyms."
            )
        return [number for number in self._sealing if number != self._newest]

    def retire(self, old: Iterable[int]) -> None:
        """Destroy these sealing keys. Only when nothing is sealed with them any more, and that is
        recorded: what still is, nobody can open again.
        """
        for number in old:
            key_files.destroy(self._files.sealing(number))
            del self._sealing[number]
            del self._sealing_marks[number]

    def has_petition_key(self, petition: str) -> bool:
        """Whether signatures of that petition can be told apart: until its key is destroyed."""
        return petition not in self._destroyed

    def destroy_petition_key(self, petition: str, today: date) -> None:
        """From now on nobody can tell who signed that petition, not even with the other keys."""
        if petition in self._destroyed:
            return
        file = self._files.petition(petition)
        self._files.note_destroyed(petition, today)
        self._give_up(petition)
        if file.exists():
            key_files.destroy(file)

    def petitions(self) -> list[str]:
        """The petitions that have a key now, those no longer in the content among them."""
        return sorted(self._petition_files - self._destroyed)

    def lost(self, petition: str) -> KeysMissing:
        """What to say where signatures were given with a petition's key that is not there."""
        file = self._files.petition(petition)
        return KeysMissing(
            f"The key of the petition {petition} is missing ({file}), without which nobody's"
            " signature is found again: put the file back from your copy of the keys, or"
            f" {file.with_suffix('.destroyed').name} where it was destroyed after its hand-over."
        )

    def marks(self, petitions: Iterable[str]) -> dict[str, bytes]:
        """A short mark of each key, by which a database knows it again; it tells nothing about it.

        A petition whose key was destroyed has none.
        """
        marks = {"pseudonyms": _derive(self._pseudonyms, b"mark")[:8], BOUND: self.bound_mark}
        for number, mark in self._sealing_marks.items():
            marks[f"sealing-{number:03d}"] = mark
        for petition in petitions:
            if self.has_petition_key(petition):
                marks[f"petition-{petition}"] = _derive(self._petition_key(petition), b"mark")[:8]
        return marks

    def _give_up(self, petition: str) -> None:
        self._destroyed.add(petition)
        self._petition_files.discard(petition)
        self._petitions.pop(petition, None)

    def _use(self, number: int, key: bytes) -> None:
        self._sealing[number] = AESGCM(key)
        self._sealing_marks[number] = _derive(key, b"mark")[:8]
        self._newest = number

    def _petition_key(self, petition: str) -> bytes:
        key = self._petitions.get(petition)
        if key is None:
            if petition in self._destroyed:
                raise KeyDestroyed(f"The key of the petition {petition} was destroyed.")
            file = self._files.petition(petition)
            part = key_files.read(file) if file.exists() else key_files.made(file)
            # Both the file and the root: neither alone tells a signature.
            key = _derive(self._root, b"petition " + petition.encode() + b" " + part)
            self._petitions[petition] = key
            self._petition_files.add(petition)
        return key


def _missing(directory: Path) -> str:
    return (
        f"There is a database, but its keys are not in {directory}: put the key files"
        " back from your backup, or move the database away to start with an empty one."
    )


def _bound(purpose: bytes, row: bytes) -> bytes:
    return purpose + b"\0" + row


def _derive(key: bytes, purpose: bytes) -> bytes:
    return hmac.digest(key, b"campaign-chatbot " + purpose, "sha256")


def _pseudonym(key: bytes, channel: str, address: str) -> bytes:
    told = f"{channel}\0{address}".encode("utf-8", "surrogatepass")
    return hmac.digest(key, told, "sha256")[:PSEUDONYM_SIZE]
