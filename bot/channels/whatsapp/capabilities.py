"""What WhatsApp can do and where its bounds are.

https://developers.facebook.com/docs/whatsapp/cloud-api (messages, interactive lists, throughput,
pricing)
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.campaign.capabilities import Capabilities, Choices

NAME: Final = "whatsapp"
BODY: Final = 4096
"""Characters of a text, with the signs that set words off."""
UNDER_BUTTONS: Final = 1024
"""The same of a text above choices or a link, and below a file."""
# Texts are measured before the signs (*bold*) are put in: so many are left for these.
_SIGNS: Final = 24

WHATSAPP: Final = Capabilities(
    channel=NAME,
    markup="html",
    text=BODY - 4 * _SIGNS,
    caption=UNDER_BUTTONS - _SIGNS,
    choices=(
        Choices("rows", most=3, label=20, data=256, text=UNDER_BUTTONS - _SIGNS),
        # 4,096 in one description, 1,024 in another: what both take.
        Choices("list", most=10, label=24, data=200, text=UNDER_BUTTONS - _SIGNS, detail=72),
    ),
    copy=0,
    payload=64,
    counted="characters",
    links_apart=1,
    blocks=False,
    writes_first=True,
    window=timedelta(hours=24),
    # A message in six seconds, 45 at once that are borrowed from later. Where fewer are let
    # through the platform says so, and the chat waits.
    chat_rate=1 / 6,
    chat_burst=20.0,
    exposed=True,
)
