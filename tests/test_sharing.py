"""Passing a case on: links, pictures and cards under a code that tells of nobody."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from pypdf import PdfReader

from bot.app import opened
from bot.campaign.inline import inline_cards
from bot.campaign.messages import Attachment, Rendered
from bot.channels.terminal.channel import Terminal
from bot.settings import Settings
from bot.store import outbox
from bot.store.outbox import Posting
from tests import shipped
from tests.program import running
from tests.recorded import number, rows
from tests.supporter import Supporter
from tests.telegram_chats import Shown
from tests.telegram_server import TelegramServer

LINK = re.compile(r"https://t\.me/campagne_test_bot\?start=mamat_f-([a-z2-7]{11})")
FRIENDS = "Qui est venu par mon lien\u202f?"


def code_in(shown: Shown) -> str:
    found = LINK.search(shown.text)
    assert found is not None, shown.text
    return found[1]


async def test_three_friends_come_by_a_link_and_only_their_number_is_told(
    server: TelegramServer, data: Path
) -> None:
    alice = Supporter(server, 71)
    with running(data, server.root) as bot:
        shared = await alice.starts("mamat-share")
        code = code_in(shared)
        assert FRIENDS not in shared.labels
        assert "@campagne_test_bot Mamat" in shared.text
        button = shared.button("Choisir à qui l’envoyer")
        assert button is not None
        chosen = button["switch_inline_query_chosen_chat"]
        assert isinstance(chosen, dict)
        assert chosen["query"] == "mamat"
        (card,) = await looked_up(server, 71, "mamat", "fr")
        assert button_of(card)["url"] == f"https://t.me/campagne_test_bot?start=mamat_f-{code}"
        assert code_in(await alice.starts("mamat-share")) == code, "the code stays"
        await alice.starts(f"mamat_f-{code}")

        for chat in (81, 82, 83):
            story = await Supporter(server, chat).starts(f"mamat_f-{code}")
            assert "1/7" in story.text
        await Supporter(server, 83).starts(f"mamat_f-{code}")
        shared = await alice.starts("mamat-share")
        more = await alice.presses("Plus", shared)
        told = await alice.presses(FRIENDS, more)
        assert "3 personnes sont venues" in told.text
        asked = await Supporter(server, 81).starts("mamat-share")
        assert FRIENDS not in asked.labels
        assert code_in(asked) != code
        for chat in (91, 92):
            await Supporter(server, chat).starts(f"mamat_f-madeup{chat}")
        assert bot.stop() == 0

    assert server.violations == []
    assert rows(data, "select source, count from arrivals order by source") == [
        ("", 1),
        ("ami", 2),  # by codes that nobody has
        (f"f-{code}", 3),
    ]
    # Nothing that is kept says who came by whom.
    assert rows(data, "select distinct source from supporters order by source") == [("",), ("ami",)]


@pytest.mark.slow
async def test_a_code_is_random_and_not_made_from_the_person(
    server: TelegramServer, tmp_path: Path
) -> None:
    codes = set()
    for run in ("one", "two"):
        data = tmp_path / run
        data.mkdir()
        keys = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        with running(data, server.root, BOT_KEYS=keys) as bot:
            codes.add(code_in(await Supporter(server, 71).starts("mamat-share")))
            assert bot.stop() == 0
    assert len(codes) == 2


async def test_picture_and_poster_carry_the_same_code_and_something_is_seen_to_happen(
    server: TelegramServer, data: Path
) -> None:
    alice = Supporter(server, 71)
    with running(data, server.root) as bot:
        shared = await alice.starts("mamat-share")
        picture = await alice.presses("Code QR", shared)
        assert picture.file is not None
        assert picture.file.media_type == "image/png"
        poster = await alice.presses("Affiche A4", shared)
        assert poster.file is not None
        text = PdfReader(io.BytesIO(poster.file.content)).pages[0].extract_text()
        assert f"start=mamat_f-{code_in(shared)}" in "".join(text.split())
        assert bot.stop() == 0
    methods = [asked.method.lower() for asked in server.requests]
    assert methods.index("sendchataction") < methods.index("sendphoto")


async def test_inline_cards_come_in_the_language_of_who_asks_and_record_nobody(
    server: TelegramServer, data: Path
) -> None:
    alice = Supporter(server, 71)
    with running(data, server.root) as bot:
        code = code_in(await alice.starts("mamat-share"))
        own = await looked_up(server, 71, "mamát", "fr")
        assert [card["id"] for card in own] == ["mamat"]
        assert "Mamat Ablat" in own[0]["title"]
        assert button_of(own[0])["url"] == f"https://t.me/campagne_test_bot?start=mamat_f-{code}"

        stranger = await looked_up(server, 99, "", "en-GB")
        assert [card["id"] for card in stranger] == ["mamat", "akber"]
        assert button_of(stranger[0])["text"] == "Read the story and act"
        assert button_of(stranger[1])["url"].endswith("?start=akber_s-ami")
        assert (
            "sentenced without a fair trial" in stranger[0]["input_message_content"]["message_text"]
        )
        # Nobody could fetch a picture from a machine without a public address.
        assert "thumbnail_url" not in stranger[0]
        assert stranger[0]["input_message_content"]["link_preview_options"] == {"is_disabled": True}

        # Whoever could be harmed by acting is given nothing that shows them.
        before = server.answered[71]
        server.forge(71, "anyrisk:share:mamat::yes")
        await server.answer(71, before, seconds=30)
        assert await looked_up(server, 71, "mamát", "fr") == []
        assert bot.stop() == 0
    assert number(data, "select count(*) from supporters") == 1
    assert number(data, "select count(*) from events_seen where id like '%inline%'") == 0
    assert number(data, "select count(*) from dead_letters") == 0


async def looked_up(
    server: TelegramServer, chat: int, query: str, language: str
) -> list[dict[str, Any]]:
    before = server.calls["answerInlineQuery"]
    person = {"id": chat, "is_bot": False, "first_name": "A", "language_code": language}
    server.raw_update(
        {"inline_query": {"id": f"inline{chat}", "from": person, "query": query, "offset": ""}}
    )
    await server.until(lambda: server.calls["answerInlineQuery"] > before, 10, "cards to be shown")
    params = [a.params for a in server.requests if a.method.lower() == "answerinlinequery"][-1]
    assert params["inline_query_id"] == f"inline{chat}"
    assert str(params["is_personal"]).lower() == "true"
    results = params["results"]
    found: list[dict[str, Any]] = orjson.loads(results) if isinstance(results, str) else results
    return found


def button_of(card: dict[str, Any]) -> dict[str, str]:
    ((button,),) = card["reply_markup"]["inline_keyboard"]
    return button  # type: ignore[no-any-return]


def test_a_case_is_found_by_any_of_its_names_and_closed_ones_are_not_offered() -> None:
    campaign, _ = shipped.shipped()

    def found(query: str) -> list[str]:
        return [card.id for card in inline_cards(query, campaign, "bot")]

    for query in ("mamat", "ABLAT", "麦麦提", "maimaiti", " Mamat Ab"):
        assert found(query) == ["mamat"]
    assert found("bonjour") == ["mamat", "akber"]
    closed = campaign.cases["akber"].model_copy(update={"state": "released"})
    campaign = campaign.model_copy(update={"cases": {**campaign.cases, "akber": closed}})
    assert found("akber") == ["mamat"]


async def test_a_document_that_cannot_be_made_is_said_with_the_way_without_it(
    tmp_path: Path,
) -> None:
    """A case that staff took away while its letter waited in the outbox."""
    said = io.StringIO()
    terminal = Terminal(documents=tmp_path / "documents", out=said, language="fr")
    settings = Settings(data_dir=tmp_path / "data", content=shipped.CONTENT, token=None)
    content = shipped.content()
    lost = Rendered(
        text="Votre lettre à imprimer",
        language="fr",
        attachment=Attachment("letter.pdf", (("case", "nobody"), ("action", "letter"))),
    )
    async with opened(settings, content, {terminal.name: terminal}) as app:
        whose = app.keys.pseudonym(terminal.name, "here")
        async with app.store.writing() as connection:
            waiting = [Posting(whose, terminal.name, "here", lost)]
            recorded = await outbox.add(connection, app.keys, waiting, datetime.now(UTC))
        app.sender.deliver(recorded)
        await app.sender.finish(10)
    assert "n’a pas pu être préparé" in said.getvalue()
    assert "Le texte, lui, est toujours là" in said.getvalue()
