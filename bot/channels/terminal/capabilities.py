"""What a terminal can do: choices are numbers of two digits."""

from __future__ import annotations

from typing import Final

from bot.campaign.capabilities import Capabilities, Choices

NAME: Final = "terminal"

TERMINAL: Final = Capabilities(
    channel=NAME,
    markup="plain",
    text=20000,
    caption=4000,
    choices=(Choices("rows", most=99, label=120, data=64),),
    copy=2000,
    payload=64,
    pictures=False,
)
