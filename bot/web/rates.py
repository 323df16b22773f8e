"""How often, how much and how many at once a visitor, and everybody behind one address, may ask: in
memory, and bounded. A restart begins anew."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import time
from collections import Counter, OrderedDict
from dataclasses import dataclass

from bot.pacing import Bucket

REMEMBERED = 50_000
"""Buckets kept; the ones not asked for longest go first. About 15 MB when full."""
WIDE = 8
"""As many times what one household is allowed, all of an IPv6 /48 are: it holds 65,536 of them, and
who has one can ask from each. Mobile phones of a town may share one."""
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second in the long run, ``burst`` at once."""

    a_second: float
    burst: float


@dataclass(frozen=True, slots=True)
class Allowed:
    """What is allowed. A school or a café is one address: those rates are for many people."""

    turns: Rate = Rate(1.0, 20)
    documents: Rate = Rate(0.2, 12)
    streams: Rate = Rate(0.5, 20)
    address: Rate = Rate(30.0, 300)
    walks: Rate = Rate(3.0, 30)
    pages: Rate = Rate(60.0, 1500)
    """Of an address, whatever it asks for: a page with its scripts and styles is some twenty."""
    refusals: Rate = Rate(5.0, 50)
    """Refusals that an address gets at once; it waits for further ones."""
    papers: Rate = Rate(0.5, 40)
    """Documents of an address, each of which takes a core for a tenth of a second."""
    kept: Rate = Rate(3e6 / DAY, 3e6)
    """Bytes of a visitor that the database keeps in a day: 500 turns, or 100 very long ones."""
    kept_of_address: Rate = Rate(2e8 / DAY, 2e8)
    open_of_address: int = 0
    """Chat pages that an address has open at once; 0: an eighth of all that may be open."""


class Rates:
    """Buckets by who asks and what for. Addresses are kept only as salted hashes."""

    def __init__(self, allowed: Allowed):
        """With these rates."""
        self.allowed = allowed
        self._buckets: OrderedDict[bytes, Bucket] = OrderedDict()
        self._salt = secrets.token_bytes(16)

    def wait(self, rate: Rate, *who: str, amount: float = 1) -> float:
        """0 where it may be now (and is counted), else the seconds until it may."""
        mark = _mark(self._salt, who)
        bucket = self._buckets.get(mark)
        if bucket is None:
            bucket = self._buckets[mark] = Bucket(rate.a_second, rate.burst)
            if len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(mark)
        now = time.monotonic()
        spare = bucket.spare(now)
        if spare < min(amount, rate.burst):
            return (min(amount, rate.burst) - spare) / rate.a_second
        bucket.take(now, amount)
        return 0.0

    def wait_of(self, address: str, rate: Rate, what: str, amount: float = 1) -> float:
        """The same for everybody behind an address, and for the wider network that it is in."""
        near, *wide = networks(address)
        wait = self.wait(rate, what, near, amount=amount)
        if wait or not wide:
            return wait
        together = Rate(rate.a_second * WIDE, rate.burst * WIDE)
        return self.wait(together, what, *wide, amount=amount)


class AtOnce:
    """How many of something each network has open, and all have."""

    def __init__(self, most: int):
        """``most``: of one network."""
        self.most = most
        self._open: Counter[bytes] = Counter()
        self._salt = secrets.token_bytes(16)

    def has_room(self, address: str) -> bool:
        """Whether there may be one more."""
        near, *wide = self._marks(address)
        return self._open[near] < self.most and all(
            self._open[one] < self.most * WIDE for one in wide
        )

    def enter(self, address: str) -> None:
        """One more."""
        self._open.update(self._marks(address))

    def leave(self, address: str) -> None:
        """One less."""
        for mark in self._marks(address):
            self._open[mark] -= 1
            if self._open[mark] <= 0:
                del self._open[mark]

    def _marks(self, address: str) -> list[bytes]:
        return [_mark(self._salt, (one,)) for one in networks(address)]


def _mark(salt: bytes, who: tuple[str, ...]) -> bytes:
    return hashlib.blake2b("\0".join(who).encode(), key=salt, digest_size=12).digest()


def network(address: str) -> str:
    """Who counts as one: an IPv4 address, or the /64 that an IPv6 household gets."""
    return networks(address)[0]


def networks(address: str) -> tuple[str, ...]:
    """Who counts as one, and behind it the /48 of an IPv6 household.

    An IPv4 address in IPv6 clothes (RFC 4291, 2.5.5.2; 6to4; NAT64 of RFC 6052) is that address.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return (address,)
    if isinstance(found, ipaddress.IPv4Address):
        return (str(found),)
    inner = found.ipv4_mapped or found.sixtofour
    if inner is None and int(found) >> 32 == NAT64:
        inner = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
    if inner is not None:
        return (str(inner),)
    return tuple(
        str(ipaddress.ip_network((int(found) >> free << free, 128 - free))) for free in (64, 80)
    )


NAT64 = int(ipaddress.IPv6Address("64:ff9b::")) >> 32
