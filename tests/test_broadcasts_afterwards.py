"""What comes after and around the sending: correct, take back, hold, be late, test, unapproved."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree

import pytest

from bot.campaign.broadcast_rules.broadcast import Broadcast
from tests.broadcast_crowd import fill, vouched
from tests.program import ROOT, running
from tests.recorded import rows
from tests.supporter import Supporter
from tests.telegram_server import TelegramServer
from tests.test_broadcasts import (
    EDITOR,
    FIRST,
    OWNER,
    SENDER,
    STAFF,
    approved,
    found,
    writes,
    written,
)

pytestmark = pytest.mark.slow


async def test_what_was_sent_is_corrected_in_place_and_then_taken_back(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, range(FIRST, FIRST + 12))
    server.meet(FIRST, 12)
    with running(data, server.root, **STAFF):
        sender = await approved(server)
        editor = await written(server, "Rendez-vous à 17 h")
        await sender.presses("✅ J’approuve", await found(server, SENDER, "À relire"))
        report = await found(server, EDITOR, "Début")
        screen = await editor.presses("Ouvrir", report)
        draft = await editor.presses("Corriger ce qui est arrivé", screen)
        draft = await editor.presses("Ouvrir", draft)
        assert "corrige la № 1" in draft.text
        await editor.presses("Texte en français", draft)
        draft = await editor.says("Rendez-vous à 18 h")
        server.forge(EDITOR, "staff.switch:2:quiet:off")
        await editor.presses("Demander la relecture", draft)
        review = await found(server, SENDER, "18 h")
        assert "moins de 20 personnes" in review.text.replace("\u00a0", " ")
        await sender.presses("✅ J’approuve", review)
        await server.until(
            lambda: all("18 h" in server.last(FIRST + n).text for n in range(12)), 20
        )
        assert all(len(server.chat(FIRST + n)) == 1 for n in range(12)), "changed, not sent anew"

        screen = await sender.presses("Ouvrir", await found(server, SENDER, "Début"))
        server.forge(SENDER, "staff.retract:1")
        await found(server, SENDER, "messages effacés")
        assert screen.labels
    assert all(server.chat(FIRST + n) == [] for n in range(12))


async def test_a_lost_answer_can_be_held_and_released_by_staff(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, range(FIRST, FIRST + 5))
    server.meet(FIRST, 5)
    with running(data, server.root, **STAFF):
        sender = await approved(server)
        editor = Supporter(server, EDITOR)
        screen = await writes(editor, "Bonjour")
        options = await editor.presses("Options", screen)
        options = await editor.presses("Réponse perdue\u00a0: renvoyer", options)
        options = await editor.presses("Heures calmes\u00a0: oui", options)
        screen = await editor.presses("Retour", options)
        await editor.presses("Demander la relecture", screen)
        server.fault("sendMessage", "drop after", chat=FIRST, times=1)
        await sender.presses("✅ J’approuve", await found(server, SENDER, "À relire"))
        report = await found(server, SENDER, "Début")
        assert "incertains\u00a0: moins de 20" in report.text
        assert server.answered[FIRST] == 1
        screen = await sender.presses("Ouvrir", report)
        sure = await sender.presses("Renvoyer les incertains (moins de 20)…", screen)
        await sender.presses("Oui, renvoyer", sure)
        await server.until(lambda: server.answered[FIRST] == 2, 15)
        done = [("done", 5, 0)]
        figures = "select state, sent, unknown from broadcasts"
        await server.until(lambda: rows(data, figures) == done, 10)


async def test_a_time_long_past_asks_again_instead_of_sending(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, range(FIRST, FIRST + 3))
    server.meet(FIRST, 3)
    with running(data, server.root, **STAFF):
        sender = await approved(server)
        editor = await written(server, "Bonjour")
        await editor.presses("Heure de départ")
        await editor.says("2031-05-01 18:30")
        await sender.presses("✅ J’approuve", await found(server, SENDER, "1er mai 2031"))
        assert editor.chat == EDITOR
    passed(data, datetime.now(UTC) - timedelta(hours=5))
    with running(data, server.root, **STAFF):
        asked = await found(server, SENDER, "devait partir il y a longtemps")
        assert not server.answered[FIRST]
        await sender.presses("Reprendre", asked)
        await server.until(lambda: all(server.answered[FIRST + n] for n in range(3)), 20)


def passed(data: Path, at: datetime) -> None:
    """As if the bot had been off since then."""
    with closing(sqlite3.connect(data / "campaign.sqlite3")) as connection, connection:
        (body,) = connection.execute("select body from broadcasts").fetchone()
        early = Broadcast.model_validate_json(body).model_copy(update={"at": at})
        kept = early.model_dump_json(exclude={"id", "state"})
        connection.execute("update broadcasts set body = ?", (kept,))
    vouched(data)


async def test_a_test_goes_to_a_named_group_and_two_owners_may_lift_the_approval(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, range(FIRST, FIRST + 2))
    server.meet(FIRST, 2)
    server.meet(888, 1)
    two = {"BOT_STAFF": f"{STAFF['BOT_STAFF']},555=owner"}
    with running(data, server.root, **two, BOT_TEST_GROUPS="bureau=888+999"):
        owner, other = Supporter(server, OWNER), Supporter(server, 555)
        for one in (owner, other):
            await one.starts()
        proposed = await owner.presses("Ne plus exiger d’accord", await owner.says("/staff"))
        assert "C’est proposé" in proposed.text
        for one in (OWNER, 555):
            assert await found(server, one, "propose de ne plus l’exiger")
        await other.presses("✅ Plus besoin d’accord", await other.says("/staff"))
        for one in (OWNER, 555):
            assert await found(server, one, "peut partir sans l’accord d’une autre personne. Si")
        assert await found(server, OWNER, "a approuvé votre proposition")
        screen = await writes(owner, "Bonjour à tous")
        await owner.presses("Groupe bureau", await owner.presses("Essai", screen))
        told = await found(server, OWNER, "arrivé chez")
        assert "1 sur 2" in told.text
        assert server.last(888).text == "Bonjour à tous"
        server.forge(OWNER, "staff.switch:1:quiet:off")
        server.forge(OWNER, "staff.submit:1")
        review = await found(server, OWNER, "À relire")
        assert "n’est pas exigé" in review.text
        await owner.presses("✅ J’approuve", review)
        await server.until(lambda: all(server.answered[FIRST + n] for n in range(2)), 20)
    details = rows(data, "select detail from audit where act = 'approve'")
    assert "0 approvals" in str(details[0][0])


async def test_a_paid_broadcast_shows_its_price_and_tells_telegram(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, range(FIRST, FIRST + 15))
    server.meet(FIRST, 15)
    with running(data, server.root, **STAFF, BOT_PAID_RATE="500"):
        sender = await approved(server)
        editor = Supporter(server, EDITOR)
        screen = await writes(editor, "Bonjour")
        options = await editor.presses("Options", screen)
        options = await editor.presses("Envoi payant\u00a0: non", options)
        options = await editor.presses("Heures calmes\u00a0: oui", options)
        await editor.presses("Demander la relecture", await editor.presses("Retour", options))
        review = await found(server, SENDER, "À relire")
        assert "2 Stars" in review.text
        await sender.presses("✅ J’approuve", review)
        await server.until(lambda: all(server.answered[FIRST + n] for n in range(15)), 20)
    sent = [a for a in server.asked("sendMessage") if int(a.params["chat_id"]) >= FIRST]
    assert {str(a.params.get("allow_paid_broadcast")).lower() for a in sent} == {"true"}


async def test_in_quiet_hours_nothing_leaves_and_staff_read_until_when(
    server: TelegramServer, data: Path
) -> None:
    content = data / "content"
    copytree(ROOT / "content", content)
    cases = content / "cases.yaml"
    # Wherever it is eleven in the evening now.
    offset = (23 - datetime.now(UTC).hour) % 24
    night = f"Etc/GMT-{offset}" if offset <= 14 else f"Etc/GMT+{24 - offset}"
    cases.write_text(cases.read_text().replace("Europe/Paris", night))
    await fill(data, range(FIRST, FIRST + 3))
    server.meet(FIRST, 3)
    with running(data, server.root, **STAFF, BOT_CONTENT=str(content)):
        sender = await approved(server)
        editor = Supporter(server, EDITOR)
        screen = await writes(editor, "Bonjour")
        assert "rien ne part avant" in screen.text
        await editor.presses("Demander la relecture", screen)
        await sender.presses("✅ J’approuve", await found(server, SENDER, "À relire"))
        await found(server, SENDER, "reprise à 08:00", seconds=15)
    assert not server.answered[FIRST]
