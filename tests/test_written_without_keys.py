"""What somebody writes into the database without the keys is not obeyed: no broadcast goes out, no
banner is shown, and staff are told."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.campaign.broadcast_rules.allowing import NotAllowed, Rules
from bot.campaign.broadcast_rules.audience import Audience
from bot.campaign.broadcast_rules.broadcast import Broadcast, State
from bot.campaign.channel import Made
from bot.campaign.desk_commands.broadcasts import Resume
from bot.campaign.staff import Member, Role
from bot.campaign.urgent import TOLD_APPROVALS, Decision
from bot.desk import acts
from bot.desk.second_factor import SecondFactors
from bot.keys import Keys
from bot.privacy import vouching
from bot.store import audit, staff_settings
from bot.store.audit import Entry
from bot.store.broadcasts import files, records
from bot.store.database import Database
from bot.store.sqlite.database import SqliteDatabase, database_file
from tests.broadcast_crowd import fill
from tests.house import CAMPAIGN
from tests.program import run, running
from tests.recorded import number, rows
from tests.telegram_server import TelegramServer
from tests.test_broadcasts import FIRST, SENDER, STAFF, approved, found, written

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def as_approved(text: str, **more: object) -> Broadcast:
    one = Broadcast(
        id=1,
        texts={"fr": text},
        audience=Audience(topic="cases", rest_hours=0),
        author="222",
        quiet=False,
        canary=False,
        counted=40,
        **more,  # type: ignore[arg-type]
    )
    print_ = one.fingerprint
    return one.model_copy(
        update={
            "state": State.APPROVED,
            "approved_by": ("333",),
            "approved_hash": print_,
            "counted_hash": print_,
        }
    )


def write(data: Path, sql: str, values: Sequence[object] = ()) -> None:
    with closing(sqlite3.connect(database_file(data), timeout=20)) as raw, raw:
        raw.execute(sql, values)


def smuggle(data: Path, one: Broadcast) -> None:
    """As somebody with a hand on the disk, who has seen the program and not the keys."""
    body = one.model_dump_json(exclude={"id", "state", "retract", "reason"})
    write(
        data,
        "INSERT INTO broadcasts VALUES (?, ?, ?, randomblob(32), ?, 0, x'', 0, 0, 0, 0, 0, 0, '',"
        " '', '', 0, '{}', '{}')",
        (one.id, one.state.value, body, round(datetime.now(UTC).timestamp() * 1000)),
    )


@pytest.mark.slow
async def test_a_broadcast_that_was_written_into_the_database_reaches_nobody(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, range(FIRST, FIRST + 40))
    server.meet(FIRST, 40)
    with running(data, server.root, **STAFF):
        await approved(server)
    smuggle(data, as_approved("Venez tous à cette adresse"))
    write(data, "INSERT INTO staff_settings VALUES ('approvals', '0', randomblob(32))")
    told = run("audit", "verify", data=data)
    assert told.returncode == 6
    assert "Broadcast 1 was written or changed by somebody without the keys." in told.stdout
    assert "The setting approvals was written" in told.stdout
    with running(data, server.root, **STAFF):
        notice = await found(server, SENDER, "est annulée")
        assert "sans les clés du bot" in notice.text
    assert rows(data, "select state, reason from broadcasts") == [("cancelled", "forged")]
    assert [row[0] for row in rows(data, "select act from audit")] == ["forged"]
    assert number(data, "select count(*) from deliveries") == 0
    assert sum(server.answered[chat] for chat in range(FIRST, FIRST + 40)) == 0


@pytest.mark.slow
async def test_one_that_is_changed_while_it_is_sent_stops(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, range(FIRST, FIRST + 200))
    server.meet(FIRST, 200)
    with running(data, server.root, **STAFF | {"BOT_RATE": "40"}):
        sender = await approved(server)
        await written(server, "Des nouvelles")
        await sender.presses("✅ J’approuve", await found(server, SENDER, "À relire"))
        await server.until(lambda: reached(server) > 20, 30)
        write(data, "UPDATE broadcasts SET body = replace(body, 'Des nouvelles', 'Autre chose')")
        await found(server, SENDER, "est annulée", 30)
        there = reached(server)
    assert there < 200
    assert rows(data, "select state, reason from broadcasts") == [("cancelled", "forged")]


def reached(server: TelegramServer) -> int:
    return sum(server.answered[chat] for chat in range(FIRST, FIRST + 200))


# Within the house: who may make it the bot's own, and what an update takes over.


async def test_nobody_can_make_it_the_bots_own_by_acting_on_it(data: Path) -> None:
    store, keys = await empty(data)
    try:
        smuggle(data, as_approved("Venez"))
        async with store.writing() as connection:
            acting = acting_as("333", connection, keys)
            with pytest.raises(NotAllowed, match="changed"):
                await acts.act(acting, Resume(1))
            assert await records.forged(connection, keys) == [1]
    finally:
        await store.close()


async def test_another_picture_in_the_place_of_the_approved_one_is_no_picture(data: Path) -> None:
    store, keys = await empty(data)
    try:
        async with store.writing() as connection:
            name = await files.add(connection, Made("a.png", "image/png", b"approved"))
            await files.uploaded(connection, keys, name, "at the platform")
            found = await files.find(connection, keys, name)
            assert found is not None
            assert found[1] == "at the platform"
        write(data, "UPDATE broadcast_files SET ref = 'another one'")
        async with store.reading() as connection:
            found = await files.find(connection, keys, name)
            assert found is not None
            assert (found[0].content, found[1]) == (b"approved", "")
        write(data, "UPDATE broadcast_files SET content = x'ff'")
        async with store.reading() as connection:
            assert await files.find(connection, keys, name) is None
    finally:
        await store.close()


async def test_an_update_takes_over_what_the_log_confirms_and_nothing_else(data: Path) -> None:
    store, keys = await empty(data)
    try:
        confirmed = as_approved("Bonjour")
        for one in (
            confirmed,
            as_approved("Venez").model_copy(update={"id": 2}),
            as_approved("Encore").model_copy(update={"id": 3, "state": State.DONE}),
            as_approved("Repris").model_copy(
                update={"id": 4, "state": State.DONE, "retract": "asked"}
            ),
        ):
            smuggle(data, one)
        write(data, "UPDATE broadcasts SET retract = 'asked' WHERE id = 4")
        for name, value in (("approvals", "0"), ("banner", "x"), ("case.mamat", "paused")):
            write(data, "INSERT INTO staff_settings VALUES (?, ?, x'')", (name, value))
        async with store.writing() as connection:
            entries = [
                Entry("333", "approve", 1, f"approved {confirmed.fingerprint} 40 recipients"),
                # Of another text than what stands there now.
                Entry("333", "approve", 2, f"approved {confirmed.fingerprint} 40 recipients"),
                Entry("111", "approvals", 0, "0"),
                Entry("111", "propose", 0, "case.mamat=paused"),
            ]
            await audit.add(connection, keys, entries, NOW)
            await vouching.vouch_for_older(connection, keys, NOW)
            assert await records.forged(connection, keys) == []
            found = await records.in_states(connection, State, keys)
            assert [(one.broadcast.state, one.broadcast.reason) for one in found] == [
                (State.APPROVED, ""),
                (State.PAUSED, "unproven"),
                (State.DONE, ""),
                (State.DONE, "unproven"),
            ]
            assert [one.broadcast.retract for one in found] == [""] * 4
            kept = await staff_settings.values(connection, keys)
            assert kept == {"approvals": "0", "case.mamat": "paused"}
            # Paused without an approval, it is not resumed by one press.
            acting = acting_as("333", connection, keys)
            with pytest.raises(NotAllowed, match="changed"):
                await acts.act(acting, Resume(2))
            unshown = await records.not_shown(connection, [State.PAUSED], NOW - timedelta(days=1))
            assert [one.broadcast.id for one in unshown] == [2]
    finally:
        await store.close()


async def test_what_waits_for_a_second_person_or_to_be_told_goes_on_where_the_log_confirms_it(
    data: Path,
) -> None:
    banner = json.dumps({"banner": {"fr": "Urgent"}})
    decided = Decision(("222",), "111", True, "0").kept
    kept = {
        "proposal.approvals": json.dumps([["111"], "0"]),
        "proposal.banner": json.dumps([["222"], banner]),
        "proposal.case.mamat": json.dumps([["222"], "died"]),
        "proposal.case.akber": "no JSON",
        "decided.case.mamat": decided,
        "decided.case.akber": decided,
        "decided.broadcast.3": decided,
        TOLD_APPROVALS: "1",
    }
    store, keys = await empty(data)
    try:
        for name, value in kept.items():
            write(data, "INSERT INTO staff_settings VALUES (?, ?, x'')", (name, value))
        async with store.writing() as connection:
            entries = [
                Entry("111", "approvals", 0, "0"),
                Entry("222", "propose", 0, f"banner={banner}"),
                Entry("333", "propose", 0, "case.mamat=died"),
                Entry("111", "confirm", 0, "case.mamat=0123456789abcdef"),
                Entry("111", "return", 3, "review"),
            ]
            await audit.add(connection, keys, entries, NOW)
            await vouching.vouch_for_older(connection, keys, NOW)
            assert set(await staff_settings.values(connection, keys)) == {
                "proposal.approvals",
                "proposal.banner",
                "decided.case.mamat",
                "decided.broadcast.3",
                TOLD_APPROVALS,
            }
    finally:
        await store.close()


async def test_a_wish_for_fewer_eyes_that_was_refused_is_not_taken_for_granted(data: Path) -> None:
    store, keys = await empty(data)
    try:
        write(data, "INSERT INTO staff_settings VALUES ('approvals', '0', x'')")
        async with store.writing() as connection:
            entries = [Entry("111", "approvals", 0, "0"), Entry("444", "refuse", 0, "approvals=")]
            await audit.add(connection, keys, entries, NOW)
            await vouching.vouch_for_older(connection, keys, NOW)
            assert await staff_settings.values(connection, keys) == {}
    finally:
        await store.close()


async def test_a_log_that_was_tampered_with_confirms_nothing(data: Path) -> None:
    store, keys = await empty(data)
    try:
        one = as_approved("Bonjour")
        smuggle(data, one)
        strange = Keys.open(data / "other", database_exists=False)
        async with store.writing() as connection:
            entry = Entry("333", "approve", 1, f"approved {one.fingerprint}")
            await audit.add(connection, strange, [entry], NOW)
            await vouching.vouch_for_older(connection, keys, NOW)
            (found,) = await records.in_states(connection, State, keys)
            assert found.broadcast.state is State.PAUSED
    finally:
        await store.close()


async def empty(data: Path) -> tuple[Database, Keys]:
    return await SqliteDatabase.open(data), Keys.open(data / "keys", database_exists=False)


def acting_as(mark: str, connection: AsyncConnection, keys: Keys) -> acts.Acting:
    member, factors = Member(mark, Role.SENDER), SecondFactors(keys, asked=False)
    return acts.Acting(connection, keys, member, Rules(1, CAMPAIGN, ()), NOW, factors)
