"""How often a visitor, and everybody behind one address, may ask: in memory, and bounded."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass

from bot.pacing import Bucket

REMEMBERED = 50_000
"""Buckets kept; the ones not asked for longest go first. About 15 MB when full."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second in the long run, ``burst`` at once."""

    a_second: float
    burst: float


@dataclass(frozen=True, slots=True)
class Allowed:
    """What is allowed. A school or a café is one address: that rate is for many people."""

    turns: Rate = Rate(1.0, 20)
    documents: Rate = Rate(0.2, 12)
    streams: Rate = Rate(0.5, 20)
    address: Rate = Rate(30.0, 300)
    walks: Rate = Rate(3.0, 30)


class Rates:
    """Buckets by who asks and what for. Addresses are kept only as salted hashes."""

    def __init__(self, allowed: Allowed):
        """With these rates."""
        self.allowed = allowed
        self._buckets: OrderedDict[bytes, Bucket] = OrderedDict()
        self._salt = secrets.token_bytes(16)

    def wait(self, rate: Rate, *who: str) -> float:
        """0 where it may be now (and is counted), else the seconds until it may."""
        mark = hashlib.blake2b("\0".join(who).encode(), key=self._salt, digest_size=12).digest()
        bucket = self._buckets.get(mark)
        if bucket is None:
            bucket = self._buckets[mark] = Bucket(rate.a_second, rate.burst)
            if len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(mark)
        now = time.monotonic()
        spare = bucket.spare(now)
        if spare < 1:
            return (1 - spare) / rate.a_second
        bucket.take(now)
        return 0.0


def network(address: str) -> str:
    """Who counts as one: an IPv4 address, or the /64 that an IPv6 household gets."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 6:
        return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)).network_address)
    return str(found)
