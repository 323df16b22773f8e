"""Broadcasts through deaths of the process, floods, lost answers, blocks and dead connections."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.keys import Keys
from bot.store.broadcasts.deliveries import Fate
from tests.broadcast_crowd import fill
from tests.program import running
from tests.recorded import number, rows
from tests.telegram_rules import Flood
from tests.telegram_server import TelegramServer
from tests.test_broadcasts import FIRST, SENDER, STAFF, approved, found, written

pytestmark = pytest.mark.slow


def times_reached(server: TelegramServer, count: int) -> list[int]:
    return [server.answered[chat] for chat in range(FIRST, FIRST + count)]


async def sent_to(server: TelegramServer, text: str = "Des nouvelles") -> None:
    """Written by the editor and approved by the sender."""
    sender = await approved(server)
    await written(server, text)
    await sender.presses("✅ J’approuve", await found(server, SENDER, "À relire"))


async def test_four_kills_miss_nobody_and_repeat_few(server: TelegramServer, data: Path) -> None:
    crowd, kills = 600, 4
    await fill(data, range(FIRST, FIRST + crowd))
    server.meet(FIRST, crowd)
    settings = STAFF | {"BOT_RATE": "150"}
    with running(data, server.root, **settings) as bot:
        await sent_to(server)
        await asyncio.sleep(0.7)
        bot.kill()
    for _ in range(kills - 1):
        with running(data, server.root, **settings) as bot:
            before = sum(times_reached(server, crowd))
            await server.until(
                lambda so_far=before: sum(times_reached(server, crowd)) > so_far + 40, 20
            )
            bot.kill()
    with running(data, server.root, **settings):
        report = await found(server, SENDER, "terminée", seconds=60)
    reached = times_reached(server, crowd)
    assert min(reached) >= 1, "nobody is missed"
    assert sum(reached) - crowd <= 30 * kills
    assert "environ 600, sur environ 600" in report.text
    assert number(data, "select count(*) from deliveries where state = 2") == crowd


async def test_a_flood_pauses_the_broadcast_alone_and_loses_nobody(data: Path) -> None:
    async with TelegramServer(flood=Flood(40.0)) as server:
        await fill(data, range(FIRST, FIRST + 120))
        server.meet(FIRST, 120)
        with running(data, server.root, **STAFF | {"BOT_RATE": "120"}):
            await sent_to(server)
            await found(server, SENDER, "terminée", seconds=60)
        assert server.flood is not None
        assert server.flood.refused > 0, "the limit was meant to be hit"
        assert times_reached(server, 120) == [1] * 120


async def test_blocked_lost_refused_and_dropped_each_come_to_their_end(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, range(FIRST, FIRST + 10))
    server.meet(FIRST, 10)
    server._chat(FIRST).blocked = True
    server.vanish(FIRST + 1)
    with running(data, server.root, **STAFF):
        await approved(server)
        server.fault("sendMessage", "fail", status=400, chat=FIRST + 2, times=None)
        server.fault("sendMessage", "drop before", chat=FIRST + 3, times=1)
        server.fault("sendMessage", "drop after", chat=FIRST + 4, times=1)
        server.fault("sendMessage", "drop before", chat=FIRST + 5, times=None)
        server.fault("sendMessage", "fail", status=502, chat=FIRST + 6, times=2)
        await sent_to(server)
        report = await found(server, SENDER, "terminée", seconds=60)
    for few in ("blocages", "échecs", "incertains"):
        assert f"{few}\u00a0: moins de 20" in report.text
    fates = dict(rows(data, "select state, count(*) from deliveries group by state"))
    assert [fates[fate] for fate in (Fate.BLOCKED, Fate.FAILED, Fate.UNKNOWN)] == [2, 1, 1]
    reached = times_reached(server, 10)
    assert reached[3] == 1, "an answer that was lost is sent once more"
    assert reached[4] == 2, "and may arrive twice"
    assert reached[5] == 0
    assert reached[6:] == [1, 1, 1, 1]
    assert rows(data, "select sent, blocked, failed, unknown from broadcasts") == [(6, 2, 1, 1)]
    assert number(data, "select count(*) from subscriptions") == 8


async def test_cut_connections_stop_a_broadcast_for_as_long_and_lose_nobody(
    server: TelegramServer, data: Path
) -> None:
    crowd = 300
    await fill(data, range(FIRST, FIRST + crowd))
    server.meet(FIRST, crowd)
    with running(data, server.root, **STAFF | {"BOT_RATE": "60"}) as bot:
        await sent_to(server)
        await server.until(lambda: sum(times_reached(server, crowd)) > 60)
        server.fault("sendMessage", "drop before", times=None)
        await server.until(lambda: "sending_troubled" in bot.log)
        await asyncio.sleep(5)
        server.heal()
        await found(server, SENDER, "terminée", seconds=60)
        await server.until(lambda: "sending_trouble_over" in bot.log, 60)
        assert bot.log.count("sending_troubled") == bot.log.count("sending_trouble_over") == 1
    assert times_reached(server, crowd) == [1] * crowd
    assert rows(data, "select sent, unknown from broadcasts") == [(crowd, 0)]


async def test_the_canary_stops_a_broadcast_that_too_many_block(
    server: TelegramServer, data: Path
) -> None:
    crowd = 120
    await fill(data, range(FIRST, FIRST + crowd))
    server.meet(FIRST, crowd)
    for chat in range(FIRST, FIRST + crowd, 3):
        server._chat(chat).blocked = True
    with running(data, server.root, **STAFF):
        await sent_to(server)
        stopped = await found(server, SENDER, "s’est arrêtée", seconds=30)
        assert "bloqué" in stopped.text
    tried = number(data, "select sent + blocked from broadcasts")
    assert tried == 50, "the first fifty, and nobody else"
    assert rows(data, "select state from broadcasts") == [("paused",)]


async def test_a_supporter_is_answered_at_once_while_a_broadcast_waits_for_a_flood(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, range(FIRST, FIRST + 60))
    server.meet(FIRST, 60)
    with running(data, server.root, **STAFF):
        await approved(server)
        for chat in range(FIRST, FIRST + 60):
            server.fault("sendMessage", "flood", seconds=30, chat=chat, times=1)
        await sent_to(server)
        await asyncio.sleep(1)
        loop = asyncio.get_running_loop()
        asked = loop.time()
        server.start(77)
        await server.answer(77)
        assert loop.time() - asked < 1.0
        server.press(SENDER, "Pause")
        paused = await found(server, SENDER, "en pause", seconds=3)
        assert "Reprendre" in paused.labels
    assert sum(times_reached(server, 60)) == 0


async def test_who_leaves_before_their_turn_gets_nothing(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, range(FIRST, FIRST + 90))
    server.meet(FIRST, 90)
    with running(data, server.root, **STAFF, BOT_RATE="15"):
        await sent_to(server)
        await server.until(lambda: sum(times_reached(server, 90)) > 5, 10)
        keys = Keys.open(data / "keys", None, database_exists=True)
        last = max(range(FIRST, FIRST + 90), key=lambda chat: keys.pseudonym("telegram", str(chat)))
        server.text(last, "/stop")
        await server.until(lambda: server.answered[last] == 1, 10)
        await found(server, SENDER, "terminée", seconds=60)
    assert server.answered[last] == 1, "the answer to /stop, and no broadcast"
    assert number(data, 'select "left" from broadcasts') == 1
