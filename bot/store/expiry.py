"""What has an end by the clock alone, and is deleted when its time is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.rules import Retention
from bot.store import dead_letters, events_seen
from bot.store.people import erasing, page_tokens, supporters, web_turns


async def expire(connection: AsyncConnection, now: datetime, kept: Retention) -> int:
    """Delete old event ids, dead letters and turns, and what was told for a letter a day ago; how
    much of it was of people. That is then to be cleared away, like what somebody had erased."""
    await events_seen.drop(connection, now - timedelta(hours=kept.events_hours))
    gone = await dead_letters.drop(connection, now - timedelta(days=kept.dead_letters_days))
    gone += await supporters.drop_answers(connection, now - timedelta(hours=kept.drafts_hours))
    gone += await web_turns.drop(connection, now)
    gone += await page_tokens.drop(connection, now - page_tokens.KEPT)
    if gone:
        await erasing.left_something(connection)
    return gone
