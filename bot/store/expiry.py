"""What has an end by the clock alone, and is deleted when its time is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import dead_letters, events_seen, page_tokens, supporters

ANSWERS_KEPT = timedelta(hours=24)


async def expire(connection: AsyncConnection, now: datetime) -> None:
    """Delete old event ids and dead letters, and what was told for a letter a day ago."""
    await events_seen.drop(connection, now - events_seen.KEPT)
    await dead_letters.drop(connection, now - dead_letters.KEPT)
    await supporters.drop_answers(connection, now - ANSWERS_KEPT)
    await page_tokens.drop(connection, now - page_tokens.KEPT)
