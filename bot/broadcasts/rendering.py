"""A broadcast as a recipient of one language sees it."""

from __future__ import annotations

from bot.campaign.broadcasting.broadcast import Broadcast
from bot.campaign.content import Campaign
from bot.campaign.messages import Message, Rendered, words
from bot.wording import Wording


def rendered(broadcast: Broadcast, language: str, campaign: Campaign, wording: Wording) -> Rendered:
    """Text and buttons in that language, or in the one that stands in for it."""
    text, spoken = broadcast.text(language, campaign)
    rows = broadcast.button_rows(campaign, spoken)
    frame = wording.render(
        Message(words("staff.as_typed", text="-"), buttons=rows), spoken, "telegram"
    )
    return Rendered(text=text, language=spoken, buttons=frame.buttons)
