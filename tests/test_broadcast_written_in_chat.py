"""A broadcast made in the chat alone: pictures, documents, buttons, whom it is for, corrections."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.broadcast_crowd import fill, vouched
from tests.program import running
from tests.recorded import rows
from tests.supporter import Supporter
from tests.telegram_chats import Shown
from tests.telegram_server import TelegramServer
from tests.test_broadcasts import EDITOR, FIRST, SENDER, STAFF, approved, found, writes

pytestmark = pytest.mark.slow

CROWD = range(FIRST, FIRST + 8)
"""Four of them read French, four English."""
LINK = "En savoir plus | Find out more | https://www.example.org/page"
BOLD = [{"type": "bold", "offset": 0, "length": 7}]


async def sends(
    who: Supporter, kind: str, caption: str = "", entities: list[object] | None = None
) -> Shown:
    """A picture or document from the staff; the screen that answers it."""
    more = {"caption": caption} if caption else {}
    if entities:
        more["caption_entities"] = entities
    before = who.server.answered[who.chat]
    who.server.show(who.chat, kind, **more)
    return await who.server.answer(who.chat, before)


async def without_waits(editor: Supporter, screen: Shown) -> Shown:
    """Quiet hours lifted, so that the time of day does not matter."""
    options = await editor.presses("Options", screen)
    options = await editor.presses("Heures calmes\u00a0: oui", options)
    return await editor.presses("Retour", options)


async def test_a_picture_with_its_caption_buttons_and_second_language_arrives_and_is_corrected(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, CROWD, languages=("fr", "en"))
    server.meet(FIRST, len(CROWD))
    with running(data, server.root, **STAFF):
        sender, editor = await approved(server), Supporter(server, EDITOR)
        await editor.presses("Nouvelle diffusion", await editor.says("/staff"))
        screen = await sends(editor, "photo", "Bonjour à toutes et à tous", BOLD)
        assert "Textes : français · avec image · boutons : 0" in plain(screen)
        assert "Pas de texte en anglais" in screen.text
        await editor.presses("Texte en anglais", screen)
        screen = await editor.says("Hello everybody")
        screen = await buttons_added(editor, await editor.presses("Boutons", screen))
        screen = await without_waits(editor, screen)
        await editor.presses("Demander la relecture", screen)
        await sender.presses("✅ J’approuve", await found(server, SENDER, "À relire"))
        report = await found(server, EDITOR, "Début")
        for chat in CROWD:
            (shown,) = server.chat(chat)
            french = chat % 2 == 0
            assert shown.file is not None
            assert shown.html == (
                "<b>Bonjour</b> à toutes et à tous" if french else "Hello everybody"
            )
            assert shown.labels == (
                ["Mamat Ablat", "Écrire à l’ambassade", "En savoir plus", "Ne plus recevoir"]
                if french
                else ["Mamat Ablat", "Write to the embassy", "Find out more", "No more of these"]
            )
        # By the name of its largest size: nothing is downloaded or uploaded.
        assert {asked.params["photo"] for asked in server.asked("sendPhoto")[: len(CROWD)]} == {"p"}

        draft = await editor.presses(
            "Corriger ce qui est arrivé", await editor.presses("Ouvrir", report)
        )
        draft = await editor.presses("Ouvrir", draft)
        assert "Image ou document" not in draft.labels, "a correction has no other file"
        await editor.presses("Texte en français", draft)
        refused = await sends(editor, "photo", "Bonsoir")
        assert "pas le fichier" in refused.text
        await editor.presses("Texte en français", refused)
        draft = await without_waits(editor, await editor.says("Bonsoir à toutes et à tous"))
        await editor.presses("Demander la relecture", draft)
        await sender.presses("✅ J’approuve", await found(server, SENDER, "Bonsoir"))
        await server.until(
            lambda: all(server.last(chat).text.startswith("Bonsoir") for chat in CROWD[::2])
        )
        assert all(len(server.chat(chat)) == 1 and server.last(chat).file for chat in CROWD)
    assert server.violations == []


async def buttons_added(editor: Supporter, screen: Shown) -> Shown:
    """A case, an action and a link; one too many, which is taken away again."""
    into = await editor.presses("＋ Mamat Ablat…", screen)
    screen = await editor.presses("Vers l’histoire", into)
    into = await editor.presses("＋ Akber Hushur…", screen)
    screen = await editor.presses("Vers l’histoire", into)
    into = await editor.presses("＋ Mamat Ablat…", screen)
    screen = await editor.presses("→ Écrire à l’ambassade", into)
    await editor.presses("＋ Un lien", screen)
    again = await editor.says("la page de l’organisation")
    assert "Je ne reconnais pas de lien" in again.text
    screen = await editor.says(LINK)
    assert screen.labels[:4] == [
        *("✕ Mamat Ablat", "✕ Akber Hushur", "✕ Écrire à l’ambassade", "✕ En savoir plus"),
    ]
    screen = await editor.presses("✕ Akber Hushur", screen)
    assert "3 (6 au plus)" in plain(screen)
    return await editor.presses("Retour", screen)


def plain(shown: Shown) -> str:
    return shown.text.replace("\u00a0", " ").replace("\u202f", " ")


async def test_a_seventh_button_is_not_offered_and_not_taken(
    server: TelegramServer, data: Path
) -> None:
    with running(data, server.root, **STAFF):
        editor = Supporter(server, EDITOR)
        screen = await writes(editor, "Bonjour")
        for into in (
            "mamat",
            "akber",
            "mamat:email",
            "mamat:support",
            "mamat:letter",
            "akber:post",
        ):
            server.forge(EDITOR, f"staff.lead:1:{into}", screen.id)
        full = await found(server, EDITOR, "6 (6")
        assert not [label for label in full.labels if label.startswith("＋")]
        server.forge(EDITOR, "staff.lead:1:akber:letter", screen.id)
        await found(server, EDITOR, "Il y a déjà six boutons")


async def test_a_document_joins_a_text_that_stays_and_can_be_taken_off_again(
    server: TelegramServer, data: Path
) -> None:
    with running(data, server.root, **STAFF):
        editor = Supporter(server, EDITOR)
        screen = await writes(editor, "Le rapport est paru")
        await editor.presses("Image ou document", screen)
        again = await sends(editor, "voice")
        assert "Envoyez maintenant l’image ou le document" in again.text
        screen = await sends(editor, "document", "report.pdf")
        assert "avec document" in screen.text
        assert "la légende n’a pas été reprise" in screen.text
        whom = await editor.presses("Essai", screen)
        await editor.presses("À moi", whom)
        told = await found(server, EDITOR, "arrivé chez")
        assert "1 sur 1" in told.text
        (tested,) = [shown for shown in server.chat(EDITOR) if shown.file]
        assert tested.text == "Le rapport est paru"
        screen = await editor.presses("Retour", whom)
        asked = await editor.presses("Image ou document", screen)
        screen = await editor.presses("Retirer le fichier", asked)
        assert "avec document" not in screen.text


async def test_each_condition_is_set_by_a_tap_and_counted_at_once(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, CROWD, languages=("fr", "en"))
    server.meet(FIRST, len(CROWD))
    with running(data, server.root, **STAFF):
        sender, editor = await approved(server), Supporter(server, EDITOR)
        await editor.presses("Nouvelle diffusion", await editor.says("/staff"))
        screen = await editor.presses("Pour qui", await editor.says("Hello"))
        for label in (
            "anglais",
            "Dossier\u00a0: tous",
            "Mamat Ablat",
            "Signé\u00a0: –",
            "Agi\u00a0: –",
            "Promesse\u00a0: –",
            "Actifs\u00a0: –",
            "Repos\u00a0: 24 h",
        ):
            screen = await editor.presses(label, screen)
        assert (
            "langue : anglais, dossier Mamat Ablat, ont signé, ont agi, ont promis d’agir, "
            "venus au cours des 30 derniers jours, sans diffusion depuis 72 h"
        ) in plain(screen)
        await editor.presses("Venus par\u00a0: tout", screen)
        screen = await editor.says("affiche-lyon")
        assert "venus par affiche-lyon" in screen.text
        await editor.presses("Venus par\u00a0: affiche-lyon", screen)
        screen = await editor.says("-")
        server.press(EDITOR, "Compter maintenant", screen)
        assert "0 personne" in plain(await found(server, EDITOR, "À l’heure qu’il est"))
        for name in ("case", "signed", "done", "pledged"):
            server.forge(EDITOR, f"staff.aim:1:{name}:", screen.id)
        server.press(EDITOR, "Retour", screen)
        screen = await found(server, EDITOR, "№ 1\nbrouillon")
        assert "langue : anglais, venus au cours" in plain(screen)
        await editor.presses("Demander la relecture", await without_waits(editor, screen))
        review = await found(server, SENDER, "À relire")
        assert "moins de 20 personnes" in plain(review)
        await sender.presses("✅ J’approuve", review)
        await found(server, EDITOR, "Début")
    assert [server.answered[chat] for chat in CROWD] == [0, 1] * 4
    assert rows(data, "select recipients, sent from broadcasts") == [(4, 4)]


async def test_those_who_came_by_a_poster_are_offered_and_found_by_its_code(
    server: TelegramServer, data: Path
) -> None:
    with running(data, server.root, **STAFF):
        await Supporter(server, 77).starts("mamat_s-affiche")
        editor = Supporter(server, EDITOR)
        screen = await editor.presses("Pour qui", await writes(editor, "Bonjour"))
        asked = await editor.presses("Venus par\u00a0: tout", screen)
        assert "affiche" in asked.labels
        aimed = await editor.presses("affiche", asked)
        assert "Venus par\u00a0: affiche" in aimed.labels
        await editor.presses("Venus par\u00a0: affiche", aimed)
        assert "Venus par\u00a0: affiche" in (await editor.says("s-affiche")).labels


async def test_what_shows_nothing_is_refused_when_it_is_typed(
    server: TelegramServer, data: Path
) -> None:
    with running(data, server.root, **STAFF):
        editor = Supporter(server, EDITOR)
        again = await writes(editor, "\u2800")
        assert "caractères invisibles" in again.text
        screen = await sends(editor, "photo", "\u3164")
        assert "Sa légende ne montre rien" in screen.text
        assert "Aperçu" not in screen.labels
        await editor.presses("Texte en français", screen)
        again = await editor.says("\u200b\u2060\u3164")
        assert "caractères invisibles" in again.text
        screen = await editor.says("Bonjour")
        options = await editor.presses("Options", screen)
        await editor.presses("Titre", options)
        assert "Écrivez un titre" in (await editor.says("\u3164")).text
        await editor.says("Essai")
        await editor.presses("Bandeau d’urgence", await editor.says("/staff"))
        await editor.presses("Texte en français")
        assert "Il me faut un texte" in (await editor.says("\u2800 | 24/12/2031")).text
    assert rows(data, "select count(*) from staff_settings where name like 'proposal%'") == [(0,)]
    assert server.violations == []


async def test_a_preview_that_telegram_refuses_is_told_with_its_reason_and_the_next_step(
    server: TelegramServer, data: Path
) -> None:
    with running(data, server.root, **STAFF):
        editor = Supporter(server, EDITOR)
        screen = await writes(editor, "Bonjour")
        blanked(data, "Bonjour", "\u2800")
        server.forge(EDITOR, "sbd:1:preview:", screen.id)
        told = await found(server, EDITOR, "n’y voit aucun texte")
        assert told.labels == ["Ouvrir"]
        blanked(data, "\u2800", "Bonjour")
        screen = await editor.presses("Ouvrir", told)
        await editor.presses("Image ou document", screen)
        await sends(editor, "photo")
        server.fault("sendPhoto", "fail", status=400)
        server.forge(EDITOR, "sbd:1:preview:", screen.id)
        told = await found(server, EDITOR, "Telegram le refuse et dit")
        assert "restart" in told.text
        assert "demandez un nouvel aperçu" in told.text


def blanked(data: Path, old: str, new: str) -> None:
    """As if the text had been written before such texts were refused."""
    with closing(sqlite3.connect(data / "campaign.sqlite3")) as connection, connection:
        connection.execute("update broadcasts set body = replace(body, ?, ?)", (old, new))
    vouched(data)
