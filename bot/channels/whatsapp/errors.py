"""What an error of the Cloud API means for the message that was being sent.

Decided by the code, never by the text or the HTTP status, as Meta asks. An error comes at once, as
an answer, or later, as the failed status of a message that was taken.
https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.campaign.channel import Refused, Result, Unknown

MINUTES: Final = 300.0
HOUR: Final = 3600.0
DAY: Final = 86_400.0
PAIR_RATE: Final = 131056
NOT_BY_ID: Final = 131062
"""This goes to no id, only to a number."""
UNREACHABLE: Final = frozenset({131026, 131050})
"""Nothing that nobody asked for goes to them any more: no account there, or no wish for it."""
HOPELESS: Final = frozenset({0, 190, 3, 10, 131031, 368, 131042, 133010})
"""An operator has to see to it: token, permission, account, payment, number."""
_PERMISSIONS: Final = range(200, 300)
ALARMING: Final = HOPELESS | frozenset(_PERMISSIONS) | {131048}
"""The same, and what holds back whatever is sent to many."""

_PERMANENT: Final[Mapping[int, str]] = {
    33: "no such object",
    100: "parameter refused",
    131008: "value missing",
    131009: "value refused",
    131021: "to ourselves",
    131047: "window closed",
    131049: "held back by the platform",
    131051: "type not supported",
    131053: "file refused",
    131062: "only to a number",
    130403: "blocked by us",
    130472: "in an experiment of the platform",
    132000: "template: number of values",
    132001: "template: not approved",
    132005: "template: too long",
    132012: "template: form of a value",
    132015: "template paused",
    132016: "template disabled",
    132018: "template: form of a value",
}
_LATER: Final[Mapping[int, tuple[str, float]]] = {
    4: ("too many calls", MINUTES),
    80007: ("too many calls", MINUTES),
    130429: ("over the throughput", 5.0),
    131048: ("restricted for spam", HOUR),
}
# Trouble at Meta: it may have been sent all the same.
_TROUBLE: Final = frozenset({1, 2, 131000, 131016, 131057})


def outcome(code: object, *, status: int = 0, said: str = "") -> Result:
    """The result of a send that was answered with this error (``status``: by HTTP)."""
    if type(code) is not int:
        return _unnamed(status)
    if code in _TROUBLE:
        return Unknown("trouble at the platform")
    if code in UNREACHABLE:
        return Refused(f"unreachable ({code})", permanent=True, gone=True)
    if code == PAIR_RATE:
        return Refused("too many to this person", retry_after=1.0, alone=True)
    if code in _LATER:
        reason, seconds = _LATER[code]
        return Refused(reason, retry_after=seconds)
    if code in HOPELESS or code in _PERMISSIONS:
        # It stays where it is, and goes out once an operator has mended it.
        return Refused(f"account, token or payment ({code})")
    reason = _PERMANENT.get(code, "refused")
    return Refused(f"{reason} ({code})", permanent=True, said=said)


def read(body: Any, status: int) -> tuple[int | None, Result]:
    """The code of an error that was answered, and what it means."""
    error = body.get("error") if isinstance(body, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    data = error.get("error_data") if isinstance(error, dict) else None
    said = data.get("details") if isinstance(data, dict) else None
    found = code if type(code) is int else None
    return found, outcome(code, status=status, said=said if isinstance(said, str) else "")


def _unnamed(status: int) -> Result:
    """An answer without a code: a proxy's, as a rule."""
    if status == 429:
        return Refused("too many calls", retry_after=MINUTES)
    if status == 413:
        return Refused("too large", permanent=True)
    return Unknown(f"status {status}")
