"""What Telegram can do and where its bounds are.

https://core.telegram.org/bots/api (sendMessage, InlineKeyboardButton, CopyTextButton,
deleteMessage, setMyName, setMyDescription, setMyShortDescription),
https://core.telegram.org/bots/features#deep-linking (payload)
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.campaign.capabilities import Capabilities, Choices, Profile

NAME: Final = "telegram"

TELEGRAM: Final = Capabilities(
    channel=NAME,
    markup="html",
    text=4096,
    caption=1024,
    choices=(Choices("rows", most=100, label=40, data=64),),
    copy=256,
    payload=64,
    writes_first=True,
    edits=True,
    deletes=True,
    # 48 hours; an hour less, since what is deleted last was sent last but looked up before.
    changeable=timedelta(hours=47),
    # A chat takes a message a second: a little less is sent, since some travel faster than others.
    # "Short bursts" may be quicker; how short, nobody says.
    chat_rate=0.95,
    chat_burst=3.0,
    profile=Profile(name=64, description=512, short_description=120),
)
