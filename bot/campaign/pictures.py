"""Where a message carries the picture of whom it is about."""

from __future__ import annotations

from dataclasses import replace

from bot.campaign.capabilities import Capabilities
from bot.campaign.light_html import without_markup
from bot.campaign.messages import PICTURE, Message, Rendered
from bot.campaign.turn import Turn


def pictured(turn: Turn, message: Message, case_id: str) -> Message:
    """The message with the picture of that case, where a conversation begins with it.

    Not where it takes the place of another one: a text cannot become a picture. Not for whoever
    could be harmed by what is seen on their phone.
    """
    if message.in_place or message.attachment or turn.supporter.answers.at_risk:
        return message
    case = turn.campaign.cases[case_id]
    spoken = (turn.language, turn.campaign.instead(turn.language))
    alt = case.pictures[0].seen(*spoken) if case.pictures else ""
    return message.with_attachment(PICTURE, case=case_id, alt=alt)


def is_pictured(message: Rendered) -> bool:
    """Whether it carries a picture that adds to the text."""
    return message.attachment is not None and message.attachment.kind == PICTURE


def with_room(message: Rendered, able: Capabilities) -> Rendered:
    """The message without its picture where the channel shows none, or where the text is too long
    to stand below one."""
    if not is_pictured(message):
        return message
    text = message.text if able.markup == "plain" else without_markup(message.text)
    # A block is set two lines apart.
    long = able.length(text) + (able.length(message.block) + 2 if message.block else 0)
    if able.pictures and long <= able.caption:
        return message
    return replace(message, attachment=None)
