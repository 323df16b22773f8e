"""The first recipients show whether the rest should get it."""

from __future__ import annotations

from dataclasses import dataclass

SHARE_FIRST = 0.01
AT_LEAST = 50
TOO_MANY = 0.1
"""Blocks, unsubscribes or refusals of more than one in ten of the first stop a broadcast."""
BY_CHANCE = 3
"""So few say nothing, however small the first lot was."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What the first recipients did: had it, blocked the bot, left the topic, were refused."""

    reached: int
    blocked: int
    left: int
    refused: int


def size(recipients: int) -> int:
    """How many get it first; all of them where there are few."""
    return min(recipients, max(AT_LEAST, -int(-recipients * SHARE_FIRST // 1)))


def stops(signs: Signs) -> str:
    """What speaks against going on: "blocked", "left" or "refused"; "" where nothing does."""
    tried = signs.reached + signs.blocked + signs.refused
    for name, number in (
        ("blocked", signs.blocked),
        ("left", signs.left),
        ("refused", signs.refused),
    ):
        if number > BY_CHANCE and number > tried * TOO_MANY:
            return name
    return ""
