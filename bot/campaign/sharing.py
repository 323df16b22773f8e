"""Codes for passing a case on: where a link leads, and whose link it was without saying who."""

from __future__ import annotations

import re
from collections.abc import Collection

FRIEND = "f-"
"""Begins the source of an arrival by a supporter's own code."""
BY_A_FRIEND = "ami"
"""What is remembered of somebody who came by such a code: not whose it was."""
BY_A_GROUP = "groupe"
"""Of somebody who came by the link of a group at school."""
ELSEWHERE = "autre"
"""Of somebody who came by a code that the content does not list: anybody can make one up, and each
would be a row."""
LONGEST_SOURCE = 24
PLACE = "s-"
"""Begins, in a link, the code of where it was put up: "mamat_s-affiche", "s-affiche"."""
_IN_A_LINK = re.compile(
    rf"(?:.*[=_])?(?P<kind>{PLACE}|{FRIEND})(?P<code>[A-Za-z0-9-]+)(?:_.*)?", re.DOTALL
)
CODE_LENGTH = 11
"""Of letters and the digits 2 to 7: 55 bits, so no two of a million supporters share one."""


def code(chance: str) -> str:
    """A share code from random letters; tells nothing of the person."""
    return chance[:CODE_LENGTH]


def payload(case_id: str, share_code: str) -> str:
    """What stands behind ``?start=``: the case, and the supporter's code where there is one."""
    return f"{case_id}_{FRIEND}{share_code}" if share_code else f"{case_id}_s-{BY_A_FRIEND}"


def known_source(code: str, listed: Collection[str]) -> str:
    """What is remembered of a code in a link: itself where it is one of ours."""
    lower = code.lower()
    return lower if not lower or lower in {*listed, BY_A_FRIEND, BY_A_GROUP} else ELSEWHERE


def source(typed: str) -> str:
    """What is remembered of those who came by this, as staff type it: a poster's code ("affiche"),
    the code as it stands in the link ("s-affiche"), or the whole link. Raises ValueError where it
    is longer than any."""
    read = _IN_A_LINK.fullmatch(typed.strip())
    code = read["code"] if read else typed.strip()
    if read and read["kind"] == FRIEND:
        code = BY_A_FRIEND
    if len(code) > LONGEST_SOURCE:
        raise ValueError("source")
    return code
