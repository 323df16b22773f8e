"""What owners are told when something is wrong with the bot itself, and when it is over."""

from __future__ import annotations

from collections.abc import Mapping

from bot.campaign.messages import Message, Value, words
from bot.campaign.turn import to_menu

SHOWN: Mapping[str, Mapping[str, Value]] = {
    "recording": {},
    "damaged": {},
    "keys": {},
    "hearing": {"channel": "channel", "minutes": 999, "why": "rival"},
    "sending": {"channel": "channel", "minutes": 999, "number": 9_999_999},
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
    told = {**values, **_platform(str(values.get("channel", "")))}
    return Message(words(f"alarms.{kind}", **told), buttons=((to_menu(),),))


def over(kind: str, about: str, since: str, until: str) -> Message:
    """It is well again; ``about`` is the channel, where it was one's."""
    what = words(f"alarms.name.{kind}", **_platform(about))
    text = words("alarms.over", what=what, since=since, until=until)
    return Message(text, buttons=((to_menu(),),))


def _platform(channel: str) -> dict[str, Value]:
    """What its platform is called, where it is about one."""
    return {"channel": words("alarms.platform", channel=channel)} if channel else {}
