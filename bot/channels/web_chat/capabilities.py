"""What the chat page can do: the bounds are ours."""

from __future__ import annotations

from typing import Final

from bot.campaign.capabilities import Capabilities, Choices

NAME: Final = "web"

WEB: Final = Capabilities(
    channel=NAME,
    markup="web",
    text=8000,
    caption=2000,
    choices=(Choices("rows", most=100, label=60, data=64),),
    copy=2000,
    payload=64,
    edits=True,
    accounts=False,
)
