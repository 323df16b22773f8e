"""Little data, nothing readable in a stolen database, and an end that leaves nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, select

from bot.campaign.events import Unreadable
from bot.campaign.messages import Attachment
from bot.keys import Keys, KeysMissing
from bot.privacy import resealing
from bot.privacy.kinds import BY_FORGET, CASCADE, KINDS, NOT_PERSONAL, Who, sealed_columns
from bot.privacy.my_data import MyData, rows_of
from bot.store.broadcasts import deliveries
from bot.store.every_table import metadata
from bot.store.people import erasing, web_turns
from bot.store.people.tables import supporters
from bot.store.people.web_turns import NewTurns
from bot.store.petitions.tables import signatures
from bot.store.schema import is_hidden, kind_of, purpose_of
from bot.store.sqlite.database import FILE_NAME
from tests.house import CAMPAIGN, NUMBERS, PETITION, WORDING, House, house


def test_every_table_belongs_to_one_kind_of_data() -> None:
    names = [kind.name for kind in KINDS]
    assert len(set(names)) == len(names)
    assert {table.name: kind_of(table) for table in metadata.tables.values()} == {
        table.name: kind.name for kind in KINDS for table in kind.tables
    }


def test_what_cannot_be_read_in_a_row_on_somebody_says_what_it_is() -> None:
    for kind in KINDS:
        for table in kind.tables if kind.is_personal else ():
            for column in table.c:
                if isinstance(column.type, LargeBinary):
                    known = column.name == "pseudonym" or is_hidden(column) or purpose_of(column)
                    assert known, f"{column}: neither a pseudonym, nor sealed, nor hidden"


def test_every_row_of_a_supporter_is_shown_and_has_an_end() -> None:
    for kind in KINDS:
        personal = [table for table in kind.tables if "pseudonym" in table.c]
        assert personal in ([], kind.tables), kind.name
        if not kind.is_personal:
            assert kind.ends == NOT_PERSONAL
            continue
        for table in personal:
            goes_along = any(
                key.column.table is supporters and key.ondelete == "CASCADE"
                for key in table.c.pseudonym.foreign_keys
            )
            assert goes_along == (kind.ends == CASCADE), table.name
        known = (
            CASCADE,
            BY_FORGET,
            erasing.erase,
            deliveries.erase,
            *erasing.BESIDE,
            *erasing.ASIDE,
        )
        assert kind.ends in known, kind.name


def test_every_sealed_column_is_known_to_the_change_of_keys() -> None:
    sealed = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.c
        if column.name.endswith("sealed")
    }
    assert sealed == set(sealed_columns())


def test_every_kind_is_named_in_every_language() -> None:
    for kind in KINDS:
        if kind.is_personal:
            for language in CAMPAIGN.languages:
                assert WORDING.has(f"privacy.kind.{kind.name}", language)
                for table in kind.tables:
                    for column in table.c:
                        if column.name == "pseudonym" or is_hidden(column):
                            continue
                        name = column.name
                        field = name if name == "sealed" else name.removesuffix("_sealed")
                        assert WORDING.has(f"privacy.kind.field.{field}", language), field


def canary(number: int) -> str:
    return f"kanari-{number:05d}"


async def lives(opened: House, who: str) -> None:
    """Everything that can leave a trace."""
    await opened.sign(who)
    for data in (
        f"country:{PETITION}:FR",
        f"listed:{PETITION}",
        f"namerisk:{PETITION}:no",
    ):
        await opened.press(who, data)
    await opened.say(who, f"Nom {who}")
    await opened.press(who, "risk:mamat:letter:no")
    await opened.press(who, "rename:mamat:letter")
    await opened.say(who, f"Prénom {who}"[:40])
    await opened.say(who, f"Ville {who}")
    await opened.press(who, "remind:mamat:letter:three")
    await opened.press(who, "topic:cases:on")
    await opened.say(who, f"Je suis {who}")
    number = str(next(NUMBERS))
    await opened.take(
        Unreadable(id=number, channel="telegram", address=who, raw=f"raw {who}", reason="poison")
    )
    async with opened.store.writing() as connection:
        turns = NewTurns(opened.keys.pseudonym("telegram", who), number, [{"text": who}])
        await web_turns.add(connection, opened.keys, [turns], opened.now)


async def traces(opened: House, people: Iterable[str]) -> set[bytes]:
    """What could be found of these people: addresses, pseudonyms, and every sealed value."""
    found: set[bytes] = set()
    async with opened.store.reading() as connection:
        for who in people:
            whose = Who.of(opened.keys, "telegram", who)
            found |= {who.encode(), whose.pseudonym, *whose.petitions.values()}
            for kind in KINDS:
                for table, query in kind.selects(whose) if kind.is_personal else ():
                    for row in await connection.execute(query):
                        for column, value in row._mapping.items():
                            if (table.name, str(column)) in sealed_columns() and value is not None:
                                found.add(bytes(value))
    return found


def occurrences(directory: Path, marks: Iterable[bytes]) -> list[str]:
    files = [file for file in directory.rglob("*") if file.is_file() and "keys" not in file.parts]
    contents = {file.name: file.read_bytes() for file in files}
    return [name for mark in marks for name, content in contents.items() if mark in content]


async def test_canaries_that_were_forgotten_are_nowhere(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house(data) as opened:
        people = [canary(number) for number in range(30)]
        stays = canary(99_999)
        for who in (*people, stays):
            await lives(opened, who)
        marks = await traces(opened, people)
        assert len(marks) > 30 * 12
        assert await opened.store.checkpoint()
        assert occurrences(data, marks), "the scan finds what is there"
        for number, who in enumerate(people):
            await opened.press(who, "forget:all" if number % 2 else "forget:keep")
        # The farewell was sent: nothing waits any more.
        async with opened.store.writing() as connection:
            await connection.exec_driver_sql("DELETE FROM outbox")
        assert await opened.store.scrub()
        spent = {
            opened.keys.petition_pseudonym(PETITION, "telegram", who)
            for number, who in enumerate(people)
            if not number % 2
        }
        assert occurrences(data, marks - spent) == []
        # Who left a signature is marked by what only the petition's key can make, and no more.
        assert set(occurrences(data, spent)) == {FILE_NAME}
        async with opened.store.reading() as connection:
            assert len((await connection.execute(select(supporters))).all()) == 1
    said = "".join(capsys.readouterr())
    assert not [who for who in people if who in said]


async def test_my_data_shows_everything_that_is_held(data: Path) -> None:
    async with house(data) as opened:
        await lives(opened, "anna")
        make = MyData(opened.store, opened.keys, lambda: (CAMPAIGN, WORDING), lambda: opened.now)
        told = await opened.command("anna", "mydata")
        assert told.attachment is not None
        text, document = await make(told.attachment, "fr")
        held = json.loads(document.content)["held"]
        assert set(held) == {kind.name for kind in KINDS if kind.is_personal}
        for kind in ("supporter", "updates", "acts", "reminders", "signature", "outbox"):
            assert held[kind], kind
        assert held["supporter"][0]["address"] == "anna"
        assert held["supporter"][0]["answers"][:3] == [False, "Prénom anna", "Ville anna"]
        assert held["signature"][0]["name"] == "Nom anna"
        assert held["dead_letters"][0]["sealed"]["raw"] == "raw anna"
        assert held["conversation"][0]["sealed"] == [{"text": "anna"}]
        for said in (
            "Ville anna",
            "Nom anna",
            "raw anna",
            "SIGNATURES",
            "  prénom pour la lettre : Prénom anna\n",
            "  ville ou lieu : Ville anna\n",
            "en voyage là-bas : non\n",
            "  état : comptée\n",
            "  pays : France\n",
            "– personne : Mamat Ablat\n  geste : Écrire au président\n",
            "  heure du rappel : 7 mars 2026, 18:00\n",
        ):
            assert said in text.content.decode().replace("\u00a0", " ")


async def test_my_data_says_values_in_words_and_leaves_out_the_message_that_brings_it(
    data: Path,
) -> None:
    async with house(data) as opened:
        await opened.sign("anna")
        make = MyData(opened.store, opened.keys, lambda: (CAMPAIGN, WORDING), lambda: opened.now)
        told = await opened.command("anna", "mydata")
        assert told.attachment is not None
        for language in WORDING.languages:
            text, document = await make(told.attachment, language)
            said = text.content.decode()
            assert not re.search(r'[{}"]|2026-\d\d-\d\d|\+00:00', said), said
            waiting = json.loads(document.content)["held"]["outbox"]
            assert waiting, "what else is on its way is shown"
            carried = [row["body"]["attachment"] for row in waiting]
            assert not [one for one in carried if one and "mydata" in one]


async def test_an_address_that_is_missing_shows_nothing(data: Path) -> None:
    async with house(data) as opened:
        await lives(opened, "anna")
        make = MyData(opened.store, opened.keys, lambda: (CAMPAIGN, WORDING))
        told = await opened.command("anna", "mydata")
        assert told.attachment is not None
        assert b"Ville" not in (await make(Attachment(told.attachment.kind), "fr"))[1].content


async def test_of_a_stranger_nothing_is_held(data: Path) -> None:
    async with house(data) as opened:
        await lives(opened, "anna")
        async with opened.store.reading() as connection:
            held = await rows_of(connection, opened.keys, Who.of(opened.keys, "telegram", "nobody"))
        assert not any(held.values())


async def test_a_stolen_database_shows_no_address_and_guesses_find_nobody(
    data: Path, tmp_path: Path
) -> None:
    """Not 10¹⁰ guesses but every right one: without the key, even the full list finds nobody."""
    people = [str(7_000_000_000 + number) for number in range(400)]
    async with house(data) as opened:
        await opened.sign(*people)
        await opened.store.checkpoint()
        async with opened.store.reading() as connection:
            known = set((await connection.execute(select(supporters.c.pseudonym))).scalars())
            signed = set((await connection.execute(select(signatures.c.pseudonym))).scalars())
        right = {opened.keys.pseudonym("telegram", who) for who in people}
        assert known == right
    stolen = (data / FILE_NAME).read_bytes()
    assert not [who for who in people if who.encode() in stolen]
    for key in (b"", b"\0" * 32, secrets.token_bytes(32), stolen[:32]):
        for who in people:
            for told in (who.encode(), b"telegram\0" + who.encode()):
                guess = hmac.digest(key, told, "sha256")[:16]
                assert guess not in known | signed
                assert hashlib.sha256(key + told).digest()[:16] not in known | signed
    other = Keys.open(tmp_path / "other", database_exists=False)
    assert not {other.pseudonym("telegram", who) for who in people} & known
    assert not {other.petition_pseudonym(PETITION, "telegram", who) for who in people} & signed


async def test_a_signature_and_a_supporter_share_nothing_by_which_to_join_them(
    data: Path,
) -> None:
    async with house(data) as opened:
        people = [str(number) for number in range(400)]
        await opened.sign(*people)
        async with opened.store.reading() as connection:
            known = list((await connection.execute(select(supporters.c.pseudonym))).scalars())
            signed = list((await connection.execute(select(signatures.c.pseudonym))).scalars())
        assert not set(known) & set(signed)
        # Nor does the order of the rows tell: both are sorted by what only the keys can make.
        places = {pseudonym: place for place, pseudonym in enumerate(known)}
        own = {p: n for n, p in enumerate(signed)}
        pairs = [
            (
                places[opened.keys.pseudonym("telegram", who)],
                own[opened.keys.petition_pseudonym(PETITION, "telegram", who)],
            )
            for who in people
        ]
        middle = (len(people) - 1) / 2
        spread = sum((place - middle) ** 2 for place, _ in pairs)
        together = sum((first - middle) * (second - middle) for first, second in pairs)
        assert abs(together / spread) < 0.2


async def test_a_new_key_seals_everything_anew_while_the_bot_goes_on(data: Path) -> None:
    async with house(data) as opened:
        await lives(opened, "anna")
        other = Keys.open(data / "keys", database_exists=True)
        number = other.add_sealing_key()
        # Another process has sealed with a key that this one has not seen yet.
        await resealing.reseal(opened.store, other)
        assert (await opened.press("anna", "act:mamat:letter")).block
        assert opened.keys.refresh() is False
        async with opened.store.reading() as connection:
            assert await resealing.numbers_in_use(connection) == {number}
        assert await resealing.retire(opened.store, opened.keys, opened.now) == [1]
    async with house(data) as opened:
        shown = await opened.press("anna", "act:mamat:letter")
        assert "Ville anna" in shown.block


async def test_a_lost_key_is_a_sentence(data: Path) -> None:
    async with house(data) as opened:
        await lives(opened, "anna")
    (data / "keys" / "sealing-001.key").unlink()
    with pytest.raises(KeysMissing, match="put the key files back from your backup"):
        async with house(data):
            pass


async def test_privacy_says_how_long_as_content_has_it(data: Path) -> None:
    async with house(data, at=datetime(2026, 3, 4, 12, tzinfo=UTC)) as opened:
        told = (await opened.press("anna", "howlong")).text
        for said in ("24 heures", "7 jours", "12 mois", "30 jours", "31 jours"):
            assert said in told
        assert "/mydata" in (await opened.command("anna", "privacy")).text
