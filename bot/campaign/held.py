"""What is wanted of signatures that were held, or of whole lots of them: proposed by one, approved
by another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from bot.campaign.content import Campaign
from bot.campaign.desk_commands.settings import DecideHeld, DecideLots, Verdict
from bot.campaign.signatures import Signer

HELD, LOTS = "held", "lots"
FITTING: Mapping[Verdict, tuple[str, ...]] = {
    Verdict.ACCEPT: ("genuine", "campaign"),
    Verdict.REJECT: ("copies", "unknown"),
    Verdict.TAKE_OUT: ("copies", "unknown"),
    Verdict.PUT_BACK: ("genuine", "campaign"),
}
"""Reasons to choose from, so that none names anybody: `pending.reason.ID`."""
REASONS = tuple(dict.fromkeys(reason for reasons in FITTING.values() for reason in reasons))
OF_LOTS = (Verdict.TAKE_OUT, Verdict.PUT_BACK)
"""Verdicts about lots; the others are about what was held on a day."""
LOT = re.compile(r"[0-9a-f]{10}")
MOST_LOTS = 2_000
"""In one proposal: a day on which more networks than that sent false signatures wants several."""


@dataclass(frozen=True, slots=True)
class Lot:
    """How many signatures of a lot are in the number, wait, and were taken out."""

    name: str
    counted: int
    waiting: int
    out: int

    @property
    def size(self) -> int:
        """All of them, but for those that were rejected."""
        return self.counted + self.waiting + self.out


def large(lots: Iterable[Lot], fewest: int) -> tuple[str, ...]:
    """Those with so many signatures or more that are not taken out yet."""
    return tuple(lot.name for lot in lots if lot.counted + lot.waiting >= fewest)[:MOST_LOTS]


def fits(verdict: Verdict, reason: str) -> bool:
    """Whether the reason goes with the verdict; taking a decision back may have any of them."""
    return reason in FITTING.get(verdict, REASONS)


def name(petition: str, day: date, signer: Signer) -> str:
    """What a proposal about the signatures held on that day is called on the desk."""
    return f"{HELD}.{petition}.{day.isoformat()}.{signer.value}"


def name_of_lots(petition: str, day: date) -> str:
    """What a proposal about lots of that day is called on the desk."""
    return f"{LOTS}.{petition}.{day.isoformat()}"


def is_proposal(about: str) -> bool:
    """Whether it is called like one of these."""
    return about.startswith((f"{HELD}.", f"{LOTS}."))


def is_known(about: str, campaign: Campaign) -> bool:
    """Whether it is such a name, of a petition that there is."""
    try:
        return _read(about)[1] in campaign.petitions
    except ValueError:
        return False


def _read(about: str) -> tuple[str, str, date, Signer]:
    """Kind, petition, day and kind of signers (of lots: browsers). Raises ValueError."""
    kind, _, which = about.partition(".")
    petition, _, rest = which.partition(".")
    day, _, signer = rest.partition(".")
    if kind not in (HELD, LOTS) or (kind == LOTS and signer):
        raise ValueError("no proposal about signatures")
    of_lots = Signer.BROWSER if kind == LOTS else ""
    return kind, petition, date.fromisoformat(day), Signer(signer or of_lots)


def wanted(verdict: Verdict, reason: str, lots: tuple[str, ...] = ()) -> str:
    """What is proposed, as the desk keeps it."""
    return ":".join((verdict.value, reason, *((",".join(lots),) if lots else ())))


def decision(about: str, value: str) -> DecideHeld | DecideLots:
    """The decision that a proposal asks for. Raises ValueError for what will not do."""
    kind, petition, day, signer = _read(about)
    verdict, reason, *listed = value.split(":")
    chosen = Verdict(verdict)
    if reason not in FITTING.get(chosen, ()) or (chosen in OF_LOTS) != (kind == LOTS):
        raise ValueError("reason")
    if kind == HELD:
        return DecideHeld(petition, day, signer, chosen, reason)
    lots = tuple(listed[0].split(",")) if listed else ()
    if not 0 < len(lots) <= MOST_LOTS or not all(LOT.fullmatch(lot) for lot in lots):
        raise ValueError("lots")
    return DecideLots(petition, day, chosen, reason, lots)
