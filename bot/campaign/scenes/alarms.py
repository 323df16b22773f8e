"""What owners are told when something is wrong with the bot itself, and when it is over."""

from __future__ import annotations

from collections.abc import Mapping

from bot.campaign.messages import Message, Value, words
from bot.campaign.turn import to_menu

SHOWN: Mapping[str, Mapping[str, Value]] = {
    "recording": {},
    "damaged": {},
    "keys": {},
    "hearing": {"channel": "Channel", "minutes": 999, "why": "rival"},
    "sending": {"channel": "Channel", "minutes": 999, "number": 9_999_999},
    "disk": {"percent": 10, "hours": 20},
    "dead_letters": {"number": 9_999_999},
    "drift": {},
    "backup": {"hours": 9_999},
    "certificate": {"days": 14},
    "content": {"number": 999},
}
"""Everything that can be wrong, with the values that its text may use, as long as they get."""


def begun(kind: str, values: Mapping[str, Value]) -> Message:
    """Something is wrong, and this is to be done first."""
    return Message(words(f"alarms.{kind}", **values), buttons=((to_menu(),),))


def over(kind: str, about: str, since: str, until: str) -> Message:
    """It is well again; ``about`` is the channel, where it was one's."""
    what = words(f"alarms.name.{kind}", channel=about)
    text = words("alarms.over", what=what, since=since, until=until)
    return Message(text, buttons=((to_menu(),),))
