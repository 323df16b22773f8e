"""Work that a browser does before it signs, so that keys made in bulk cost something.

The server gives a challenge, the browser looks for a number that, put behind it, gives a SHA-256
below a bound; while people read, in about two seconds on an older phone. One hash checks it. A
challenge is bound to the visitor's key and lives a quarter of an hour; a proof goes with one turn
alone. Who brings none is not refused: their signature is held.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import struct
from collections import Counter, OrderedDict
from dataclasses import dataclass
from datetime import datetime

WORK = 250_000
"""Hashes, on average. A phone of 2018 makes some 150,000 a second in a worker."""
MOST = 2.5
"""Times that, where much comes from one network: within five seconds on the same phone."""
MUCH = 20
"""Proofs from one network within the hour for which the work has risen to the most."""
LIFE = 900
"""Seconds."""
REMEMBERED = 100_000
"""Proofs that were used; the oldest go first. Each is bound to one key, so one more use of it would
be no more than the same visitor signing again."""
_HEAD = struct.Struct(">II6s")
_MARK = 16
FORM = re.compile(r"([A-Za-z0-9_-]{40})\.([0-9]{1,12})")


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a browser is to work on; ``seconds`` is how long it is good for."""

    text: str
    work: int
    seconds: int = LIFE


class Proofs:
    """Gives challenges and checks proofs; one for the running bot."""

    def __init__(self, secret: bytes, work: int = WORK):
        """``secret`` stays the same over a restart, so that open pages need not work again."""
        self._secret = secret
        self._work = work
        self._used: OrderedDict[bytes, str] = OrderedDict()
        self._hour = 0
        self._proven: Counter[str] = Counter()

    def challenge(self, key: str, lot: str, now: datetime) -> Challenge:
        """One for the visitor of that key, who asks from that lot."""
        second = int(now.timestamp())
        self._look_at(second)
        rise = (MOST - 1) * min(1.0, self._proven[lot] / MUCH)
        work = round(self._work * (1 + rise))
        head = _HEAD.pack(second + LIFE, work, secrets.token_bytes(6))
        return Challenge(_text(head + self._mark(head, key)), work)

    def holds(self, proof: str, key: str, lot: str, turn: str, now: datetime) -> bool:
        """Whether the proof is one, of that visitor, still good and not used by another turn."""
        found = FORM.fullmatch(proof)
        if found is None:
            return False
        try:
            raw = base64.urlsafe_b64decode(found[1])
        except (binascii.Error, ValueError):
            return False
        head, mark = raw[:-_MARK], raw[-_MARK:]
        until, work, _ = _HEAD.unpack(head)
        second = int(now.timestamp())
        # The bound to the key says that the head is ours, and so that the work was enough.
        if not hmac.compare_digest(mark, self._mark(head, key)) or second > until:
            return False
        digest = hashlib.sha256(proof.encode()).digest()
        if int.from_bytes(digest[:4]) >= 2**32 // work:
            return False
        if self._used.setdefault(mark, turn) != turn:
            return False
        if len(self._used) > REMEMBERED:
            self._used.popitem(last=False)
        self._look_at(second)
        self._proven[lot] += 1
        return True

    def _look_at(self, second: int) -> None:
        """Count anew in each hour."""
        hour = second // 3600
        if hour != self._hour:
            self._hour = hour
            self._proven.clear()

    def _mark(self, head: bytes, key: str) -> bytes:
        return hashlib.blake2b(head + key.encode(), key=self._secret, digest_size=_MARK).digest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()
