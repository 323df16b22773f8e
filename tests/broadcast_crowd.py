"""Subscribers by the thousand, put into a data directory as if they had come long ago."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.campaign.supporter import Supporter
from bot.keys import Keys
from bot.store import counters, key_marks, subscriptions, supporters
from bot.store.database import Store
from bot.store.subscriptions import Consent

LONG_AGO = timedelta(days=2)
LOT = 2000


async def fill(
    data: Path, chats: Iterable[int], topic: str = "cases", languages: tuple[str, ...] = ("fr",)
) -> None:
    """Everybody in these chats takes that topic, and is not talking with the bot just now."""
    store = await Store.open(data)
    keys = Keys.open(data / "keys", None, database_exists=False)
    try:
        async with store.writing() as connection:
            await key_marks.check(connection, keys, ["xinjiang"])
        waiting = list(chats)
        for start in range(0, len(waiting), LOT):
            await _lot(store, keys, waiting[start : start + LOT], topic, languages)
    finally:
        await store.close()


async def _lot(
    store: Store, keys: Keys, chats: list[int], topic: str, languages: tuple[str, ...]
) -> None:
    seen = datetime.now(UTC) - LONG_AGO
    marks = {chat: keys.pseudonym("telegram", str(chat)) for chat in chats}
    async with store.writing() as connection:
        await supporters.add(
            connection,
            keys,
            [
                supporters.Standing(
                    pseudonym=mark,
                    channel="telegram",
                    address=str(chat),
                    supporter=Supporter(language=languages[chat % len(languages)]),
                    question_sealed=None,
                    answers_sealed=None,
                    joined_on=seen.date(),
                    seen_at=seen,
                    ended_at=None,
                )
                for chat, mark in marks.items()
            ],
        )
        consent = Consent("1", date(2026, 1, 1))
        await subscriptions.add(connection, [(mark, topic, consent) for mark in marks.values()])
        await counters.change(connection, {counters.of_subscriptions(topic): len(chats)})


def filled(data: Path, chats: Iterable[int], **more: object) -> None:
    """The same, from where no loop runs."""
    asyncio.run(fill(data, chats, **more))  # type: ignore[arg-type]
