"""The urgent banner and the states of cases, set in the chat by two people."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from tests.program import running
from tests.recorded import rows
from tests.supporter import Supporter
from tests.telegram_server import TelegramServer
from tests.test_broadcasts import EDITOR, OWNER, SENDER, STAFF, found

pytestmark = pytest.mark.slow

MAMATS_LETTER = {"case": "mamat", "action": "letter", "language": "fr", "number": "0"}


async def test_a_banner_stands_above_every_screen_once_another_one_has_approved_it(
    server: TelegramServer, data: Path
) -> None:
    with running(data, server.root, **STAFF):
        editor, sender = Supporter(server, EDITOR), Supporter(server, SENDER)
        alice = Supporter(server, 77)
        menu = await editor.says("/staff")
        screen = await editor.presses("Bandeau d’urgence", menu)
        await editor.presses("Texte en français", screen)
        wrong = await editor.says("Aucun jour")
        assert "Il me faut" in wrong.text
        proposed = await editor.says("Écrivez pour <Alex> aujourd’hui | 2031-12-24")
        assert "Proposé par 222 (rédaction)" in proposed.text
        assert "✅ J’approuve" not in proposed.labels
        assert "Alex" not in (await alice.starts()).text

        waits = "Bandeau d’urgence · à approuver"
        screen = await sender.presses(waits, await sender.says("/staff"))
        placed = await sender.presses("✅ J’approuve", screen)
        assert "En place jusqu’au 24 décembre 2031" in placed.text
        told = await found(server, EDITOR, "a approuvé votre proposition")
        assert "Écrivez pour <Alex> aujourd’hui" in told.text
        shown = await seen_with(alice, "Écrivez pour <Alex> aujourd’hui")
        assert shown.startswith("Urgent")

        editor_screen = await editor.presses("Bandeau d’urgence", await editor.says("/staff"))
        await editor.presses("Proposer de le retirer", editor_screen)
        await found(server, SENDER, "222 (rédaction) propose un changement")
        screen = await sender.presses(waits, await sender.says("/staff"))
        assert "propose de le retirer" in screen.text
        gone = await sender.presses("✅ J’approuve", screen)
        assert "Aucun bandeau" in gone.text
        await seen_with(alice, "Aucune question n’est en attente")
    acts = [row[0] for row in rows(data, "select act from audit order by number")]
    assert acts == ["propose", "confirm", "propose", "confirm"]


async def seen_with(supporter: Supporter, part: str) -> str:
    """What a supporter sees, once the bot has taken notice (half a second)."""
    for _ in range(20):
        shown = await supporter.says("/cancel")
        if part in shown.text and ("Urgent" in shown.text) == ("Alex" in part):
            return shown.text
    raise AssertionError(f"{part!r} was never shown, but {shown.text!r}")


async def test_a_case_is_closed_in_the_chat_and_stays_closed_after_a_start(
    server: TelegramServer, data: Path
) -> None:
    with running(data, server.root, **STAFF):
        owner, sender = Supporter(server, OWNER), Supporter(server, SENDER)
        screen = await owner.presses("État des dossiers", await owner.says("/staff"))
        screen = await owner.presses("Changer l’état\u00a0: Mamat Ablat", screen)
        screen = await owner.presses("Mamat\u00a0: libération", screen)
        assert "libération, proposé par 111 (responsable)" in screen.text
        screen = await sender.presses(
            "État des dossiers · à approuver", await sender.says("/staff")
        )
        await sender.presses("✅ J’approuve", screen)
    with running(data, server.root, **STAFF) as bot:
        alice = Supporter(server, 77)
        await alice.starts()
        closed = await alice.starts("mamat-letter")
        assert "libéré" in closed.text
        page = re.findall(r"The chat page: (\S+)", bot.log)[0]
        async with httpx.AsyncClient(trust_env=False) as client:
            letter = (await client.get(f"{page}compose/letter", params=MAMATS_LETTER)).json()
        assert letter["active"] is False, "the page knows it as well"
