"""The lot of a signature: what all that comes from one network on one day has in common.

It is a keyed hash of the network. The key is random, lives in memory and is replaced at the day's
end; from then on nobody can tell which network a lot was, and nothing of the network is kept
anywhere. A restart begins a new key, so a network can have two lots on such a day: both are seen by
their size, and both can be taken out.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from datetime import date

from bot.campaign.events import NO_LOT

SIZE = len(NO_LOT) // 2
IPV4, IPV6 = 24, 48
"""Bits of an address that make a network: what one subscriber or one office can get at will."""


class Lots:
    """Names the lots of a day; one for the running bot."""

    def __init__(self) -> None:
        self._day: date | None = None
        self._key = b""

    def of(self, address: str, today: date) -> str:
        """The lot of whoever asks from that address on that day."""
        if today != self._day:
            self._day, self._key = today, secrets.token_bytes(32)
        told = network(address).encode("utf-8", "surrogatepass")
        return hashlib.blake2b(told, key=self._key, digest_size=SIZE).hexdigest()


def network(address: str) -> str:
    """The network of an address; what is no address is one of its own."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    bits = IPV4 if found.version == 4 else IPV6
    return str(ipaddress.ip_network((found, bits), strict=False))
