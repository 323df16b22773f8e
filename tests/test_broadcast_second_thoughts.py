"""Paused, corrected half way, taken back, cancelled: what staff change their minds about."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.keys import Keys
from tests.broadcast_crowd import fill, vouched
from tests.program import running
from tests.recorded import number, rows
from tests.supporter import Supporter
from tests.telegram_server import TelegramServer
from tests.test_broadcast_turns import URGENT, sent_from_file
from tests.test_broadcasts import EDITOR, FIRST, OWNER, SENDER, STAFF, approved, found

pytestmark = pytest.mark.slow

CROWD = range(FIRST, FIRST + 90)
HALF_WAY = 20


async def half_sent(server: TelegramServer, data: Path) -> tuple[Supporter, Supporter]:
    """Sender and owner; a broadcast to ninety people is paused half way."""
    sender, owner = await approved(server), Supporter(server, OWNER)
    await owner.says("/staff")
    await sent_from_file(server, data, URGENT, 1)
    await server.until(lambda: reached(server) > HALF_WAY)
    server.forge(SENDER, "staff.pause:1")
    await found(server, SENDER, "▓")
    await found(server, SENDER, "en pause")
    return sender, owner


def reached(server: TelegramServer) -> int:
    return sum(1 for chat in CROWD if server.chat(chat))


def texts(server: TelegramServer) -> set[str]:
    return {shown.text for chat in CROWD for shown in server.chat(chat)}


async def test_a_correction_half_way_reaches_those_who_had_it_and_those_who_get_it(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, CROWD)
    server.meet(FIRST, len(CROWD))
    with running(data, server.root, **STAFF, BOT_RATE="20"):
        sender, owner = await half_sent(server, data)
        talker = next(chat for chat in CROWD if server.chat(chat))
        server.text(talker, "merci !")
        server.forge(OWNER, "staff.correct:1")
        await found(server, OWNER, "Un brouillon de correction")
        server.forge(OWNER, "staff.text:2:fr")
        await found(server, OWNER, "Envoyez maintenant le texte")
        await owner.says("À 18 h")
        for data_ in ("staff.switch:2:quiet:off", "staff.submit:2"):
            server.forge(OWNER, data_)
        review = await found(server, SENDER, "pour corriger la № 1")
        await sender.presses("✅ J’approuve", review)
        await server.until(lambda: number(data, "select sent from broadcasts where id = 2") > 0)
        # Who talks about it right now has the wrong words before their eyes: they do not wait.
        await server.until(lambda: "À 18 h" in {s.text for s in server.chat(talker)})
        server.forge(SENDER, "staff.resume:1")
        await server.until(lambda: reached(server) == len(CROWD), 30)
        done = [("done",), ("done",)]
        await server.until(lambda: rows(data, "select state from broadcasts") == done, 30)
    assert "Urgent" not in texts(server)
    assert sum(text.text == "À 18 h" for chat in CROWD for text in server.chat(chat)) == len(CROWD)


async def test_taking_back_half_way_ends_it_and_everybody_sees_so(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, CROWD)
    server.meet(FIRST, len(CROWD))
    with running(data, server.root, **STAFF, BOT_RATE="20", BOT_PAID_RATE="1000"):
        sender, _ = await half_sent(server, data)
        sure = await sender.presses("Annuler…", await found(server, SENDER, "▓"))
        # The question stays to be read: the progress is another message.
        assert "Annuler" in sure.text
        server.press(SENDER, "Retour", sure)
        screen = await found(server, SENDER, "№ 1\nen pause")
        server.press(SENDER, "Effacer chez tout le monde…", screen)
        sure = await found(server, SENDER, "Le reste ne partira plus")
        server.press(SENDER, "Oui, effacer chez tout le monde", sure)
        begun = await found(server, SENDER, "L’effacement commence")
        server.forge(SENDER, "staff.resume:1")
        await found(server, SENDER, "messages effacés")
        assert reached(server) == 0
        deletions = [asked.at for asked in server.asked("deleteMessage")]
        assert deletions[-1] - deletions[0] > len(deletions) / 20 / 2, "nobody pays for these"
        await found(server, SENDER, "Début")  # the report of what was sent
        server.press(SENDER, "Actualiser", begun)
        screen = await found(server, SENDER, "annulée, effacée (")
        assert "Effacer chez tout le monde…" not in screen.labels
        assert "annulée" in (await found(server, SENDER, "▓")).text
    assert rows(data, "select state from broadcasts") == [("cancelled",)]


async def test_taking_back_waits_for_what_is_on_its_way(server: TelegramServer, data: Path) -> None:
    await fill(data, CROWD)
    server.meet(FIRST, len(CROWD))
    for chat in CROWD:
        server.fault("sendMessage", "slow", seconds=2, chat=chat, times=None)
    with running(data, server.root, **STAFF):
        await approved(server)
        await Supporter(server, OWNER).says("/staff")
        await sent_from_file(server, data, URGENT, 1)
        on_its_way = "select count(*) from deliveries where state = 1"
        await server.until(lambda: number(data, on_its_way) > 0)
        server.forge(SENDER, "staff.pause:1")
        server.forge(SENDER, "staff.retract:1")
        gone = await found(server, SENDER, "messages effacés", 30)
        assert gone.text.endswith("moins de 20."), "how many could not be is not told to one"
    assert number(data, "select count(*) from deliveries where state = 7") > 0
    assert reached(server) == 0, "nobody keeps what landed after the press"


async def test_who_never_stops_talking_holds_nobody_else_up(
    server: TelegramServer, data: Path
) -> None:
    crowd = range(FIRST, FIRST + 5)
    await fill(data, crowd)
    server.meet(FIRST, len(crowd))
    with running(data, server.root, **STAFF):
        await approved(server)
        await Supporter(server, OWNER).says("/staff")
        await sent_from_file(server, data, URGENT.replace("Urgent", "D’abord"), 1)
        await server.until(lambda: rows(data, "select state from broadcasts") == [("done",)])
    talk(data)
    with running(data, server.root, **STAFF):
        await Supporter(server, FIRST).says("merci !")
        await found(server, SENDER, "En conversation avec le bot en ce moment\u00a0: ", 30)
        await sent_from_file(server, data, URGENT, 2)
        await server.until(
            lambda: rows(data, "select state from broadcasts where id = 2") == [("done",)], 30
        )
    assert number(data, "select count(*) from broadcasts where state = 'sending'") == 1


def talk(data: Path) -> None:
    """One recipient of the first broadcast is left, and has just written."""
    with closing(sqlite3.connect(data / "campaign.sqlite3")) as database, database:
        keys = Keys.open(data / "keys", None, database_exists=True)
        whose = keys.pseudonym("telegram", str(FIRST))
        now = round(datetime.now(UTC).timestamp() * 1000)
        database.execute("update supporters set seen_at = ? where pseudonym = ?", (now, whose))
        database.execute("update deliveries set state = 0 where pseudonym = ?", (whose,))
        database.execute("update broadcasts set state = 'sending', sent = sent - 1")
    vouched(data)


async def test_what_telegram_will_not_take_is_told_by_the_preview(
    server: TelegramServer, data: Path
) -> None:
    with running(data, server.root, **STAFF):
        editor = Supporter(server, EDITOR)
        await editor.presses("Nouvelle diffusion", await editor.says("/staff"))
        server.photo(EDITOR, "Bonjour")
        screen = await found(server, EDITOR, "avec image")
        server.fault("sendPhoto", "fail", status=400)
        server.press(EDITOR, "Aperçu", screen)
        told = await found(server, EDITOR, "n’est pas arrivé en entier")
        assert "Telegram le refuse et dit" in told.text
        server.fault("sendPhoto", "flood", seconds=1)
        server.press(EDITOR, "Aperçu", screen)
        await server.until(lambda: any(shown.file for shown in server.chat(EDITOR)))
