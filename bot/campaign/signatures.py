"""What a signature can be, and which of them make up a petition's number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Signer(StrEnum):
    """What stands behind a signature: kinds that are never added up: they prove different things.

    An ``ACCOUNT`` is one that a platform vouches for; a ``BROWSER`` vouches for itself, and
    anybody may have many. ``EARLIER``: from before that was noted.
    """

    ACCOUNT = "account"
    BROWSER = "browser"
    EARLIER = "earlier"


class SignatureState(StrEnum):
    """Received and counted, held for staff, or decided by them.

    ``SPENT`` is no signature: the mark of somebody who had theirs kept without a name (see
    ``Forget``), so that they cannot be counted a second time. ``OUT_…``: taken out with its whole
    lot, from that state, to which it returns when the lot is put back.
    """

    COUNTED = "counted"
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SPENT = "spent"
    OUT_COUNTED = "out_counted"
    OUT_PENDING = "out_pending"
    OUT_ACCEPTED = "out_accepted"
    OUT_REJECTED = "out_rejected"

    @property
    def told(self) -> SignatureState:
        """What its signer is told: with a lot or alone, it is not counted."""
        return SignatureState.REJECTED if self in BACK else self


IN_THE_NUMBER = frozenset({SignatureState.COUNTED, SignatureState.ACCEPTED})
"""``ACCEPTED`` counts like ``COUNTED``, but was held before: that decision can be undone."""

OUT: Mapping[SignatureState, SignatureState] = {
    SignatureState.COUNTED: SignatureState.OUT_COUNTED,
    SignatureState.PENDING: SignatureState.OUT_PENDING,
    SignatureState.ACCEPTED: SignatureState.OUT_ACCEPTED,
    SignatureState.REJECTED: SignatureState.OUT_REJECTED,
}
"""What a signature becomes when its lot is taken out."""
BACK: Mapping[SignatureState, SignatureState] = {after: before for before, after in OUT.items()}
"""And when that is put back."""


class Why(StrEnum):
    """Why a signature would be held now."""

    UNPROVEN = "unproven"
    CROWDED = "crowded"
    BURST = "burst"


@dataclass(frozen=True, slots=True)
class OwnSignature:
    """What a supporter may be told about their own signature; ``country`` "" where unsaid."""

    state: SignatureState = SignatureState.COUNTED
    country: str = ""
    is_listed: bool = False
    signer: Signer = Signer.ACCOUNT
