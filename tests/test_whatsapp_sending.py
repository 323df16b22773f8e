"""The sender on WhatsApp: what a status tells later, and one person's flood that delays nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.campaign.channel import Made, Outgoing, Refused, Sent
from bot.campaign.messages import Attachment, Rendered
from bot.channels.whatsapp.channel import WhatsAppChannel
from bot.channels.whatsapp.http import Graph
from bot.channels.whatsapp.posts import Came
from bot.keys import Keys
from bot.pacing import SharedRate
from bot.sender import Sender
from bot.store import outbox
from bot.store.sqlite.database import SqliteDatabase
from tests.recorded import number
from tests.whatsapp_posts import NUMBER_ID, person
from tests.whatsapp_server import TOKEN, WhatsAppServer

SAID = {"more": "Plus", "rest": "Voici :", "choose": "Choisir"}


async def make(attachment: Attachment, language: str) -> tuple[Made, ...]:
    return ()


class House:
    """A store, the channel and a sender; statuses are told by hand."""

    def __init__(
        self, store: SqliteDatabase, keys: Keys, channel: WhatsAppChannel, sender: Sender
    ) -> None:
        self.store, self.keys, self.channel, self.sender = store, keys, channel, sender

    async def say(self, *told: tuple[int, str]) -> list[Outgoing]:
        addresses = [person(who).user_id for who, _ in told]
        postings = [
            outbox.Posting(
                self.keys.pseudonym("whatsapp", address), "whatsapp", address, Rendered(text, "fr")
            )
            for address, (_, text) in zip(addresses, told, strict=True)
        ]
        async with self.store.writing() as connection:
            outgoing = await outbox.add(connection, self.keys, postings, datetime.now(UTC))
        self.sender.deliver(outgoing)
        return outgoing

    def told(self, mark: str, result: Sent | Refused = Sent("")) -> None:  # noqa: B008
        found = self.channel.settled(Came(f"{mark}/1/1", "sent", result))
        if found is not None:
            self.sender.settled(*found)


@asynccontextmanager
async def opened(data: Path, meta: WhatsAppServer) -> AsyncIterator[House]:
    known = (data / "campaign.sqlite3").exists()
    store = await SqliteDatabase.open(data)
    keys = Keys.open(data / "keys", database_exists=known)
    graph = Graph(meta.root, TOKEN, read_timeout=0.3)
    async with WhatsAppChannel(graph, NUMBER_ID, words=lambda language: SAID) as channel:
        sender = Sender(
            store,
            keys,
            {channel.name: channel},
            make=make,
            without=lambda rendered, markup: rendered,
            pace=SharedRate(1000),
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
async def meta() -> AsyncIterator[WhatsAppServer]:
    async with WhatsAppServer() as server:
        for who in range(40):
            server.wrote(who)
        yield server


def texts(meta: WhatsAppServer, who: int) -> list[str]:
    return [one.text for one in meta.seen(who)]


async def test_a_status_settles_an_unknown_send_and_what_stands_behind_it_goes_on(
    meta: WhatsAppServer, data: Path
) -> None:
    async with opened(data, meta) as house:
        meta.fault("drop after", whom=person(1).user_id)
        first, _ = await house.say((1, "un"), (1, "deux"))
        await meta.until(lambda: texts(meta, 1) == ["un"])
        await house.say((2, "autre"))
        await meta.until(lambda: texts(meta, 2) == ["autre"], what="another person")
        assert texts(meta, 1) == ["un"], "it may have arrived: its status is waited for"
        house.told(first.mark)
        await meta.until(lambda: texts(meta, 1) == ["un", "deux"])
        assert await house.sender.finish(30)
        assert number(data, "select count(*) from outbox") == 0
    assert max(meta.marks.values()) == 1, "nothing was sent twice"


@pytest.mark.slow
async def test_a_failed_status_of_an_unknown_send_ends_it(meta: WhatsAppServer, data: Path) -> None:
    async with opened(data, meta) as house:
        meta.fault("drop before", whom=person(1).user_id)
        (first,) = await house.say((1, "un"))
        await meta.until(lambda: bool(house.sender.backlog) and meta.calls.total() > 0)
        while house.channel._on_the_way.get(first.mark) is None:
            await asyncio.sleep(0.01)
        await house.say((2, "autre"))
        await meta.until(lambda: texts(meta, 2) == ["autre"])
        house.told(first.mark, Refused("window closed", permanent=True))
        assert await house.sender.finish(30)
    assert texts(meta, 1) == []


async def test_the_status_of_a_message_that_an_earlier_run_had_sent_keeps_it_from_going_out_again(
    meta: WhatsAppServer, data: Path
) -> None:
    async with opened(data, meta) as house:
        meta.fault("drop after", whom=person(1).user_id)
        (first,) = await house.say((1, "un"))
        await meta.until(lambda: texts(meta, 1) == ["un"])
    assert number(data, "select count(*) from outbox") == 1
    async with opened(data, meta) as house:
        while number(data, "select count(*) from outbox"):
            house.told(first.mark)  # Meta posts it again and again
            await asyncio.sleep(0.01)
    assert texts(meta, 1) == ["un"]


async def test_marks_of_other_messages_change_nothing(meta: WhatsAppServer, data: Path) -> None:
    async with opened(data, meta) as house:
        house.told("7-0123456789abcdef")
        (one,) = await house.say((1, "un"))
        house.told(f"{one.id}-0123456789abcdef")
        assert await house.sender.finish(30)
    assert texts(meta, 1) == ["un"]


@pytest.mark.slow
async def test_one_person_who_gets_too_much_delays_nobody_else(
    meta: WhatsAppServer, data: Path
) -> None:
    async with opened(data, meta) as house:
        for who in (1, 2, 3):
            meta.fault("fail", code=131056, times=1, whom=person(who).user_id)
        await house.say((1, "un"), (2, "un"), (3, "un"), *((who, "un") for who in range(4, 30)))
        everybody = range(1, 30)
        await meta.until(lambda: all(texts(meta, who) == ["un"] for who in everybody))
        assert not house.sender._all_wait_until
        assert await house.sender.finish(30)
