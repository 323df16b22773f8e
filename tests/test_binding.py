"""What is sealed belongs to its row: moved to another it is not opened, and what older versions
sealed for any row is bound once, when the new one opens it first."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog
from sqlalchemy import create_engine, delete, select, text, update

from bot.campaign.effects import Evidence
from bot.campaign.messages import Rendered
from bot.campaign.signatures import Signer
from bot.keys import Keys, SealBroken
from bot.privacy import binding
from bot.privacy.kinds import Who
from bot.privacy.my_data import rows_of
from bot.store import key_marks, migrations, outbox, second_factors
from bot.store.database import DatabaseTrouble
from bot.store.people import acts, page_tokens, reminders, share_codes, web_turns
from bot.store.people import supporters as people
from bot.store.people.tables import reminders as reminders_table
from bot.store.people.tables import supporters
from bot.store.people.tables import web_turns as turns_table
from bot.store.petitions import totals
from bot.store.second_factors import StoredFactor
from bot.store.sqlite.database import SqliteDatabase, database_file
from bot.store.tables import key_marks as marks_table
from tests.house import PETITION, House, house

NOW = datetime(2026, 3, 4, 12, 34, 56, tzinfo=UTC)
HOUR = datetime(2026, 3, 4, 12, tzinfo=UTC)


async def moved(opened: House, column: Any, source: str, target: str) -> None:
    """As somebody does who can write to the database, and has no keys."""
    marks = [opened.keys.pseudonym("telegram", who) for who in (source, target)]
    async with opened.store.writing() as connection:
        taken = await connection.scalar(
            select(column).where(column.table.c.pseudonym == marks[0]).limit(1)
        )
        assert taken is not None
        await connection.execute(
            update(column.table)
            .where(column.table.c.pseudonym == marks[1])
            .values({column.name: taken})
        )


async def tells_a_name(opened: House, who: str, name: str) -> None:
    await opened.start(who)
    await opened.press(who, "act:mamat:letter")
    await opened.press(who, "risk:mamat:letter:no")
    await opened.say(who, name)


async def test_answers_that_were_moved_to_another_row_are_not_shown_there(data: Path) -> None:
    async with house(data, at=NOW) as opened:
        await tells_a_name(opened, "victim", "Gulnar")
        await opened.say("victim", "Lyon")
        await opened.start("thief")
        await opened.press("thief", "risk:mamat:letter:no")
        await moved(opened, supporters.c.answers_sealed, "victim", "thief")
        await moved(opened, supporters.c.question_sealed, "victim", "thief")
        with structlog.testing.capture_logs() as lines:
            for data_ in ("act:mamat:letter", "letter:mamat:letter", "menu"):
                await opened.press("thief", data_)
        assert not any("Gulnar" in repr(said) for said in opened.said["thief"])
        broken = [line for line in lines if line["event"] == "seal_broken"]
        assert broken == [
            {"event": "seal_broken", "column": "supporters.answers", "log_level": "error"}
        ]
        # Asked anew, and what is told then holds.
        await opened.press("thief", "risk:mamat:letter:no")
        await opened.press("thief", "rename:mamat:letter")
        await opened.say("thief", "Zoé")
        found = await read(opened, "thief")
        assert (found.first_name, found.at_risk) == ("Zoé", False)


async def read(opened: House, who: str) -> Any:
    whose = opened.keys.pseudonym("telegram", who)
    async with opened.store.reading() as connection:
        found = await people.find(connection, opened.keys, [whose])
    return found[whose].supporter.answers


async def test_an_address_that_was_moved_reaches_nobody(data: Path) -> None:
    async with house(data, at=NOW) as opened:
        for who in ("victim", "thief"):
            await opened.start(who)
        await moved(opened, supporters.c.address_sealed, "victim", "thief")
        async with opened.store.reading() as connection:
            reached = await people.reach(connection, opened.keys, limit=9)
        assert sorted(one.address for one in reached) == ["", "victim"]


async def test_a_turn_of_the_chat_page_opens_in_its_own_conversation_alone(data: Path) -> None:
    async with house(data, at=NOW) as opened:
        mine, theirs = (opened.keys.pseudonym("telegram", who) for who in ("thief", "victim"))
        for whose, said in ((theirs, "Je m’appelle Gulnar"), (mine, "Bonjour")):
            new = web_turns.NewTurns(whose, said, [{"own": {"text": said}}])
            async with opened.store.writing() as connection:
                await web_turns.add(connection, opened.keys, [new], NOW)
        await moved(opened, turns_table.c.sealed, "victim", "thief")
        async with opened.store.reading() as connection:
            assert await web_turns.since(connection, opened.keys, mine, 0) == []
            assert len(await web_turns.since(connection, opened.keys, theirs, 0)) == 1
            held = await rows_of(connection, opened.keys, Who.of(opened.keys, "telegram", "thief"))
        assert "Gulnar" not in repr(held)


async def test_a_reminder_cannot_be_turned_to_somebody_else(data: Path) -> None:
    async with house(data, at=NOW) as opened:
        for who in ("victim", "thief"):
            await opened.start(who)
            await opened.press(who, "remind:mamat:letter:tomorrow")
        async with opened.store.writing() as connection:
            rows = (await connection.execute(select(reminders_table))).all()
            await connection.execute(
                update(reminders_table)
                .where(reminders_table.c.pseudonym == rows[0].pseudonym)
                .values(whose_sealed=rows[1].whose_sealed)
            )
            due = await reminders.due(connection, opened.keys, NOW + timedelta(days=2), limit=9)
            assert [one.reminder.pseudonym for one in due] == [
                opened.keys.pseudonym("telegram", one.address) for one in due
            ]
            assert len(due) == 1


# An older database, as revision 0006 had it.

Seal = Callable[[str, bytes], bytes]


def unbound(keys: Keys) -> Seal:
    """As older versions sealed: for a purpose, and for whatever row."""

    def seal(purpose: str, plain: bytes) -> bytes:
        nonce = os.urandom(12)
        cipher = keys._sealing[keys.newest]
        return bytes((keys.newest,)) + nonce + cipher.encrypt(nonce, plain, purpose.encode())

    return seal


FACTOR = StoredFactor("o", "A" * 32, 7)
OLD = (
    "INSERT INTO supporters VALUES (:anna, 'telegram', :address, 'fr', 'mamat', NULL, '', :answers,"
    " :now, '2026-03-01', :now, NULL)",
    "INSERT INTO supporters VALUES (:bob, 'telegram', :address_of_bob, 'fr', 'mamat', :question,"
    " '', NULL, NULL, '2026-03-01', :now, :now)",
    "INSERT INTO acts VALUES (:anna, 'mamat', 'letter', 'pledged', '2026-03-01')",
    "INSERT INTO reminders VALUES (:anna, 'mamat', 'letter', '2026-03-05', :due)",
    "INSERT INTO share_codes VALUES (:anna, 'abcdefghijk')",
    "INSERT INTO page_tokens VALUES (:hash, :anna, 'telegram', :page, 'mamat', 'letter', :now)",
    "INSERT INTO signatures VALUES (:signer, 'xinjiang', 'counted', '2026-03-01', 'fr', 1, 'h',"
    " NULL, :name)",
    "INSERT INTO outbox VALUES (7, :anna, 'telegram', :out, 'conversation', :body, :now, 0, NULL)",
    "INSERT INTO web_turns VALUES (:anna, 3, 'outbox-7', :turn, :now, :now)",
    "INSERT INTO web_turns VALUES (:anna, 2, 'older', :turn, :old, :now)",
    "INSERT INTO second_factors VALUES ('o', :factor)",
    "INSERT INTO key_marks VALUES ('pseudonyms', :mark)",
    "INSERT INTO key_marks VALUES ('sealing-001', :sealing)",
)


def old_database(data: Path) -> Keys:
    keys = Keys.open(data / "keys", database_exists=False)
    seal = unbound(keys)
    marks = keys.marks(())
    page = seal("page_tokens.address", b"anna")
    values = {
        "anna": keys.pseudonym("telegram", "anna"),
        "bob": keys.pseudonym("telegram", "bob"),
        "signer": keys.petition_pseudonym("xinjiang", "telegram", "anna"),
        "address": seal("supporters.address", b"anna"),
        "address_of_bob": seal("supporters.address", b"bob"),
        "answers": seal("supporters.answers", orjson.dumps([False, "Anna", "Lyon"])),
        "question": seal("supporters.question", b"town:mamat:letter"),
        "name": seal("signatures.name", "Anna Müller".encode()),
        "hash": page_tokens._hash("token"),
        "page": page,
        "out": seal("outbox.address", b"anna"),
        "body": seal("outbox.body", orjson.dumps(Rendered("Bonjour", "fr").as_json())),
        "turn": seal("web_turns.body", orjson.dumps({"own": {"text": "Oui"}})),
        "factor": seal("second_factors.sealed", second_factors._AS_JSON.dump_json(FACTOR)),
        "mark": marks["pseudonyms"],
        "sealing": marks["sealing-001"],
        "now": round(NOW.timestamp() * 1000),
        "old": round((NOW - timedelta(days=3)).timestamp() * 1000),
        "due": round((NOW + timedelta(days=1)).timestamp() * 1000),
    }
    engine = create_engine(f"sqlite:///{database_file(data)}")
    with engine.begin() as connection:
        migrations.by_revisions(connection, "0006")
        for statement in OLD:
            wanted = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(text(statement), wanted)
    engine.dispose()
    return keys


async def test_an_older_database_is_bound_once_and_everything_in_it_is_found_again(
    data: Path,
) -> None:
    keys = old_database(data)
    anna, bob = (keys.pseudonym("telegram", who) for who in ("anna", "bob"))
    store = await SqliteDatabase.open(data)
    try:
        async with store.reading() as connection:
            with pytest.raises(key_marks.NotBound, match="start the bot once"):
                await key_marks.verify(connection, keys)
        assert await binding.bind(store, keys, NOW)
        assert not await binding.bind(store, keys, NOW)
        async with store.reading() as connection:
            found = await people.find(connection, keys, [anna, bob])
            told = found[anna].supporter.answers
            assert (told.at_risk, told.first_name, told.town, told.at) == (
                False,
                "Anna",
                "Lyon",
                HOUR,
            )
            assert found[bob].supporter.question == "town:mamat:letter"
            assert {len(one.answers_sealed or b"") for one in found.values()} == {477}
            assert {len(one.question_sealed or b"") for one in found.values()} == {93}
            assert found[bob].ended_at == HOUR
            reached = await people.reach(connection, keys, limit=9)
            assert [one.address for one in reached] == ["anna"]
            done = await acts.find(connection, keys, [anna])
            assert done == {anna: {("mamat", "letter", Evidence.PLEDGED)}}
            shared = await share_codes.find(connection, keys, [anna])
            assert shared[anna].code == "abcdefghijk"
            offered = await page_tokens.find(connection, keys, "token", NOW)
            assert offered is not None
            assert offered.address == "anna"
            listed = await totals.names(connection, keys, PETITION)
            assert listed.read == {Signer.EARLIER: ["Anna Müller"]}
            (waiting,) = await outbox.waiting(connection, keys, after=0, limit=9)
            assert waiting.outgoing is not None
            assert (waiting.outgoing.address, waiting.outgoing.message.text) == ("anna", "Bonjour")
            assert await second_factors.find(connection, keys, "o") == FACTOR
            turns = await web_turns.since(connection, keys, anna, 0)
            assert [(turn.number, turn.body) for turn in turns] == [(3, {"own": {"text": "Oui"}})]
        async with store.writing() as connection:
            (due,) = await reminders.due(connection, keys, NOW + timedelta(days=1), limit=9)
            assert (due.reminder.pseudonym, due.reminder.on) == (anna, date(2026, 3, 5))
            again = web_turns.NewTurns(anna, "outbox-7", [{"message": {}}])
            assert await web_turns.add(connection, keys, [again], NOW) == [()]
            ended = await web_turns.end(
                connection, keys, NOW + timedelta(hours=24), HOUR, after=(b"", 0), limit=9
            )
            assert ended == (1, None)
    finally:
        await store.close()


async def test_after_that_an_unbound_value_is_not_opened_nor_a_database_taken_for_older(
    data: Path,
) -> None:
    keys = old_database(data)
    store = await SqliteDatabase.open(data)
    try:
        await binding.bind(store, keys, NOW)
        anna = keys.pseudonym("telegram", "anna")
        stolen = unbound(keys)("supporters.answers", orjson.dumps([False, "Victim", "", None]))
        with pytest.raises(SealBroken):
            keys.unseal(stolen, people.ANSWERS, anna)
        async with store.writing() as connection:
            await connection.execute(update(supporters).values(answers_sealed=stolen))
            # Without keys somebody can take the mark away, so that it looks like an older one.
            await connection.execute(delete(marks_table).where(marks_table.c.name == "bound"))
        with pytest.raises(DatabaseTrouble, match="restore"):
            await binding.bind(store, keys, NOW)
        with pytest.raises(DatabaseTrouble, match="restore"):
            await binding.bind(store, Keys.open(data / "keys", database_exists=True), NOW)
    finally:
        await store.close()


async def test_a_crash_while_binding_leaves_the_older_database_as_it_was(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = old_database(data)
    store = await SqliteDatabase.open(data)
    try:
        monkeypatch.setattr(binding, "_STATEMENTS", (*binding._STATEMENTS, "UPDATE nothing_there"))
        with pytest.raises(Exception, match="incomplete"):
            await binding.bind(store, keys, NOW)
        monkeypatch.undo()
        assert await binding.bind(store, keys, NOW)
        async with store.reading() as connection:
            done = await acts.find(connection, keys, [keys.pseudonym("telegram", "anna")])
        assert len(done) == 1
    finally:
        await store.close()
