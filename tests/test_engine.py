"""The engine: what is acknowledged is recorded, once, in order, and hurts nobody else."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from bot.campaign.channel import Outgoing
from bot.campaign.events import (
    Blocked,
    CalledInGroup,
    Corrected,
    Returned,
    Said,
    Started,
    Unreadable,
)
from bot.engine import Engine, EngineClosed
from bot.keys import Keys
from bot.store import counters, dead_letters, key_marks, outbox
from bot.store.database import Database
from bot.store.people import supporters
from bot.store.sqlite.database import SqliteDatabase, database_file
from tests import tiny_campaign
from tests.tiny_campaign import NOW, PETITION, TEXT_HASH

SIGNATURES = f"signatures:account:{PETITION}"


@dataclass
class House:
    """An engine on a real file, and everything that left it."""

    data: Path
    store: Database
    keys: Keys
    engine: Engine
    sent: list[Outgoing] = field(default_factory=list)
    now: datetime = NOW
    _number: int = 0

    @classmethod
    async def opened(cls, data: Path, **context: Any) -> House:
        store = await SqliteDatabase.open(data)
        keys = Keys.open(data / "keys", database_exists=(data / "keys").exists())
        house = cls(data, store, keys, None)  # type: ignore[arg-type]
        house.engine = tiny_campaign.engine(
            store, keys, lambda out: house.sent.extend(out), lambda: house.now, **context
        )
        await house.engine.start()
        return house

    async def close(self) -> None:
        await self.engine.close()
        await self.store.close()

    def says(self, who: str, said: str, **more: Any) -> Said:
        self._number += 1
        return Said(
            **{"id": str(self._number), "channel": "telegram", **more}, address=who, text=said
        )

    async def hears(self, who: str, *said: str) -> str:
        """The answer to the last of these."""
        for word in said:
            await self.engine.take([self.says(who, word)])
        return self.sent[-1].message.text

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        async with self.store.reading() as connection:
            return [tuple(row) for row in await connection.execute(text(query))]

    async def count(self, table: str) -> int:
        ((number,),) = await self.rows(f"SELECT count(*) FROM {table}")
        return int(number)

    async def counted(self) -> dict[str, int]:
        """The counters (but those by country), once it is sure that they equal a recount."""
        async with self.store.reading() as connection:
            kept = await counters.all_values(connection)
            assert kept == await counters.recount(connection)
        return {name: n for name, n in kept.items() if not name.startswith("countries:")}

    async def reasons(self) -> list[str]:
        async with self.store.reading() as connection:
            return [d.reason for d in await dead_letters.find(connection, self.keys, limit=99)]

    def told(self, who: str) -> list[str]:
        return [o.message.text for o in self.sent if o.address == who]


@pytest.fixture
async def house(data: Path) -> AsyncIterator[House]:
    opened = await House.opened(data)
    yield opened
    await opened.close()


# Answering and recording


async def test_an_answer_leaves_only_after_everything_is_on_the_disk(house: House) -> None:
    seen: list[int] = []

    def deliver(_outgoing: Sequence[Outgoing]) -> None:
        with sqlite3.connect(database_file(house.data)) as other:
            seen.append(other.execute("SELECT count(*) FROM signatures").fetchone()[0])
        other.close()

    await house.engine.close()
    async with tiny_campaign.engine(house.store, house.keys, deliver) as engine:
        await engine.take([house.says("alice", "sign")])
    assert seen == [1]


async def test_a_supporter_is_remembered_from_turn_to_turn(house: House) -> None:
    await house.engine.take([Started(id="s", channel="telegram", address="alice", payload="flyer")])
    assert await house.hears("alice", "sign", "subscribe", "opened", "x") == (
        "answer done=opened name= signatures=0 signed=1 topics=cases html"
    )
    assert await house.rows("SELECT source, count FROM arrivals") == [("flyer", 1)]
    assert await house.counted() == {
        "supporters": 1,
        SIGNATURES: 1,
        "subscriptions:cases": 1,
        "acts:mamat:letter:opened": 1,
    }


async def test_a_signature_keeps_what_was_signed_and_only_the_day(house: House) -> None:
    await house.hears("alice", "sign")
    rows = await house.rows("SELECT petition, state, day, language, text_hash FROM signatures")
    assert rows == [(PETITION, "counted", "2026-05-04", "fr", TEXT_HASH)]
    assert (
        await house.rows("SELECT s.pseudonym FROM signatures JOIN supporters s USING (pseudonym)")
        == []
    )


async def test_the_same_seed_comes_back_and_differs_between_supporters(house: House) -> None:
    seeds = {supporters.seed(house.keys.pseudonym("telegram", who)) for who in ("a", "b", "a")}
    assert len(seeds) == 2


async def test_an_answer_replaces_the_message_whose_button_was_pressed(house: House) -> None:
    await house.engine.take([house.says("alice", "x", on="42")])
    assert house.sent[-1].message.replaces == "42"


async def test_each_channel_gets_its_own_markup_and_its_own_supporters(house: House) -> None:
    await house.engine.take([house.says("7", "sign"), house.says("7", "sign", channel="web")])
    assert [o.message.text.split()[-1] for o in house.sent] == ["html", "web"]
    assert (await house.counted())[SIGNATURES] == 2


async def test_a_batch_in_which_somebody_says_nothing_new_is_still_recorded(house: House) -> None:
    await house.engine.take([])
    await house.engine.take([Corrected(id="c", channel="telegram", address="alice")])
    assert await house.count("supporters") == 0
    assert await house.count("events_seen") == 1
    assert house.sent == []


# Repeats, order, floods


async def test_a_repeat_changes_nothing(house: House) -> None:
    event = house.says("alice", "sign")
    await house.engine.take([event, event])
    await house.engine.take([event])
    await house.engine.take([house.says("alice", "withdraw")])
    await house.engine.take([event])
    assert len(house.sent) == 2
    assert await house.count("signatures") == 0
    assert SIGNATURES not in await house.counted()


async def test_a_repeat_after_a_restart_changes_nothing(data: Path) -> None:
    for expected in (1, 0):
        house = await House.opened(data)
        await house.engine.take([house.says("alice", "sign")])
        assert len(house.sent) == expected
        assert (await house.counted())[SIGNATURES] == 1
        await house.close()


async def test_the_same_id_on_two_channels_is_two_events(house: House) -> None:
    await house.engine.take(
        [house.says("a", "x", id="1"), house.says("a", "x", id="1", channel="web")]
    )
    assert len(house.sent) == 2


async def test_a_supporters_events_stay_in_order_within_a_batch_and_across_callers(
    house: House,
) -> None:
    wanted = [str(number) for number in range(40)]
    await house.engine.take([house.says("alice", word) for word in wanted[:20]])
    await asyncio.gather(*(house.engine.take([house.says("alice", word)]) for word in wanted[20:]))
    assert await house.rows("SELECT source FROM supporters") == [(" ".join(wanted),)]


async def test_reordered_messages_are_answered_in_the_order_of_writing(house: House) -> None:
    alice = [house.says("alice", str(n), order=100 + n) for n in range(6)]
    bob = [house.says("bob", str(n), order=n) for n in range(6)]
    unordered = house.says("alice", "button")
    shuffled = [*alice, *bob]
    random.Random(5).shuffle(shuffled)
    await house.engine.take([*shuffled, unordered])
    assert dict(
        zip(
            ("bob", "alice"),
            await house.rows("SELECT source FROM supporters ORDER BY length(source)"),
            strict=True,
        )
    ) == {"bob": ("0 1 2 3 4 5",), "alice": ("0 1 2 3 4 5 button",)}


async def test_a_press_is_answered_after_the_older_message_that_came_late(house: House) -> None:
    press = house.says("alice", "pressed", on="2")
    newer, late = (house.says("alice", f"number {n}", order=n) for n in (3, 1))
    await house.engine.take([press, newer, late])
    assert await house.rows("SELECT source FROM supporters") == [("number 1 pressed number 3",)]


async def test_one_supporter_signing_ten_thousand_times_at_once_counts_once(house: House) -> None:
    events = [house.says("alice", "sign") for _ in range(10_000)]
    await asyncio.gather(
        *(house.engine.take(events[start : start + 500]) for start in range(0, 10_000, 500))
    )
    assert await house.counted() == {"supporters": 1, SIGNATURES: 1}
    assert len(house.sent) == 10_000


async def test_signing_and_withdrawing_in_one_breath_is_counted_right(house: House) -> None:
    said = ["sign", "withdraw", "sign", "sign", "withdraw", "withdraw", "sign", "x"]
    await house.engine.take([house.says("alice", word) for word in said])
    numbers = [text.split("signed=")[1][0] for text in house.told("alice")]
    assert numbers == list("01011001")
    assert (await house.counted())[SIGNATURES] == 1
    await house.engine.take([house.says("alice", word) for word in said[1:5]])
    assert SIGNATURES not in await house.counted()


async def test_everybody_at_once_is_recorded_in_few_transactions(house: House) -> None:
    people = [f"p{number}" for number in range(1_000)]
    await asyncio.gather(*(house.engine.take([house.says(who, "sign")]) for who in people))
    assert (await house.counted())[SIGNATURES] == 1_000
    assert sorted(o.address for o in house.sent) == sorted(people)
    assert [o.id for o in house.sent] == sorted({o.id for o in house.sent})


# The ladder of evidence


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (["opened", "opened", "declared"], {"opened", "declared"}),
        (["declared", "opened"], {"opened", "declared"}),
        (["pledged", "takeback"], {"withdrawn"}),
        (["opened", "takeback"], {"opened"}),
        (["declared", "takeback", "takeback", "pledged"], {"pledged"}),
        (["pledged", "declared", "takeback"], {"withdrawn"}),
    ],
)
@pytest.mark.parametrize("together", [True, False])
async def test_each_step_of_the_ladder_is_kept_once(
    house: House, said: list[str], kept: set[str], together: bool
) -> None:
    if together:
        await house.engine.take([house.says("alice", word) for word in said])
    else:
        await house.hears("alice", *said)
    assert {row[0] for row in await house.rows("SELECT evidence FROM acts")} == kept
    acts = {name: n for name, n in (await house.counted()).items() if name.startswith("acts")}
    assert acts == {f"acts:mamat:letter:{evidence}": 1 for evidence in kept}


# Leaving and coming back


async def test_whoever_blocks_the_bot_gets_no_more_updates(house: House) -> None:
    await house.hears("alice", "subscribe", "sign")
    await house.engine.take([Blocked(id="b", channel="telegram", address="alice")])
    assert await house.rows("SELECT ended_at IS NULL FROM supporters") == [(0,)]
    assert await house.counted() == {"supporters": 1, SIGNATURES: 1}
    await house.engine.take([Returned(id="r", channel="telegram", address="alice")])
    assert await house.rows("SELECT ended_at IS NULL FROM supporters") == [(1,)]
    assert await house.hears("alice", "x") == (
        "answer done= name= signatures=0 signed=1 topics= html"
    )


async def test_a_start_lets_a_supporter_back_in_whom_the_sender_had_ended(house: House) -> None:
    await house.hears("alice", "subscribe")
    async with house.store.writing() as connection:
        whose = [house.keys.pseudonym("telegram", "alice"), house.keys.pseudonym("telegram", "z")]
        await supporters.ended(connection, whose, NOW)
    assert await house.counted() == {"supporters": 1}
    await house.engine.take([Started(id="s", channel="telegram", address="alice")])
    assert await house.rows("SELECT ended_at IS NULL FROM supporters") == [(1,)]


async def test_whoever_blocks_without_ever_having_spoken_is_not_recorded(house: House) -> None:
    await house.engine.take([Blocked(id="b", channel="telegram", address="stranger")])
    assert await house.count("supporters") == 0


async def test_in_a_group_the_bot_answers_and_records_nobody(house: House) -> None:
    await house.engine.take(
        [CalledInGroup(id="g", channel="telegram", address="-100", name="help", bot_name="bot")]
    )
    assert house.told("-100") == ["in_group  html"]
    assert await house.count("supporters") == 0


async def test_who_is_forgotten_leaves_nothing_in_any_table_nor_in_the_file(house: House) -> None:
    people = [f"{who}-555" for who in range(200)]
    for word in ("sign", "subscribe", "declared", "name Éléonore", "fail"):
        await house.engine.take([house.says(who, word) for who in people])
    gone, kept = people[:150], people[150:]
    farewells = len(house.sent)
    await house.engine.take([house.says(who, "forget") for who in gone])
    assert {o.address for o in house.sent[farewells:]} == set(gone)
    rows = await house.rows("SELECT count(*), count(DISTINCT pseudonym) FROM outbox WHERE id > 0")
    assert rows == [(150 + 5 * 50, 200)]
    assert {await house.count(t) for t in ("supporters", "signatures", "acts", "dead_letters")} == {
        50
    }
    assert (await house.counted())[SIGNATURES] == 50
    async with house.store.writing() as connection:
        await outbox.done(connection, [o.id for o in house.sent[farewells:]])
    assert await house.store.scrub()
    raw = b"".join(file.read_bytes() for file in house.data.glob("campaign.sqlite3*"))

    def found(who: str) -> bool:
        names = (
            house.keys.pseudonym("telegram", who),
            house.keys.petition_pseudonym(PETITION, "telegram", who),
            who.encode(),
        )
        return any(name in raw for name in names)

    assert [who for who in gone if found(who)] == []
    assert [who for who in kept if not found(who)] == []


async def test_the_log_of_the_database_is_emptied_soon_after_somebody_is_forgotten(
    house: House,
) -> None:
    await house.hears("alice", "sign")
    log = house.data / "campaign.sqlite3-wal"
    assert log.stat().st_size > 0
    await house.hears("alice", "forget")
    async with asyncio.timeout(60):
        while log.stat().st_size:
            await asyncio.sleep(0.01)


async def test_who_comes_back_after_being_forgotten_is_a_stranger(house: House) -> None:
    said = ["sign", "subscribe", "declared", "name Zoé", "forget", "x", "sign", "forget", "sign"]
    await house.engine.take([house.says("alice", word) for word in said])
    assert house.told("alice")[-1] == "answer done= name= signatures=0 signed=0 topics= html"
    assert await house.counted() == {"supporters": 1, SIGNATURES: 1}
    assert await house.hears("alice", "forget", "x") == (
        "answer done= name= signatures=0 signed=0 topics= html"
    )
    assert await house.counted() == {"supporters": 1}


async def test_a_name_told_for_a_letter_is_sealed_and_gone_after_a_day(house: House) -> None:
    assert "name=Éléonore" in await house.hears("alice", "name Éléonore", "x")
    await house.store.checkpoint()
    assert "Éléonore".encode() not in database_file(house.data).read_bytes()
    await house.engine.close()
    house.now = NOW + timedelta(hours=25)
    house.engine = tiny_campaign.engine(
        house.store, house.keys, lambda out: house.sent.extend(out), lambda: house.now
    )
    await house.engine.start()
    async with asyncio.timeout(60):
        while await house.rows("SELECT 1 FROM supporters WHERE answers_sealed IS NOT NULL"):
            await asyncio.sleep(0.01)
    assert "name= " in await house.hears("alice", "x")


# Poison


@pytest.mark.parametrize(
    ("poison", "reason"),
    [
        ("fail", "ValueError at "),
        ("mute", "LookupError at "),
        ("unwritable", "IntegrityError at bot.store."),
    ],
)
async def test_an_event_that_cannot_be_answered_hurts_nobody_else(
    house: House, poison: str, reason: str
) -> None:
    events = [
        house.says("alice", "sign"),
        house.says("mallory", poison),
        house.says("bob", "sign"),
        house.says("mallory", "sign"),
    ]
    with structlog.testing.capture_logs() as logs:
        await house.engine.take(events)
    assert (await house.counted())[SIGNATURES] == 3
    assert house.told("mallory")[0] == "apology  html"
    assert len(house.told("mallory")) == 2
    (kept,) = await house.reasons()
    assert kept.startswith(reason)
    assert "mallory" not in kept
    assert any(line["log_level"] == "error" for line in logs)
    assert "mallory" not in str(logs)
    await house.engine.take(events)
    assert len(house.sent) == 4


async def test_a_dead_letter_is_sealed_and_can_be_opened_again(house: House) -> None:
    odd = Said(id="9", channel="telegram", address="mallory-99", text="fail")
    await house.engine.take([odd])
    await house.store.checkpoint()
    assert b"mallory-99" not in database_file(house.data).read_bytes()
    async with house.store.reading() as connection:
        (letter,) = await dead_letters.find(connection, house.keys, limit=9)
    assert letter.event["kind"] == "Said"
    assert (letter.event["id"], letter.event["address"]) == ("9", "mallory-99")
    assert letter.event["text"] == "fail"


async def test_an_update_that_could_not_be_read_is_kept_and_not_answered(house: House) -> None:
    await house.engine.take(
        [
            Unreadable(id="u1", channel="telegram", address="", raw="{\ud800", reason="no chat"),
            Unreadable(id="u2", channel="telegram", address="alice", raw="{}", reason="odd"),
            house.says("alice", "sign"),
        ]
    )
    assert sorted(await house.reasons()) == ["no chat", "odd"]
    assert len(house.sent) == 1
    await house.hears("alice", "forget")
    assert await house.reasons() == ["no chat"]


async def test_nothing_of_a_row_that_was_tampered_with_is_believed_and_everybody_goes_on(
    house: House,
) -> None:
    await house.hears("mallory", "name X")
    async with house.store.writing() as connection:
        await connection.execute(text("UPDATE supporters SET answers_sealed = x'01ff'"))
    with structlog.testing.capture_logs() as lines:
        await house.engine.take([house.says("alice", "sign"), house.says("mallory", "sign")])
    assert (await house.counted())[SIGNATURES] == 2
    assert await house.reasons() == []
    assert [line for line in lines if line["event"] == "seal_broken"] == [
        {"column": "supporters.answers", "event": "seal_broken", "log_level": "error"}
    ]


async def test_of_an_event_that_not_even_a_dead_letter_can_hold_it_is_kept_that_it_came(
    house: House,
) -> None:
    odd = house.says("7", "Bonjour", id="half a character: \ud83d")
    with structlog.testing.capture_logs() as lines:
        await house.engine.take([house.says("8", "Bonjour"), odd])
    assert "event_not_kept" in [line["event"] for line in lines]
    assert len(await house.reasons()) == 1
    assert {out.address for out in house.sent} == {"8"}


async def test_a_dead_letter_that_cannot_be_opened_is_still_listed(house: House) -> None:
    await house.engine.take(
        [Unreadable(id="1", channel="telegram", address="", raw="x", reason="r")]
    )
    async with house.store.writing() as connection:
        await connection.execute(text("update dead_letters set sealed = x'01ff'"))
    async with house.store.reading() as connection:
        (letter,) = await dead_letters.find(connection, house.keys, limit=9)
    assert (letter.event, letter.reason) == ({}, "r")


async def test_an_apology_that_fails_too_leaves_the_dead_letter(data: Path) -> None:
    def no_words(*_: object) -> Any:
        raise KeyError("apology")

    house = await House.opened(data, apology=no_words)
    await house.engine.take([house.says("alice", "fail"), house.says("bob", "sign")])
    assert len(await house.reasons()) == 1
    assert [o.address for o in house.sent] == ["bob"]
    await house.close()


# When the machine fails


async def test_a_full_disk_acknowledges_nothing_and_what_comes_again_is_recorded_once(
    house: House,
) -> None:
    await house.hears("alice", "sign")

    async def room(pages: str) -> None:
        async with house.store.writing() as connection:
            await connection.execute(text(f"PRAGMA max_page_count = {pages}"))

    ((pages,),) = await house.rows("PRAGMA page_count")
    await room(str(pages + 2))
    events = [house.says(f"p{number}", "sign") for number in range(250)]
    with pytest.raises(OperationalError, match="full"):
        await house.engine.take(events)
    with pytest.raises(OperationalError, match="full"):
        await house.engine.take(events)
    assert (await house.counted())[SIGNATURES] == 1
    assert len(house.sent) == 1
    assert await house.count("dead_letters") == 0
    await room("1000000")
    await house.engine.take(events)
    assert (await house.counted())[SIGNATURES] == 251
    assert len(house.sent) == 251


async def test_a_caller_that_gives_up_waiting_disturbs_nobody(house: House) -> None:
    waiting = [
        asyncio.create_task(house.engine.take([house.says(f"p{n}", "sign")])) for n in range(50)
    ]
    await asyncio.sleep(0)
    for task in waiting[::2]:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert not any(task.exception() for task in waiting[1::2])
    assert await house.hears("alice", "sign") != ""
    assert (await house.counted())[SIGNATURES] == 51


async def test_closing_finishes_what_was_taken_and_refuses_the_rest(house: House) -> None:
    waiting = [
        asyncio.create_task(house.engine.take([house.says(f"p{n}", "sign")])) for n in range(500)
    ]
    await asyncio.sleep(0)
    await house.engine.close()
    await asyncio.gather(*waiting)
    assert (await house.counted())[SIGNATURES] == 500
    with pytest.raises(EngineClosed):
        await house.engine.take([house.says("late", "sign")])


async def test_the_wrong_keys_are_noticed_before_the_first_event(
    house: House, tmp_path: Path
) -> None:
    strange = Keys.open(tmp_path / "strange", database_exists=False)
    with pytest.raises(key_marks.WrongKeys):
        await tiny_campaign.engine(house.store, strange, house.sent.extend).start()


async def test_after_a_petition_is_destroyed_nobody_seems_to_have_signed(house: House) -> None:
    await house.hears("alice", "sign")
    house.keys.destroy_petition_key(PETITION, date(2026, 3, 4))
    assert "signed=0" in await house.hears("alice", "x")
    await house.engine.take([house.says("alice", "sign"), house.says("bob", "x")])
    assert [reason.split()[0] for reason in await house.reasons()] == ["LookupError"]
    assert (await house.counted())[SIGNATURES] == 1


@pytest.mark.parametrize("seconds", [0.05, 0.15, 0.3])
async def test_after_kill_9_everything_acknowledged_is_there_and_nothing_counts_twice(
    data: Path, seconds: float
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.signing_process", str(data), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    acknowledged = [int(await process.stdout.readline())]
    await asyncio.sleep(seconds)
    process.kill()
    acknowledged += [int(line) for line in (await process.stdout.read()).split(b"\n") if line]
    await process.wait()

    house = await House.opened(data)
    recorded = (await house.counted())[SIGNATURES]
    seen = {row[0] for row in await house.rows("SELECT id FROM events_seen")}
    assert {f"e{number}" for number in acknowledged} <= seen
    assert len(seen) == recorded == await house.count("outbox")
    # The platform brings again what it did not see acknowledged, and some that it did.
    await house.engine.take(
        [
            Said(id=f"e{number}", channel="telegram", address=f"p{number}", text="sign")
            for number in range(max(acknowledged) + 100)
        ]
    )
    everybody = max(acknowledged) + 100
    assert (await house.counted())[SIGNATURES] == everybody
    assert await house.count("outbox") == everybody
    await house.close()


async def test_an_engine_that_was_not_started_takes_nothing(data: Path) -> None:
    store = await SqliteDatabase.open(data)
    keys = Keys.open(data / "keys", database_exists=False)
    engine = tiny_campaign.engine(store, keys, lambda _: None)
    early = Said(id="1", channel="telegram", address="early", text="sign")
    with pytest.raises(EngineClosed):
        await asyncio.wait_for(engine.take([early]), 30)
    await store.close()


async def test_while_it_closes_an_engine_takes_nothing_more(house: House) -> None:
    first = asyncio.create_task(house.engine.take([house.says("first", "sign")]))
    await asyncio.sleep(0)
    closing = asyncio.create_task(house.engine.close())
    await asyncio.sleep(0)
    with pytest.raises(EngineClosed):
        await house.engine.take([house.says("late", "sign")])
    await asyncio.gather(first, closing)
