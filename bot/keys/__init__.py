"""The keys: where they lie, and what is sealed and named with them."""

from bot.keys.files import KeyTrouble, KeyUnreadable
from bot.keys.keys import (
    BOUND,
    PSEUDONYM_SIZE,
    SEAL_SIZE,
    KeyDestroyed,
    Keys,
    KeysMissing,
    SealBroken,
)

__all__ = [
    "BOUND",
    "PSEUDONYM_SIZE",
    "SEAL_SIZE",
    "KeyDestroyed",
    "KeyTrouble",
    "KeyUnreadable",
    "Keys",
    "KeysMissing",
    "SealBroken",
]
