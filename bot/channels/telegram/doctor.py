"""How Telegram sees the bot: whether it knows the token, and how updates leave it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from telegram import WebhookInfo
from telegram.error import InvalidToken, TelegramError

from bot.channels.proxies import ProxyTrouble
from bot.channels.telegram.service import TelegramService, build
from bot.channels.telegram.webhook import PATH
from bot.findings import Finding, warning, well, wrong
from bot.settings import Settings

MANY: Final = 100
"""Updates that wait: more than one answer to a poll brings."""
LATELY: Final = timedelta(hours=1)


async def look(settings: Settings) -> list[Finding]:
    """Who the bot is there, where updates go, how many wait, and what Telegram complains of."""
    try:
        service = build(settings)
    except ProxyTrouble as trouble:
        return [wrong("telegram.proxy", str(trouble))]
    async with service.open():
        return await _asked(service, settings)


async def _asked(service: TelegramService, settings: Settings) -> list[Finding]:
    channel = service.channel
    try:
        me = await channel.me()
        posts = await channel.webhook()
    except InvalidToken:
        return [wrong("telegram.token_refused")]
    except TelegramError as problem:
        kind = type(problem).__name__
        return [wrong("telegram.unreachable", kind=kind, url=settings.api_url)]
    wanted = settings.public_url + PATH if settings.webhook else ""
    found = [well("telegram", name=me.username or "")]
    if not me.supports_inline_queries:
        found.append(well("telegram.no_inline"))
    found += posting(posts, wanted, datetime.now(UTC))
    return found


def posting(told: WebhookInfo, wanted: str, now: datetime) -> list[Finding]:
    """What Telegram says of its posts, where they shall go to ``wanted`` ("": it is asked)."""
    waiting = told.pending_update_count
    found = []
    if told.url != wanted:
        name = "telegram.posts_elsewhere" if told.url else "telegram.posts_nowhere"
        found.append(warning(name, url=told.url))
    complained = told.last_error_date
    if told.url and complained is not None and now - complained < LATELY:
        reason = (told.last_error_message or "")[:200]
        found.append((wrong if waiting else warning)("telegram.complains", reason, waiting=waiting))
    if waiting > MANY:
        found.append(warning("telegram.many_wait", waiting=waiting))
    elif not found:
        found.append(well("telegram.hears", waiting=waiting))
    return found
