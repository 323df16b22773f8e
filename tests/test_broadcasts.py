"""Broadcasts in the real program: written, approved by another one, delivered, reported."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.broadcast_crowd import fill
from tests.program import running
from tests.recorded import number, rows
from tests.supporter import Supporter
from tests.telegram_chats import Shown
from tests.telegram_server import TelegramServer

STAFF = {
    "BOT_STAFF": "111=owner,222=editor,333=sender,444=analyst",
    "BOT_CANARY_MINUTES": "0",
}
OWNER, EDITOR, SENDER = 111, 222, 333
FIRST = 5000


async def found(server: TelegramServer, chat: int, part: str, seconds: float = 20) -> Shown:
    """The newest message of the chat with that in it, once it is there."""

    def look() -> list[Shown]:
        return [shown for shown in server.chat(chat) if part in shown.text]

    await server.until(lambda: bool(look()), seconds, f"{part!r} in chat {chat}")
    return look()[-1]


async def writes(author: Supporter, text: str) -> Shown:
    """A new broadcast, begun with this text; its screen."""
    await author.presses("Nouvelle diffusion", await author.says("/staff"))
    return await author.says(text)


async def written(server: TelegramServer, text: str) -> Supporter:
    """The editor has written a broadcast without quiet hours, and asked for a review."""
    editor = Supporter(server, EDITOR)
    screen = await writes(editor, text)
    options = await editor.presses("Options", screen)
    options = await editor.presses("Heures calmes\u00a0: oui", options)
    screen = await editor.presses("Retour", options)
    await editor.presses("Demander la relecture", screen)
    return editor


async def approved(server: TelegramServer) -> Supporter:
    """The sender has read what the bot asks to be reviewed, and approved it."""
    sender = Supporter(server, SENDER)
    await sender.says("/staff")
    return sender


async def test_a_broadcast_goes_from_the_editor_through_the_sender_to_every_subscriber(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, range(FIRST, FIRST + 120), languages=("fr", "en"))
    server.meet(FIRST, 120)
    with running(data, server.root, **STAFF) as bot:
        sender = await approved(server)
        await written(server, "Des nouvelles de Mamat")
        review = await found(server, SENDER, "À relire")
        assert "environ 120 personnes" in review.text.replace("*", "")
        await sender.presses("✅ J’approuve", review)
        await found(server, EDITOR, "environ 120, sur environ 120")
        report = await found(server, EDITOR, "terminée")
        assert "environ 120, sur environ 120" in report.text
        await server.until(
            lambda: any(shown.file for shown in server.chat(EDITOR)), 30, "the chart"
        )
        assert bot.stop() == 0
    for chat in range(FIRST, FIRST + 120):
        (shown,) = server.chat(chat)
        assert shown.text == "Des nouvelles de Mamat"
        assert shown.labels[-1] in ("Ne plus recevoir", "No more of these")
    assert number(data, "select count(*) from deliveries where state = 2") == 120
    assert rows(data, "select state, sent from broadcasts") == [("done", 120)]
    acts = [row[0] for row in rows(data, "select act from audit order by number")]
    assert acts == ["new", "switch", "submit", "approve", "start", "finish"]
    assert server.violations == []


@pytest.mark.slow
async def test_the_author_cannot_approve_and_a_change_voids_the_approval(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, range(FIRST, FIRST + 3))
    server.meet(FIRST, 3)
    with running(data, server.root, **STAFF):
        owner = Supporter(server, OWNER)
        sender = await approved(server)
        screen = await writes(owner, "Bonjour")
        at = await owner.presses("Heure de départ", screen)
        assert "Europe/Paris" in at.text
        screen = await owner.says("2031-05-01 18:30")
        assert "1er mai 2031, 18:30" in screen.text
        await owner.presses("Demander la relecture", screen)
        review = await found(server, SENDER, "À relire")
        approval = approve_data(review)
        server.forge(OWNER, approval, screen.id)
        refused = await found(
            server, OWNER, "L’accord doit venir d’une personne qui n’y a rien écrit"
        )
        assert "en relecture" in refused.text
        done = await sender.presses("✅ J’approuve", review)
        assert "approuvée" in done.text
        await found(server, OWNER, "est approuvée par 333 (envois)")
        await owner.presses("Texte en français", await owner.presses("Actualiser", refused))
        changed = await owner.says("Bonsoir")
        assert "brouillon" in changed.text
        before = server.answered[SENDER]
        server.forge(SENDER, approval, done.id)
        again = await server.answer(SENDER, before)
        assert "plus possible" in again.text, "the approval of the earlier text is void"
    assert rows(data, "select state from broadcasts") == [("draft",)]


def approve_data(review: Shown) -> str:
    button = review.button("✅ J’approuve")
    assert button is not None
    return str(button["callback_data"])


@pytest.mark.slow
async def test_nobody_else_knows_of_the_staff_menu(server: TelegramServer, data: Path) -> None:
    with running(data, server.root, **STAFF):
        alice = Supporter(server, 77)
        await alice.starts()
        unknown = await alice.says("/nonsense")
        staff = await alice.says("/staff")
        assert staff.text == unknown.text
        for data_ in (
            "staff",
            "staff.new",
            "staff.show:1",
            "staff.approve:1:0123456789abcdef",
            "sbd:1:approve:0123456789abcdef",
            "staff.approvals:0",
        ):
            before = server.answered[77]
            server.forge(77, data_)
            shown = await server.answer(77, before, seconds=10)
            assert "Ce bouton ne mène plus nulle part" in shown.text
    assert number(data, "select count(*) from broadcasts") == 0


@pytest.mark.slow
async def test_one_tap_ends_the_news_and_leaves_the_message(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, [FIRST])
    server.meet(FIRST, 1)
    with running(data, server.root, **STAFF):
        sender = await approved(server)
        await written(server, "Des nouvelles")
        await sender.presses("✅ J’approuve", await found(server, SENDER, "À relire"))
        news = await found(server, FIRST, "Des nouvelles")
        alice = Supporter(server, FIRST)
        left = await alice.presses("Ne plus recevoir", news)
        assert "C’est arrêté" in left.text
        assert left.id != news.id
        assert server.chat(FIRST)[0].text == "Des nouvelles"
    assert number(data, "select count(*) from subscriptions") == 0


@pytest.mark.slow
async def test_pausing_takes_effect_within_a_second_and_cancelling_ends_it(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, range(FIRST, FIRST + 400))
    server.meet(FIRST, 400)
    with running(data, server.root, **STAFF, BOT_RATE="30"):
        sender = await approved(server)
        await written(server, "Des nouvelles")
        await sender.presses("✅ J’approuve", await found(server, SENDER, "À relire"))
        progress = await found(server, SENDER, "▓", seconds=30)
        pressed = time.monotonic()
        await sender.presses("Pause", progress)
        await asyncio.sleep(1.0)
        after_a_second = reached(server)
        await asyncio.sleep(1.0)
        assert reached(server) == after_a_second, "nothing leaves a second after the pause"
        assert 0 < after_a_second < 400
        assert time.monotonic() - pressed < 10
        paused = await found(server, SENDER, "en pause")
        sure = await sender.presses("Annuler…", paused)
        ended = await sender.presses("Oui, annuler", sure)
        assert "annulée" in ended.text
    assert number(data, "select count(*) from deliveries where state = 1") == 0
    assert number(data, "select sent from broadcasts") == after_a_second


def reached(server: TelegramServer) -> int:
    return sum(1 for chat in range(FIRST, FIRST + 400) if server.answered[chat])
