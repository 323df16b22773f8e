"""Who is counted and who is fixed: each condition on real rows, and what reports count of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, update

from bot.broadcasts.aftermath import Aftermath
from bot.broadcasts.recipients import Recipients
from bot.broadcasts.results import DeliveryResults
from bot.campaign.broadcast_rules.audience import Audience
from bot.campaign.broadcast_rules.broadcast import Broadcast, State
from bot.campaign.effects import Evidence
from bot.channels.registered import ALL
from bot.channels.telegram.capabilities import TELEGRAM
from bot.content_files import load_valid
from bot.engine.talking import Talking
from bot.keys import Keys
from bot.store.broadcasts import deliveries, figures
from bot.store.broadcasts import records as broadcasts
from bot.store.broadcasts.deliveries import Ended, Fate
from bot.store.database import Database
from bot.store.people import acts, arrivals
from bot.store.people.tables import supporters
from bot.store.petitions import signatures
from bot.store.petitions.signatures import Signature
from bot.store.sqlite.database import SqliteDatabase
from tests.broadcast_crowd import fill

CONTENT = Path(__file__).parent.parent / "content"
CAMPAIGN, _ = load_valid(CONTENT, ALL)
NOW = datetime.now(UTC)
PARIS = ZoneInfo(CAMPAIGN.time_zone)
CHATS = range(5000, 5010)


class House:
    """Ten subscribers of "cases", five of them French."""

    def __init__(self, store: Database, keys: Keys):
        self.store = store
        self.keys = keys
        self.aftermath = Aftermath(store, keys, lambda: CAMPAIGN)
        self.talking = Talking(lambda: NOW)
        self.recipients = Recipients(
            store, keys, lambda: CAMPAIGN, [TELEGRAM], lambda: NOW, self.talking
        )

    def mark(self, chat: int) -> bytes:
        return self.keys.pseudonym("telegram", str(chat))

    async def count(self, **conditions: object) -> int:
        return await self.recipients.count(self.broadcast(**conditions))

    def broadcast(self, **conditions: object) -> Broadcast:
        aimed = {"topic": "cases", "rest_hours": 0, **conditions}
        return Broadcast(texts={"fr": "x"}, audience=Audience.model_validate(aimed))

    async def set(self, chat: int, **values: object) -> None:
        async with self.store.writing() as connection:
            await connection.execute(
                update(supporters).where(supporters.c.pseudonym == self.mark(chat)).values(**values)
            )


@pytest.fixture
async def house(data: Path) -> AsyncIterator[House]:
    await fill(data, CHATS, languages=("fr", "en"))
    store = await SqliteDatabase.open(data)
    try:
        yield House(store, Keys.open(data / "keys", None, database_exists=True))
    finally:
        await store.close()


async def test_language_case_source_and_activity_narrow_it_down(house: House) -> None:
    assert await house.count() == 10
    assert await house.count(topic="events") == 0
    assert await house.count(languages=("fr",)) == 5
    await house.set(5000, case="mamat", source="affiche")
    assert await house.count(case="mamat") == 1
    assert await house.count(source="affiche") == 1
    await house.set(5001, seen_at=NOW - timedelta(days=40))
    assert await house.count(active_days=30) == 9


@pytest.mark.parametrize(
    "typed",
    [
        *("affiche", "s-affiche", " Affiche ", "s-AFFICHE", "mamat_s-affiche"),
        "https://t.me/a_bot?start=mamat-sign_s-affiche",
        "https://chat.example.org/?start=s-affiche_x",
    ],
)
async def test_who_came_by_a_poster_is_found_however_its_code_is_typed(
    house: House, typed: str
) -> None:
    await house.set(5000, source="affiche")
    await house.set(5001, source="Affiche")
    await house.set(5002, source="affiches")
    aimed = house.broadcast().audience.aimed("source", typed, CAMPAIGN)
    assert await house.count(source=aimed.source) == 2


def test_codes_of_friends_are_one_and_long_ones_are_none() -> None:
    everybody = Audience(topic="cases")
    assert everybody.aimed("source", "mamat_f-abcdefghijk", CAMPAIGN).source == "ami"
    assert everybody.aimed("source", "s-ami", CAMPAIGN).source == "ami"
    assert everybody.aimed("source", "", CAMPAIGN).source == ""
    with pytest.raises(ValueError, match="source"):
        everybody.aimed("source", "s-" + "x" * 25, CAMPAIGN)


async def test_the_codes_by_which_people_came_are_offered(house: House) -> None:
    day = NOW.date()
    came = {("affiche", day): 2, ("métro", day): 1, ("métro", day - timedelta(days=1)): 4}
    friends = {(f"f-{number}", day): 9 for number in range(30)}
    async with house.store.writing() as connection:
        assert await arrivals.sources(connection, 8) == []
        await arrivals.count(connection, {("", day): 50, **came, **friends})
        assert await arrivals.sources(connection, 8) == ["métro", "affiche", "ami"]
        assert await arrivals.sources(connection, 2) == ["métro", "ami"]


async def test_who_talks_just_now_or_has_blocked_the_bot_is_left_out(house: House) -> None:
    house.talking.note([house.mark(5000)], NOW - timedelta(minutes=9))
    house.talking.note([house.mark(5001)], NOW - timedelta(minutes=11))
    await house.set(5002, ended_at=NOW)
    await house.set(5003, channel="web")
    assert await house.count() == 7


async def test_acted_pledged_and_signed_are_told_apart(house: House) -> None:
    day = date(2026, 11, 1)
    async with house.store.writing() as connection:
        await acts.add(
            connection,
            house.keys,
            [
                (house.mark(5000), ("mamat", "letter", Evidence.DECLARED), day),
                (house.mark(5001), ("akber", "letter", Evidence.PLEDGED), day),
            ],
        )
        own = house.keys.petition_pseudonym("xinjiang", "telegram", "5002")
        signed = [("xinjiang", own, Signature(day, "fr", 1, "0" * 64))]
        await signatures.add(connection, house.keys, signed)
    assert await house.count(done="yes") == 1
    assert await house.count(done="no") == 9
    assert await house.count(done="yes", case="") == 1
    assert await house.count(pledged="yes") == 1
    assert await house.count(signed="yes") == 1
    assert await house.count(signed="no") == 9


async def test_who_had_one_lately_rests_and_recipients_are_the_counted_ones(house: House) -> None:
    async with house.store.writing() as connection:
        first = await broadcasts.add(
            connection, house.keys, house.broadcast(languages=("fr",)), NOW
        )
    await fixed(house, first)
    fates = await recounted(house, first)
    assert fates == {Fate.QUEUED: 5}
    had = [house.mark(chat) for chat in CHATS if chat % 2 == 0]
    hours_ago = int((NOW - timedelta(hours=5)).timestamp())
    async with house.store.writing() as connection:
        ends = [Ended(mark, Fate.SENT, hours_ago, 7) for mark in had]
        await deliveries.end(connection, first.id, ends)
    assert await house.count(rest_hours=24) == 5
    assert await house.count(rest_hours=4) == 10
    assert await house.count(rest_hours=0) == 10
    async with house.store.reading() as connection:
        record = await broadcasts.find(connection, first.id)
        assert record is not None
        assert (record.recipients, record.sent, record.fixed) == (5, 5, True)


async def test_a_report_counts_who_left_who_blocked_and_who_acted(house: House) -> None:
    async with house.store.writing() as connection:
        made = await broadcasts.add(connection, house.keys, house.broadcast(), NOW)
    await fixed(house, made)
    sent = int((NOW - timedelta(hours=1)).timestamp())
    marks = [house.mark(chat) for chat in CHATS]
    today = datetime.fromtimestamp(sent, PARIS).date()
    async with house.store.writing() as connection:
        await deliveries.end(connection, made.id, [Ended(m, Fate.SENT, sent, 1) for m in marks])
        await acts.add(
            connection,
            house.keys,
            [
                (marks[0], ("mamat", "letter", Evidence.DECLARED), today + timedelta(days=1)),
                (marks[1], ("mamat", "letter", Evidence.DECLARED), today + timedelta(days=3)),
                (marks[2], ("mamat", "letter", Evidence.DECLARED), today - timedelta(days=1)),
            ],
        )
        from bot.store.people.supporters import ended
        from bot.store.people.tables import subscriptions

        await ended(connection, [marks[3]], NOW)
        await connection.execute(delete(subscriptions).where(subscriptions.c.pseudonym == marks[4]))
    async with house.store.reading() as connection:
        assert await figures.no_longer_take(connection, made.id, "cases") == (1, 1)
        languages = await figures.by_language(connection, made.id)
        assert sorted(languages) == [("en", 5), ("fr", 5)]
        assert await figures.over_time(connection, made.id, 1) == [(sent, 10)]
    assert +await after(house, made) == {"declared": 1}


async def test_signatures_of_recipients_are_counted_and_of_nobody_else(house: House) -> None:
    async with house.store.writing() as connection:
        begun = house.broadcast(languages=("fr",)).model_copy(update={"started_at": NOW})
        made = await broadcasts.add(connection, house.keys, begun, NOW)
    await fixed(house, made)
    marks = [house.mark(chat) for chat in CHATS if chat % 2 == 0]
    sent = int(NOW.timestamp())
    async with house.store.writing() as connection:
        await deliveries.end(connection, made.id, [Ended(m, Fate.SENT, sent, 1) for m in marks])
        for chat, days in ((5000, 1), (5002, 9), (5001, 1)):
            own = house.keys.petition_pseudonym("xinjiang", "telegram", str(chat))
            day = NOW.date() + timedelta(days=days)
            signed = [("xinjiang", own, Signature(day, "fr", 1, "0" * 64))]
            await signatures.add(connection, house.keys, signed)
    assert (await after(house, made))["signed"] == 1


async def test_a_report_leaves_out_what_was_done_before_it_reached_them(house: House) -> None:
    async with house.store.writing() as connection:
        made = await broadcasts.add(connection, house.keys, house.broadcast(), NOW)
    await fixed(house, made)
    today = NOW.astimezone(PARIS).date()
    early, late, both = CHATS[0], CHATS[1], CHATS[2]
    await does(house, early, "email", today)
    await does(house, both, "email", today)
    await signs(house, today, early, both)
    reached = partial(house.aftermath.note_before, made)
    records = DeliveryResults(house.store, made.id, reached, lambda: NOW)
    for chat in CHATS:
        records.end(house.mark(chat), Fate.SENT, 1)
        if chat % 3 == 0:
            await records.exchange([])
    await records.exchange([])
    assert not +await after(house, made)
    await does(house, late, "email", today)
    await does(house, both, "letter", today + timedelta(days=1))
    await signs(house, today, late)
    assert await after(house, made) == {"declared": 2, "signed": 1}
    await does(house, early, "letter", today + timedelta(days=3))
    assert await after(house, made) == {"declared": 2, "signed": 1}


async def test_a_day_is_that_of_the_campaign_where_an_act_has_it(house: House) -> None:
    async with house.store.writing() as connection:
        made = await broadcasts.add(connection, house.keys, house.broadcast(), NOW)
    await fixed(house, made)
    # Half past midnight in Paris is the evening before elsewhere.
    night = datetime(2026, 7, 2, 0, 30, tzinfo=PARIS)
    async with house.store.writing() as connection:
        ends = [Ended(house.mark(CHATS[0]), Fate.SENT, int(night.timestamp()), 1)]
        await deliveries.end(connection, made.id, ends)
    await does(house, CHATS[0], "email", date(2026, 7, 1))
    assert not +await after(house, made)
    await does(house, CHATS[0], "letter", date(2026, 7, 2))
    assert (await after(house, made))["declared"] == 1


async def does(house: House, chat: int, action: str, day: date) -> None:
    async with house.store.writing() as connection:
        act = ("mamat", action, Evidence.DECLARED)
        await acts.add(connection, house.keys, [(house.mark(chat), act, day)])


async def signs(house: House, day: date, *chats: int) -> None:
    async with house.store.writing() as connection:
        for chat in chats:
            own = house.keys.petition_pseudonym("xinjiang", "telegram", str(chat))
            signed = [("xinjiang", own, Signature(day, "fr", 1, "0" * 64))]
            await signatures.add(connection, house.keys, signed)


async def after(house: House, made: Broadcast) -> Counter[str]:
    """What the report of that broadcast counts."""
    async with house.store.reading() as connection:
        record = await broadcasts.find(connection, made.id)
    assert record is not None
    return await house.aftermath.count(record)


async def test_recipients_go_seven_days_after_the_end_and_the_figures_stay(house: House) -> None:
    async with house.store.writing() as connection:
        made = await broadcasts.add(connection, house.keys, house.broadcast(), NOW)
    await fixed(house, made)
    done = made.model_copy(update={"state": State.DONE})
    async with house.store.writing() as connection:
        await broadcasts.change(connection, house.keys, done, NOW - timedelta(days=8))
        assert await deliveries.drop(connection, NOW - deliveries.KEPT)
        assert not await deliveries.drop(connection, NOW - deliveries.KEPT)
    assert await recounted(house, made) == {}
    async with house.store.reading() as connection:
        record = await broadcasts.find(connection, made.id)
    assert record is not None
    assert record.recipients == 10


async def fixed(house: House, made: Broadcast) -> None:
    async with house.store.reading() as connection:
        record = await broadcasts.find(connection, made.id)
    assert record is not None
    await house.recipients.fix(record, NOW, asyncio.Event(), asyncio.Event())


async def recounted(house: House, made: Broadcast) -> dict[Fate, int]:
    async with house.store.reading() as connection:
        return await figures.recount(connection, made.id)
