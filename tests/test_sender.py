"""The sender: in order within a chat, paced, obedient to 429, and nothing lost in between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.campaign.channel import Made, Outgoing
from bot.campaign.messages import Attachment, Markup, Rendered, RenderedButton
from bot.channels.telegram.channel import TelegramChannel
from bot.clock import Clock, utc_now
from bot.keys import Keys
from bot.pacing import Bucket, SharedRate
from bot.sender import Sender
from bot.sender import sending as room
from bot.store import outbox, tables
from bot.store.database import Database
from bot.store.sqlite.database import SqliteDatabase
from tests.recorded import number
from tests.telegram_server import TOKEN, TelegramServer

Rows = tuple[tuple[RenderedButton, ...], ...]


class House:
    """A store, a channel and a sender, as the bot has them."""

    def __init__(self, store: Database, keys: Keys, channel: TelegramChannel, sender: Sender):
        self.store, self.keys, self.channel, self.sender = store, keys, channel, sender

    async def record(
        self,
        *told: tuple[int, str],
        attachment: str = "",
        buttons: Rows = (),
        replaces: str = "",
    ) -> list[Outgoing]:
        """Put messages (chat, text) into the outbox, as the engine does."""
        made = Attachment(attachment) if attachment else None
        postings = [
            outbox.Posting(
                self.keys.pseudonym("telegram", str(chat)),
                "telegram",
                str(chat),
                Rendered(text, "fr", attachment=made, buttons=buttons, replaces=replaces),
            )
            for chat, text in told
        ]
        async with self.store.writing() as connection:
            return await outbox.add(connection, self.keys, postings, datetime.now(UTC))

    async def say(self, *told: tuple[int, str], attachment: str = "", buttons: Rows = ()) -> None:
        self.sender.deliver(await self.record(*told, attachment=attachment, buttons=buttons))


def sent_to(server: TelegramServer) -> list[int]:
    """Whom the server let messages through to, in that order."""
    return [
        int(asked.params["chat_id"]) for asked in server.asked("sendMessage") if asked.status == 200
    ]


async def make(attachment: Attachment, language: str) -> tuple[Made, ...]:
    if attachment.kind == "broken":
        raise RuntimeError("no such document")
    if attachment.kind == "slow":
        await asyncio.sleep(20)
    return (Made("lettre.txt", "text/plain", b"Bonjour"),)


def without(rendered: Rendered, markup: Markup) -> Rendered:
    return replace(rendered, text="Le document manque ; voici comment faire sans.", attachment=None)


@asynccontextmanager
async def opened(
    data: Path,
    root: str,
    rate: float = 1000,
    read_timeout: float = 0.5,
    clock: Clock = utc_now,
) -> AsyncIterator[House]:
    known = (data / "campaign.sqlite3").exists()
    store = await SqliteDatabase.open(data)
    keys = Keys.open(data / "keys", database_exists=known)
    base_url = f"{root}/bot"
    async with TelegramChannel(TOKEN, base_url=base_url, read_timeout=read_timeout) as channel:
        sender = Sender(
            store,
            keys,
            {channel.name: channel},
            make=make,
            without=without,
            pace=SharedRate(rate),
            clock=clock,
        )
        working = asyncio.create_task(sender.run())
        try:
            yield House(store, keys, channel, sender)
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working
            await store.close()


@pytest.fixture
async def house(data: Path, server: TelegramServer) -> AsyncIterator[House]:
    for chat in range(1, 200):
        server.text(chat, "Bonjour")
    async with opened(data, server.root) as house:
        yield house


def texts(server: TelegramServer, chat: int) -> list[str]:
    return [shown.text for shown in server.chat(chat) if shown.mine]


async def test_messages_of_a_chat_keep_their_order(house: House, server: TelegramServer) -> None:
    await house.say(*((7, f"numéro {count}") for count in range(5)))
    assert await house.sender.finish(60)
    assert texts(server, 7) == [f"numéro {count}" for count in range(5)]


async def test_what_was_sent_leaves_the_outbox(house: House, data: Path) -> None:
    await house.say((7, "Bonjour"))
    assert await house.sender.finish(60)
    assert number(data, "select count(*) from outbox") == 0


async def test_how_old_a_message_is_goes_by_the_clock_that_was_handed_in(
    data: Path, server: TelegramServer
) -> None:
    server.text(7, "Bonjour")
    long_ago = datetime(2026, 1, 2, 12, tzinfo=UTC)
    store = await SqliteDatabase.open(data)
    keys = Keys.open(data / "keys", database_exists=False)
    posting = outbox.Posting(keys.pseudonym("telegram", "7"), "telegram", "7", Rendered("un", "fr"))
    async with store.writing() as connection:
        await outbox.add(connection, keys, [posting], long_ago)
        await connection.execute(update(tables.outbox).values(attempts=1))
    await store.close()
    async with opened(data, server.root, clock=lambda: long_ago) as house:
        assert await house.sender.finish(60)
    assert texts(server, 7) == ["un"]


async def test_a_message_read_from_the_outbox_before_it_was_handed_over_goes_out_once(
    data: Path, server: TelegramServer
) -> None:
    server.text(7, "Bonjour")
    store = await SqliteDatabase.open(data)
    keys = Keys.open(data / "keys", database_exists=False)
    posting = outbox.Posting(keys.pseudonym("telegram", "7"), "telegram", "7", Rendered("un", "fr"))
    async with store.writing() as connection:
        committed = await outbox.add(connection, keys, [posting], datetime.now(UTC))
    await store.close()
    async with opened(data, server.root) as house:
        await server.answer(7)
        house.sender.deliver(committed)
        await house.say((7, "deux"))
        assert await house.sender.finish(60)
    assert texts(server, 7) == ["un", "deux"]


async def test_a_chat_that_gets_much_does_not_hold_up_the_others(
    house: House, server: TelegramServer
) -> None:
    begun = time.monotonic()
    await house.say(*((7, f"numéro {count}") for count in range(8)), (8, "Bonjour"))
    assert await house.sender.finish(60)
    assert time.monotonic() - begun >= 2.5, "five at once, then about one a second"
    assert sent_to(server).index(8) < 5
    assert texts(server, 7) == [f"numéro {count}" for count in range(8)]


async def test_the_rate_over_all_chats_is_kept(data: Path, server: TelegramServer) -> None:
    for chat in range(1, 100):
        server.text(chat, "Bonjour")
    async with opened(data, server.root, rate=30) as house:
        begun = time.monotonic()
        await house.say(*((chat, "Bonjour") for chat in range(1, 71)))
        assert await house.sender.finish(60)
        assert time.monotonic() - begun >= (70 - 10) / 30 - 0.1


async def test_429_for_one_chat_holds_up_that_chat_alone(
    house: House, server: TelegramServer
) -> None:
    server.fault("sendMessage", "flood", times=1, seconds=2, chat=7)
    begun = time.monotonic()
    await house.say((7, "un"), (7, "deux"), (8, "autre"))
    assert await house.sender.finish(60)
    assert time.monotonic() - begun >= 2
    assert sent_to(server) == [8, 7, 7]
    assert texts(server, 7) == ["un", "deux"]


async def test_429_for_several_chats_holds_up_all(house: House, server: TelegramServer) -> None:
    server.fault("sendMessage", "flood", times=2, seconds=2)
    begun = time.monotonic()
    await house.say((7, "un"), (8, "deux"))
    await asyncio.sleep(0.3)
    await house.say((9, "trois"))
    assert await house.sender.finish(60)
    assert time.monotonic() - begun >= 2
    assert texts(server, 9) == ["trois"]


async def test_a_lost_answer_is_tried_again(house: House, server: TelegramServer) -> None:
    server.fault("sendMessage", "drop after", times=1)
    await house.say((7, "Bonjour"))
    assert await house.sender.finish(60)
    assert texts(server, 7) == ["Bonjour", "Bonjour"], "seen twice rather than never"


async def test_an_answer_outlives_a_lost_network(house: House, server: TelegramServer) -> None:
    await server.close()
    await house.say((7, "Bonjour"))
    assert not await house.sender.finish(1.5)
    await server.open()
    assert await house.sender.finish(60)
    assert texts(server, 7) == ["Bonjour"]


async def test_a_supporter_who_is_gone_takes_no_more_updates(
    house: House, server: TelegramServer, data: Path
) -> None:
    server.block(7)
    await house.say((7, "Bonjour"))
    assert await house.sender.finish(60)
    assert number(data, "select count(*) from outbox") == 0


async def test_leftovers_go_out_in_order_after_a_restart(
    data: Path, server: TelegramServer
) -> None:
    server.text(7, "Bonjour")
    async with opened(data, server.root) as house:
        await server.close()
        await house.say((7, "un"), (7, "deux"))
        await asyncio.sleep(0.2)
    await server.open()
    async with opened(data, server.root) as house:
        assert await house.sender.finish(60)
    assert texts(server, 7) == ["un", "deux"]


async def test_more_than_fits_in_memory_goes_out_all_the_same(
    house: House, server: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "IN_MEMORY", 20)
    monkeypatch.setattr(room, "PAGE", 10)
    for start in range(1, 151, 10):
        await house.say(*((chat, "Bonjour") for chat in range(start, start + 10)))
    assert await house.sender.finish(60)
    assert all(texts(server, chat) == ["Bonjour"] for chat in range(1, 151))


async def test_a_message_that_cannot_be_opened_does_not_hold_up_the_others(
    data: Path, server: TelegramServer
) -> None:
    server.text(7, "Bonjour")
    server.text(8, "Bonjour")
    async with opened(data, server.root) as house:
        await server.close()
        await house.say((7, "scellé avec une clé perdue"))
        await asyncio.sleep(0.1)
    key = data / "keys" / "sealing-001.key"
    key.write_bytes(bytes(32))
    await server.open()
    async with opened(data, server.root) as house:
        await house.say((8, "Bonjour"))
        assert await house.sender.finish(60)
    assert texts(server, 7) == []
    assert texts(server, 8) == ["Bonjour"]
    assert number(data, "select count(*) from outbox") == 0


async def test_a_document_goes_along(house: House, server: TelegramServer) -> None:
    await house.say((7, "Voici la lettre."), attachment="letter")
    assert await house.sender.finish(60)
    shown = server.last(7)
    assert shown.file is not None
    assert shown.file.content == b"Bonjour"
    assert server.asked("sendChatAction")


async def test_a_document_that_cannot_be_made_is_said_with_the_way_without_it(
    house: House, server: TelegramServer
) -> None:
    await house.say((7, "Voici la lettre."), attachment="broken")
    assert await house.sender.finish(60)
    assert "comment faire sans" in server.last(7).text


def test_a_bucket_lets_a_burst_pass_and_then_its_rate() -> None:
    bucket = Bucket(rate=2, burst=3)
    assert [bucket.take(100.0) for _ in range(5)] == [0, 0, 0, 0.5, 1.0]
    assert bucket.take(200.0) == 0


async def test_a_chat_that_floods_gets_its_newest_answers_and_holds_up_nobody(
    house: House, server: TelegramServer, data: Path
) -> None:
    for start in range(0, 12_000, 100):
        await house.say(*((7, f"numéro {count}") for count in range(start, start + 100)))
    await house.say((8, "Bonjour"))
    await server.answer(8)
    assert house.sender.backlog, "the one who floods still waits"
    assert number(data, "select count(*) from outbox") <= 12_001


async def test_who_taps_quickly_is_not_shown_each_step_a_second_late(
    house: House, server: TelegramServer, data: Path
) -> None:
    server.meet(77, 1)
    await house.say((77, "0"))
    screen = await server.answer(77)
    taps = await house.record(*((77, str(n)) for n in range(1, 9)), replaces=str(screen.id))
    house.sender.deliver(taps)
    house.sender.deliver(await house.record((77, "and a word below it")))
    await server.until(lambda: len(server.chat(77)) == 2)
    assert [shown.text for shown in server.chat(77)] == ["8", "and a word below it"]
    assert len(server.asked("editMessageText")) < len(taps)
    await server.until(lambda: number(data, "select count(*) from outbox") == 0)


async def test_a_429_of_an_hour_leaves_the_workers_free(
    house: House, server: TelegramServer
) -> None:
    server.fault("sendMessage", "flood", times=2, seconds=3)
    await house.say((7, "un"), (8, "deux"))
    await asyncio.sleep(0.3)
    await house.say(*((chat, "trois") for chat in range(9, 109)))
    assert await house.sender.finish(60)
    assert all(texts(server, chat) == ["trois"] for chat in range(9, 109))


async def test_plain_answers_do_not_wait_for_documents(
    house: House, server: TelegramServer
) -> None:
    await house.say(*((chat, "Voici") for chat in range(20, 120)), attachment="slow")
    await house.say((8, "Bonjour"))
    await server.answer(8)
    assert sent_to(server) == [8], "no document was ready before"


async def test_a_document_that_never_gets_made_is_given_up(
    house: House, server: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MAKING", 0.3)
    await house.say((7, "Voici"), attachment="slow")
    assert await house.sender.finish(60)
    assert "comment faire sans" in server.last(7).text


async def test_a_message_whose_links_are_refused_comes_without_them(
    house: House, server: TelegramServer
) -> None:
    rows = ((RenderedButton("Page", url="http://localhost:8080/"),), (RenderedButton("Menu", "m"),))
    await house.say((7, "Vos données"), buttons=rows)
    assert await house.sender.finish(60)
    assert server.last(7).text == "Vos données"
    assert server.last(7).labels == ["Menu"]


async def test_a_message_in_a_form_of_another_version_does_not_hold_up_the_others(
    house: House, server: TelegramServer, data: Path
) -> None:
    await house.record((7, "Bonjour"))
    async with house.store.writing() as connection:
        strange = house.keys.seal(b'{"form": "of next year"}', outbox.BODY)
        await connection.execute(update(tables.outbox).values(body_sealed=strange))
    await house.say((8, "Bonjour"))
    assert await house.sender.finish(60)
    assert texts(server, 8) == ["Bonjour"]
