"""Subscribers by the thousand, put into a data directory as if they had come long ago."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.broadcasts import file_format
from bot.campaign.broadcast_rules.acts import member_of_shell
from bot.campaign.broadcast_rules.allowing import Rules
from bot.campaign.desk_commands.broadcasts import Begin
from bot.campaign.supporter import Supporter
from bot.channels.telegram.capabilities import TELEGRAM
from bot.desk import acts
from bot.desk.second_factor import SecondFactors
from bot.keys import Keys
from bot.store import counters, key_marks
from bot.store.broadcasts import files, records
from bot.store.database import Database
from bot.store.people import subscriptions, supporters
from bot.store.people.subscriptions import Consent
from bot.store.sqlite.database import SqliteDatabase, database_file
from tests.shipped import shipped

LONG_AGO = timedelta(days=2)
LOT = 2000


async def fill(
    data: Path, chats: Iterable[int], topic: str = "cases", languages: tuple[str, ...] = ("fr",)
) -> None:
    """Everybody in these chats takes that topic, and is not talking with the bot just now."""
    store = await SqliteDatabase.open(data)
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
    store: Database, keys: Keys, chats: list[int], topic: str, languages: tuple[str, ...]
) -> None:
    seen = datetime.now(UTC) - LONG_AGO
    marks = {chat: keys.pseudonym("telegram", str(chat)) for chat in chats}
    async with store.writing() as connection:
        await supporters.add(
            connection,
            keys,
            [
                supporters.SupporterRow(
                    pseudonym=mark,
                    channel="telegram",
                    address=str(chat),
                    supporter=Supporter(language=languages[chat % len(languages)]),
                    question_sealed=supporters.seal_question(keys, "", 0, 0, mark),
                    answers_sealed=supporters.seal_answers(keys, supporters.NOTHING_TOLD, mark),
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


async def drafted(data: Path, written: str) -> int:
    """A draft made beside the running bot from what stands in a file, as the shell makes it; its
    number. (The command itself is tested in test_broadcast_commands.)"""
    now = datetime.now(UTC)
    file = data / "update.yaml"
    file.write_text(written)
    campaign, _ = shipped()
    read = file_format.load(file, campaign, (TELEGRAM,), now)
    assert read.broadcast is not None, read.problems
    store = await SqliteDatabase.open(data, beside=True)
    try:
        keys = Keys.open(data / "keys", None, database_exists=True)
        async with store.writing() as connection:
            if read.file is not None:
                await files.add(connection, read.file)
            rules = Rules(1, campaign, (TELEGRAM,))
            acting = acts.Acting(
                connection, keys, member_of_shell(), rules, now, SecondFactors(keys)
            )
            made = await acts.act(acting, Begin(read.broadcast))
    finally:
        await store.close()
    return made.id


def filled(data: Path, chats: Iterable[int], **more: object) -> None:
    """The same, from where no loop runs."""
    asyncio.run(fill(data, chats, **more))  # type: ignore[arg-type]


def vouched(data: Path) -> None:
    """As if the bot itself had written what a test has changed in the database by hand."""
    keys = Keys.open(data / "keys", None, database_exists=True)
    with closing(sqlite3.connect(database_file(data))) as raw, raw:
        for number, *told in raw.execute("SELECT id, state, retract, reason, body FROM broadcasts"):
            mark = keys.vouch(records._told(number, *told))
            raw.execute("UPDATE broadcasts SET mark = ? WHERE id = ?", (mark, number))
