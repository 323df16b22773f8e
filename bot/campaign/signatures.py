"""What a signature can be, and which of them make up a petition's number."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SignatureState(StrEnum):
    """Received and counted, held for staff, or decided by them.

    ``SPENT`` is no signature: the mark of somebody who had theirs kept without a name (see
    ``Forget``), so that they cannot be counted a second time.
    """

    COUNTED = "counted"
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SPENT = "spent"


IN_THE_NUMBER = frozenset({SignatureState.COUNTED, SignatureState.ACCEPTED})
"""``ACCEPTED`` counts like ``COUNTED``, but was held before: that decision can be undone."""


@dataclass(frozen=True, slots=True)
class OwnSignature:
    """What a supporter may be told about their own signature; ``country`` "" where unsaid."""

    state: SignatureState = SignatureState.COUNTED
    country: str = ""
    is_listed: bool = False
