"""Between author and approver: sent back with a word, approved for later, nobody there to ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.broadcast_crowd import fill
from tests.program import running
from tests.recorded import rows
from tests.supporter import Supporter
from tests.telegram_server import TelegramServer
from tests.test_broadcasts import EDITOR, FIRST, SENDER, STAFF, approved, found, writes


@pytest.mark.slow
async def test_a_broadcast_comes_back_to_its_author_with_a_word_and_is_then_approved_for_later(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, [FIRST])
    server.meet(FIRST, 1)
    with running(data, server.root, **STAFF):
        editor = Supporter(server, EDITOR)
        screen = await writes(editor, "Rendez-vous samedi")
        await editor.presses("Demander la relecture", screen)
        alone = await found(server, EDITOR, "personne ne peut encore l’approuver")
        assert alone.labels == ["Ouvrir"]

        sender = await approved(server)
        screen = await sender.presses("Rendez-vous samedi · en relecture")
        await sender.presses("Renvoyer à la rédaction…", screen)
        back = await sender.says("Il manque l’heure & le lieu <ici>")
        assert "brouillon (renvoyée à la rédaction)" in back.text
        word = await found(server, EDITOR, "vous revient")
        assert "333 (envois)" in word.text
        assert word.text.endswith("Il manque l’heure & le lieu <ici>")

        screen = await editor.presses("Ouvrir", word)
        await editor.presses("Texte en français", screen)
        screen = await editor.says("Rendez-vous samedi à 15 h")
        assert "renvoyée" not in screen.text
        # In a team of two the editor sets the hour, and the sender approves it with the rest.
        await editor.presses("Heure de départ", screen)
        screen = await editor.says("2031-05-01 18:30")
        await editor.presses("Demander la relecture", screen)
        review = await found(server, SENDER, "À relire")
        await sender.presses("✅ J’approuve", review)
        told = await found(server, EDITOR, "est approuvée par 333 (envois)")
        assert "1er mai 2031, 18:30" in told.text
    assert rows(data, "select state from broadcasts") == [("approved",)]
    log = [row[0] for row in rows(data, "select act from audit order by number")]
    assert log == [
        *("new", "submit", "return", "text", "schedule", "submit", "approve"),
    ]
    assert "lieu" not in str(rows(data, "select detail from audit")), "words are not logged"
