"""Inline mode: what Telegram shows when somebody types the bot's name in any chat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import structlog
from telegram import Bot

from bot.campaign.events import Sought
from bot.campaign.inline import RenderedCard
from bot.channels.telegram.methods import SHOW_CARDS

log = structlog.get_logger()

Cards = Callable[[Sought], Awaitable[Sequence[RenderedCard]]]

CARDS_KEPT: Final = 300
"""Seconds for which Telegram may show the same cards to the same person."""


async def show_cards(bot: Bot, asked: Sought, cards: Cards) -> None:
    """Answer an inline query; failures do not matter, whoever asked types on."""
    try:
        found = [_article(card) for card in await cards(asked)]
        await bot.do_api_request(
            SHOW_CARDS,
            {
                "inline_query_id": asked.id,
                "results": found,
                "cache_time": CARDS_KEPT,
                # The same words give other cards in another language.
                "is_personal": True,
            },
        )
    except Exception as problem:
        log.info("cards_not_shown", kind=type(problem).__name__)


def _article(card: RenderedCard) -> dict[str, Any]:
    # The preview of a link need not be one of the text: so a card becomes a picture with its words.
    preview = (
        {"url": card.picture, "prefer_large_media": True, "show_above_text": True}
        if card.picture
        else {"is_disabled": True}
    )
    tile = {"thumbnail_url": card.tile} if card.tile else {}
    return {
        **tile,
        "type": "article",
        "id": card.id,
        "title": card.title,
        "description": card.about,
        "input_message_content": {
            "message_text": card.text,
            "parse_mode": "HTML",
            "link_preview_options": preview,
        },
        "reply_markup": {"inline_keyboard": [[{"text": card.label, "url": card.url}]]},
    }
