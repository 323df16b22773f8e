"""Where a turn comes from, as far as anybody may know: its lot, and whether work was done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.campaign.events import Provenance
from bot.channels.web_chat.lots import Lots
from bot.channels.web_chat.proof import Challenge, Proofs
from bot.clock import Clock


class Origins:
    """Network addresses go in, and none comes out; one for the running bot."""

    def __init__(self, secret: bytes, clock: Clock, zone: Callable[[], str]):
        """``zone`` says by which clock a day ends."""
        self._clock = clock
        self._zone = zone
        self._lots = Lots()
        self._proofs = Proofs(secret)

    def challenge(self, key: str, host: str) -> Challenge:
        """Work for the visitor of that key, who asks from that network address."""
        now = self._clock()
        return self._proofs.challenge(key, self._lot(host, now), now)

    def provenance(self, key: str, turn: str, proof: str, host: str) -> Provenance:
        """Of a turn that this visitor posts from there, with that proof ("" for none)."""
        now = self._clock()
        lot = self._lot(host, now)
        proven = bool(proof) and self._proofs.holds(proof, key, lot, turn, now)
        return Provenance(lot, proven)

    def _lot(self, host: str, now: datetime) -> str:
        return self._lots.of(host, now.astimezone(ZoneInfo(self._zone())).date())
