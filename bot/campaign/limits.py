"""What each channel can show. Texts are held against these before start, never cut later."""

from __future__ import annotations

from dataclasses import dataclass

from bot.campaign.messages import Markup


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one channel. Texts are counted in UTF-16 units after markup is parsed, as
    Telegram counts them; ``data`` and ``payload`` in bytes.

    ``label``: not a platform's limit but ours: a longer label is cut off on a 320 px phone.
    """

    channel: str
    markup: Markup
    text: int
    caption: int
    label: int
    data: int
    copy: int
    payload: int
    buttons: int
    chat_rate: float = 0.0
    """Messages a second that one chat takes in the long run; 0: as many as there are."""
    chat_burst: float = 1.0
    """So many at once pass, where a chat was silent before. Telegram says "short bursts" only."""


# https://core.telegram.org/bots/api (sendMessage, InlineKeyboardButton, CopyTextButton),
# https://core.telegram.org/bots/features#deep-linking (payload)
# A chat takes a message a second: a little less is sent, since some travel faster than others.
TELEGRAM = Limits("telegram", "telegram", 4096, 1024, 40, 64, 256, 64, 100, 0.95, 3.0)
WEB = Limits("web", "web", 8000, 2000, 60, 64, 2000, 64, 100)
TERMINAL = Limits("terminal", "plain", 20000, 4000, 120, 64, 2000, 64, 99)

ALL = (TELEGRAM, WEB, TERMINAL)


def length(text: str) -> int:
    """How long Telegram says the text is: in UTF-16 code units (an emoji counts two)."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
