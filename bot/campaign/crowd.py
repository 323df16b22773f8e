"""Numbers of people, told so that nobody is counted out of them.

Whoever watches a public figure, or asks for two audiences that differ by one person, learns from
exact numbers what that person did. Exact are only the totals of signatures that staff hand over.
"""

from __future__ import annotations

from datetime import datetime

from bot.campaign.messages import Words, words

FEWEST = 20
"""Fewer people are told by these words alone."""


def people(number: int) -> Words:
    """How many people, for staff: "about 290", "fewer than 20"."""
    return words("staff.people", number=rounded(number))


def plainly(number: int) -> str:
    """The same for the log of the staff and the shell."""
    return f"about {rounded(number)}" if rounded(number) else f"fewer than {FEWEST}"


def rounded(number: int) -> int:
    """To the nearest ten; 0 for fewer than can be told."""
    return 0 if number < FEWEST else (number + 5) // 10 * 10


def more_than(number: int) -> int:
    """The ten below: what may be published as "more than"; 0 where these are the first."""
    return max(0, number - 1) // 10 * 10


def hour(moment: datetime) -> int:
    """Full hours since 1970: public figures stand still from one to the next."""
    return int(moment.timestamp()) // 3600
