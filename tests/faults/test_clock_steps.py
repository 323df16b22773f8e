"""A clock that is two days wrong and is set right: nothing counts twice, nobody waits for days.

Machines start with a wrong clock and learn the time later; a clock set back is the harder half,
since whatever remembers a moment then remembers one that is still to come.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.campaign.broadcast_rules.audience import IN_A_SCENE
from bot.campaign.burst_guard import BurstGuard
from bot.campaign.events import Chose
from bot.campaign.messages import Rendered
from bot.campaign.network_guard import NetworkGuard
from bot.campaign.rules import BurstRule, NetworkRule
from bot.campaign.signatures import Signer
from bot.channels.web_chat.untraced import IDLE, Untraced
from bot.desk.second_factor import LASTS, MOST_WRONG, SecondFactors
from bot.engine.clearing import Clearing
from bot.engine.talking import Talking
from bot.keys import Keys
from bot.store import outbox, tables
from bot.store.people import erasing
from bot.store.sqlite.database import SqliteDatabase
from bot.upkeep import purging, recounting
from tests.house import CAMPAIGN, PETITION, house
from tests.recorded import number
from tests.telegram_server import TelegramServer
from tests.test_engine import House
from tests.test_sender import opened, texts

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
STEP = timedelta(days=2)
WHOSE = (PETITION, Signer.ACCOUNT)


@pytest.mark.parametrize("first", [STEP, -STEP], ids=["ahead", "behind"])
async def test_what_people_do_counts_once_whatever_the_clock_says(
    data: Path, first: timedelta
) -> None:
    async with house(data, at=NOON) as bot:
        sign = f"sign:{PETITION}:fr"
        await bot.start("anna")
        once = bot.event("anna", Chose, data=sign)
        await bot.take(once)
        for step in (first, -2 * first, first):
            bot.clock[0] += step
            await bot.take(once, bot.event("anna", Chose, data=sign))
            await bot.start(f"somebody at {bot.now}")
            await purging.purge(bot.store, bot.keys, CAMPAIGN, bot.now)
            assert (await recounting.recount(bot.store, bot.now.date(), repair=False)).is_right
        assert number(data, "select count(*) from signatures") == 1
        assert number(data, "select count(*) from supporters") == 4


async def test_a_message_that_a_fast_clock_put_off_leaves_when_the_clock_is_right(
    data: Path, server: TelegramServer
) -> None:
    server.text(7, "Bonjour")
    store = await SqliteDatabase.open(data)
    keys = Keys.open(data / "keys", database_exists=False)
    posting = outbox.Posting(keys.pseudonym("telegram", "7"), "telegram", "7", Rendered("un", "fr"))
    async with store.writing() as connection:
        await outbox.add(connection, keys, [posting], NOON + STEP)
        await connection.execute(update(tables.outbox).values(attempts=1, not_before=NOON + STEP))
    await store.close()
    async with opened(data, server.root, clock=lambda: NOON) as at_work:
        assert await at_work.sender.finish(30)
    assert texts(server, 7) == ["un"]


async def test_what_was_erased_leaves_the_file_within_the_hour_after_the_clock_was_set_back(
    data: Path,
) -> None:
    bot = await House.opened(data)
    try:
        at_work = Clearing(bot.store, bot.keys, lambda: bot.now, lambda: CAMPAIGN.retention)
        bot.now += STEP
        await at_work.look()
        await bot.hears("anna", "sign", "forget")
        async with bot.store.writing() as connection:
            await outbox.done(connection, [one.id for one in bot.sent])
        await at_work.look()
        bot.now -= STEP
        for _ in range(13):
            await at_work.look()
            bot.now += timedelta(minutes=5)
        async with bot.store.reading() as connection:
            assert await erasing.not_cleared(connection) == 0
    finally:
        await bot.close()


async def test_what_ends_by_the_clock_ends_after_the_clock_was_set_back(data: Path) -> None:
    bot = await House.opened(data)
    try:
        at_work = Clearing(bot.store, bot.keys, lambda: bot.now, lambda: CAMPAIGN.retention)
        bot.now += STEP
        await at_work._by_the_clock()
        bot.now -= STEP
        await bot.hears("anna", "name Zoé")
        bot.now += timedelta(hours=CAMPAIGN.retention.drafts_hours, minutes=30)
        await at_work._by_the_clock()
        assert number(data, "select count(*) from supporters where answers_at is not null") == 0
    finally:
        await bot.close()


def test_who_talked_while_the_clock_was_ahead_is_not_left_out_of_news_for_two_days() -> None:
    clock = [NOON + STEP]
    known = Talking(lambda: clock[0])
    known.note([b"anna"], clock[0])
    clock[0] = NOON
    assert known.may_be_at_it(b"anna", clock[0]), "just now, as far as anybody can tell"
    clock[0] += IN_A_SCENE + timedelta(minutes=1)
    assert not known.may_be_at_it(b"anna", NOON - timedelta(hours=3))
    assert known.since(clock[0] - IN_A_SCENE) == []


def test_a_burst_seen_by_a_clock_that_was_ahead_holds_nobody_for_two_days() -> None:
    guard = BurstGuard(BurstRule(signatures=10, minutes=10))
    assert guard.note(WHOSE, 11, NOON + STEP)
    assert guard.room(WHOSE, NOON) == 0, "a burst does not end by a change of the clock"
    assert guard.room(WHOSE, NOON + timedelta(minutes=11)) == 10
    assert guard.note(WHOSE, 11, NOON + timedelta(minutes=30)), "and the next one is told"


def test_a_network_counted_by_a_clock_that_was_ahead_waits_no_longer_than_others() -> None:
    guard = NetworkGuard(NetworkRule(an_hour=20, a_day=60))
    guard.note(PETITION, "lot", 20, NOON + STEP)
    assert guard.is_full(PETITION, "lot", NOON)
    assert not guard.is_full(PETITION, "lot", NOON + timedelta(minutes=61))


async def test_neither_a_given_code_nor_a_lock_outlasts_a_clock_that_is_set_back(
    data: Path,
) -> None:
    async with house(data, at=NOON) as bot:
        factors = SecondFactors(bot.keys)
        ahead = NOON + STEP
        factors._until["anna"] = ahead + LASTS
        for _ in range(MOST_WRONG):
            factors.wrong("ben", ahead)
        assert factors.opens("anna", ahead)
        assert factors._is_locked("ben", ahead)
        assert not factors.opens("anna", NOON)
        assert not factors._is_locked("ben", NOON)


def test_whoever_leaves_no_trace_is_forgotten_in_time_by_a_clock_that_was_set_back() -> None:
    clock = [NOON + STEP]
    visitors = Untraced(None, None, None, None, lambda: clock[0])  # type: ignore[arg-type]
    visitors._visit("anna", "")
    clock[0] = NOON
    visitors.tidy()
    assert len(visitors) == 1
    clock[0] += IDLE + timedelta(minutes=1)
    visitors.tidy()
    assert len(visitors) == 0
