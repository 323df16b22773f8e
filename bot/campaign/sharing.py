"""Codes for passing a case on: where a link leads, and whose link it was without saying who."""

from __future__ import annotations

FRIEND = "f-"
"""Begins the source of an arrival by a supporter's own code."""
BY_A_FRIEND = "ami"
"""What is remembered of somebody who came by such a code: not whose it was."""
CODE_LENGTH = 11
"""Of letters and the digits 2 to 7: 55 bits, so no two of a million supporters share one."""


def code(chance: str) -> str:
    """A share code from random letters; tells nothing of the person."""
    return chance[:CODE_LENGTH]


def payload(case_id: str, share_code: str) -> str:
    """What stands behind ``?start=``: the case, and the supporter's code where there is one."""
    return f"{case_id}_{FRIEND}{share_code}" if share_code else f"{case_id}_s-{BY_A_FRIEND}"
