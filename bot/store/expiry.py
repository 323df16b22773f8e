"""What has an end by the clock alone, and is deleted when its time is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import dead_letters, events_seen, page_tokens, supporters, web_turns

ANSWERS_KEPT = timedelta(hours=24)


async def expire(connection: AsyncConnection, now: datetime) -> None:
    """Delete old event ids, dead letters and turns, and what was told for a letter a day ago."""
    await events_seen.drop(connection, now - events_seen.KEPT)
    await dead_letters.drop(connection, now - dead_letters.KEPT)
    await supporters.drop_answers(connection, now - ANSWERS_KEPT)
    await web_turns.drop(connection, now - web_turns.KEPT)
    await page_tokens.drop(connection, now - page_tokens.KEPT)
