"""A broadcast that an earlier version has kept as HTML: it stays approved, and looks as it did."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.broadcasts.rendering import rendered
from bot.campaign.broadcast_rules.acts import perform
from bot.campaign.broadcast_rules.allowing import Rules
from bot.campaign.broadcast_rules.audience import Audience
from bot.campaign.broadcast_rules.broadcast import Broadcast, State
from bot.campaign.broadcast_rules.course import corrected
from bot.campaign.broadcast_rules.drafting import correction
from bot.campaign.desk_commands.broadcasts import SetText
from bot.campaign.markup import plain
from bot.campaign.scenes.staff_screens import title
from bot.campaign.staff import Member, Role
from bot.channels.telegram.capabilities import TELEGRAM
from bot.keys import Keys
from bot.store.broadcasts import records
from bot.store.broadcasts.tables import broadcasts
from bot.store.sqlite.database import SqliteDatabase
from tests.broadcast_crowd import fill, vouched
from tests.program import running
from tests.recorded import rows
from tests.shipped import shipped
from tests.telegram_server import TelegramServer
from tests.test_broadcasts import FIRST, SENDER, STAFF, approved, found, written

HTML = (
    "<b>😀 Gras &amp; <i>italique</i></b> &lt;b&gt; *litéral* _x_ [y](z)\n"
    '<a href="https://example.org/?a=1&amp;b=2">lien</a> <blockquote>cité</blockquote> '
    "<tg-spoiler>caché</tg-spoiler>"
)
READ = "😀 Gras & italique <b> *litéral* _x_ [y](z)\nlien cité caché"
HASH = "afb735acad4ca228fc5f98e54d769f9deac4a3ff41252f795b868d700019e8d1"
# As it was kept by the last version that wrote HTML, which had sent it to 15 of 60.
BODY = {
    "title": "",
    "author": "cf5c4ca0ebe0a6bf",
    "writers": ["cf5c4ca0ebe0a6bf"],
    "texts": {"fr": HTML},
    "attached": None,
    "leads": [],
    "audience": {
        "topic": "cases",
        "languages": [],
        "case": "",
        "source": "",
        "signed": "",
        "done": "",
        "pledged": "",
        "active_days": 0,
        "rest_hours": 24,
    },
    "hold_unknown": False,
    "paid": False,
    "canary": True,
    "quiet": False,
    "at": None,
    "approved_by": ["ece0078cc93faeb4"],
    "approved_hash": HASH,
    "counted": 60,
    "counted_hash": HASH,
    "corrects": 0,
    "started_at": "2026-11-25T03:58:50.497493Z",
    "ended_at": None,
    "asked": True,
    "retracted_by": "",
}
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
EDITOR = Member("cf5c4ca0ebe0a6bf", Role.EDITOR)


async def kept(data: Path) -> Broadcast:
    """It lies in the database as the earlier version has put it there."""
    store = await SqliteDatabase.open(data)
    keys = Keys.open(data / "keys", database_exists=False)
    try:
        async with store.writing() as connection:
            made = await records.add(
                connection, keys, Broadcast(audience=Audience(topic="cases")), NOW
            )
            old = {"body": json.dumps(BODY), "state": "sending"}
            where = broadcasts.c.id == made.id
            await connection.execute(update(broadcasts).where(where).values(old))
            record = await records.find(connection, made.id)
    finally:
        await store.close()
    assert record is not None
    return record.broadcast


async def test_it_stays_approved_and_is_sent_as_it_was(data: Path) -> None:
    old = await kept(data)
    campaign, wording = shipped()
    assert (old.is_approved, old.is_counted, old.fingerprint) == (True, True, HASH)
    assert rendered(old, "fr", "html", campaign, wording).text == HTML
    assert rendered(old, "fr", "plain", campaign, wording).text == READ.replace(
        "lien", "lien (https://example.org/?a=1&b=2)"
    )
    assert title(old) == "😀 Gras & italique <b> *l…"


async def test_no_other_way_of_reading_the_same_words_is_approved(data: Path) -> None:
    old = await kept(data)
    assert not old.model_copy(update={"written_in": "markup"}).is_approved


async def test_a_change_of_one_language_takes_the_others_over_as_they_were(data: Path) -> None:
    old = await kept(data)
    campaign, wording = shipped()
    draft = correction(old.model_copy(update={"state": State.DONE}), EDITOR)
    assert rendered(draft, "fr", "html", campaign, wording).text == HTML
    rules = Rules(1, campaign, (TELEGRAM,))
    both = perform(draft, SetText(draft.id, "en", "**Hello** <i>"), EDITOR, rules, NOW)
    assert plain(both.texts["fr"]) == READ
    assert rendered(both, "fr", "html", campaign, wording).text == HTML
    assert rendered(both, "en", "html", campaign, wording).text == "<b>Hello</b> &lt;i&gt;"
    whole = corrected(old, both)
    assert rendered(whole, "fr", "html", campaign, wording).text == HTML
    assert whole.is_approved


@pytest.mark.slow
async def test_one_that_is_half_sent_goes_on_and_looks_the_same_to_the_rest(
    server: TelegramServer, data: Path
) -> None:
    crowd = range(FIRST, FIRST + 60)
    await fill(data, crowd)
    server.meet(FIRST, len(crowd))
    with running(data, server.root, **STAFF, BOT_RATE="15") as bot:
        sender = await approved(server)
        await written(server, "Bonjour")
        await sender.presses("✅ J’approuve", await found(server, SENDER, "À relire"))
        await server.until(lambda: sum(server.answered[chat] for chat in crowd) > 15, 60)
        bot.kill()
    as_before(data)
    early = {chat for chat in crowd if server.answered[chat]}
    with running(data, server.root, **STAFF):
        assert (
            "environ 60, sur environ 60"
            in (await found(server, SENDER, "terminée", seconds=60)).text
        )
    assert 0 < len(early) < len(crowd)
    assert {server.last(chat).html for chat in crowd if chat not in early} == {HTML}


def as_before(data: Path) -> None:
    """The text and its approval, as the earlier version kept them."""
    ((body,),) = rows(data, "select body from broadcasts")
    now = json.loads(str(body))
    del now["written_in"]
    now |= {"texts": {"fr": HTML}}
    told = Broadcast.model_validate({**now, "written_in": "html"}).fingerprint
    now |= {"approved_hash": told, "counted_hash": told}
    with closing(sqlite3.connect(data / "campaign.sqlite3")) as connection, connection:
        connection.execute("update broadcasts set body = ?", [json.dumps(now)])
    vouched(data)
