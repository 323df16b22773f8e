"""Broadcasts and the audit log from the shell, beside a running bot and without one."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.broadcasts import file_format
from bot.channels.registered import ALL
from bot.channels.telegram.capabilities import TELEGRAM
from bot.content_files import load_valid
from bot.keys import Keys
from bot.store import audit
from bot.store.sqlite.database import SqliteDatabase
from tests.broadcast_crowd import drafted, fill
from tests.program import run, running
from tests.recorded import number, rows
from tests.telegram_server import TelegramServer
from tests.test_broadcasts import FIRST, SENDER, STAFF, approved, found

CAMPAIGN, _ = load_valid(Path(__file__).parent.parent / "content", ALL)
PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89"
    b"\0\0\0\rIDATx\x9cc\xf8\xff\xff?\0\5\xfe\2\xfe\xa75\x81\x84\0\0\0\0IEND\xaeB`\x82"
)
UPDATE = """\
title: Nouvelles de mars
topic: cases
texts:
  fr: |
    **Bonjour**, voici des nouvelles de *Mamat* & Akber.
  en: "Hello, here is news."
picture: photo.png
buttons:
  - case: mamat
  - action: akber letter
  - link: https://www.example.org/page
    label: {fr: "En savoir plus", en: "Find out more"}
quiet_hours: false
canary: false
"""


async def shell(*arguments: str, data: Path, **settings: str) -> tuple[int, str]:
    done = await asyncio.to_thread(run, *arguments, data=data, **settings)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
async def test_a_file_becomes_a_broadcast_with_picture_buttons_and_both_languages(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, range(FIRST, FIRST + 20), languages=("fr", "en"))
    server.meet(FIRST, 20)
    (data / "update.yaml").write_text(UPDATE)
    (data / "photo.png").write_bytes(PNG)
    with running(data, server.root, **STAFF):
        sender = await approved(server)
        code, said = await shell("broadcast", "new", "update.yaml", data=data)
        assert (code, "Broadcast 1 is a draft" in said) == (0, True), said
        menu = await sender.says("/staff")
        draft = await sender.presses("Nouvelles de mars · brouillon", menu)
        assert "avec image" in draft.text
        refused = server.forge(SENDER, "staff.submit:1", draft.id)
        assert refused
        owner = await approved_by_owner(server)
        screen = await owner.presses("Nouvelles de mars · brouillon")
        await owner.presses("Aperçu", screen)
        await server.until(lambda: sum(bool(one.file) for one in server.chat(111)) == 2, 10)
        assert [shown.text for shown in server.chat(111) if shown.file] == [
            "Bonjour, voici des nouvelles de Mamat & Akber.",
            "Hello, here is news.",
        ]
        server.forge(111, "staff.submit:1")
        await sender.presses("✅ J’approuve", await found(server, SENDER, "À relire"))
        await found(server, SENDER, "terminée", seconds=30)
        code, said = await shell("broadcast", "list", data=data)
        assert "1  done       Nouvelles de mars             about 20 of about 20 sent" in said
        code, said = await shell("broadcast", "show", "1", data=data)
        assert "sent:        about 20" in said
        code, said = await shell("broadcast", "pause", "1", data=data)
        assert (code, "not possible in its present state" in said) == (2, True)
        code, said = await shell("audit", "verify", data=data)
        assert (code, "all right" in said) == (0, True)
    for chat in range(FIRST, FIRST + 20):
        (shown,) = server.chat(chat)
        assert shown.file is not None
        french = chat % 2 == 0
        assert shown.labels == (
            ["Mamat Ablat", "Écrire à l’ambassade", "En savoir plus", "Ne plus recevoir"]
            if french
            else ["Mamat Ablat", "Write to the embassy", "Find out more", "No more of these"]
        )
    photos = [asked.params["photo"] for asked in server.asked("sendPhoto")]
    uploads = [one for one in photos if not isinstance(one, str) and one.name == "photo.png"]
    assert len(uploads) == 1, "the picture is uploaded once and then named"


async def approved_by_owner(server: TelegramServer):  # type: ignore[no-untyped-def]
    from tests.supporter import Supporter

    owner = Supporter(server, 111)
    await owner.says("/staff")
    return owner


@pytest.mark.slow
async def test_the_shell_pauses_and_resumes_a_running_broadcast(
    server: TelegramServer, data: Path
) -> None:
    await fill(data, range(FIRST, FIRST + 300))
    server.meet(FIRST, 300)
    with running(data, server.root, **STAFF | {"BOT_RATE": "40"}):
        sender = await approved(server)
        await drafted(data, 'texts: {fr: "Bonjour"}\nquiet_hours: false\ncanary: false\n')
        await approved_by_owner(server)
        server.forge(111, "staff.submit:1")
        await sender.presses("✅ J’approuve", await found(server, SENDER, "À relire"))
        await server.until(lambda: server.answered.total() > 30, 10)
        code, said = await shell("broadcast", "pause", "1", data=data)
        assert (code, "paused" in said) == (0, True), said
        await asyncio.sleep(1.0)
        reached = number(data, "select sent from broadcasts")
        await asyncio.sleep(0.5)
        assert number(data, "select sent from broadcasts") == reached < 300
        code, said = await shell("broadcast", "resume", "1", data=data)
        assert (code, "sending" in said) == (0, True), said
        code, said = await shell("broadcast", "show", "1", "--watch", data=data)
        assert "done" in said
    assert number(data, "select sent from broadcasts") == 300


MISTAKES = (
    ("texts:\n  fr: Bonjour\ntopc: cases\n", 'update.yaml:3:1: unknown name "topc" (did you mean'),
    ("texts:\n  de: Hallo\n", 'update.yaml:2:7: nobody reads "de"'),
    ("texts: {fr: a}\nbuttons:\n  - case: akbar\n", "update.yaml:3:3: there is no case akbar"),
    ("texts: {fr: a}\naudience:\n  signed: perhaps\n", "update.yaml:3:11: signed: perhaps"),
    ("texts: {fr: a}\nat: tomorrow\n", "update.yaml:2:5: tomorrow is no time"),
    ("texts: {fr: a}\npicture: none.png\n", "none.png cannot be read (put it beside this file)"),
    (f"texts:\n  fr: {'x' * 4100}\n", "update.yaml:2:7: the text is 4 characters too long"),
    ("- a\n", "update.yaml:1:1: the file holds no broadcast"),
    ("texts: {fr: a}\nbuttons:\n  - case\n", "update.yaml:3:5: a button is a case, an action"),
    ("texts: {fr: '{{ name }}'}\n", "update.yaml:1:13: placeholders mean nothing here"),
)


@pytest.mark.parametrize(("written", "told"), MISTAKES)
def test_a_mistake_in_a_file_is_told_with_line_column_and_remedy(
    written: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = Path("update.yaml")
    file.write_text(written)
    read = file_format.load(file, CAMPAIGN, (TELEGRAM,), datetime.now(UTC))
    assert read.broadcast is None
    assert any(str(problem).find(told) >= 0 for problem in read.errors), read.errors


async def test_a_file_with_mistakes_makes_no_broadcast(data: Path) -> None:
    await fill(data, [1])
    (data / "update.yaml").write_text(MISTAKES[1][0])
    code, said = await shell("broadcast", "new", "update.yaml", data=data)
    assert code == 1
    assert MISTAKES[1][1] in said
    assert "Traceback" not in said
    assert number(data, "select count(*) from broadcasts") == 0


@pytest.mark.slow
async def test_a_changed_or_shortened_log_is_found(server: TelegramServer, data: Path) -> None:
    with running(data, server.root, **STAFF):
        owner = await approved_by_owner(server)
        await owner.presses("Ne plus exiger d’accord")
        server.forge(111, "staff.approvals:1")
        await server.until(lambda: number(data, "select count(*) from audit") == 2, 10)
    code, said = await shell("audit", "verify", data=data)
    assert (code, said.strip()) == (0, "2 entries, all right")
    connection = sqlite3.connect(data / "campaign.sqlite3")
    try:
        for statement in ("update audit set detail = '0'", "delete from audit"):
            with pytest.raises(sqlite3.IntegrityError, match="only grows"):
                connection.execute(statement)
        guard = "select sql from sqlite_master where name = 'audit_no_update'"
        (mended,) = connection.execute(guard).fetchone()
        connection.execute("drop trigger audit_no_update")
        connection.execute("update audit set who = 'bot' where number = 1")
        connection.execute(mended)
        connection.commit()
    finally:
        connection.close()
    code, said = await shell("audit", "verify", data=data)
    assert (code, "from entry 1 on" in said) == (6, True)
    assert rows(data, "select act from audit order by number") == [("approvals",), ("approvals",)]


async def test_a_log_whose_last_entries_were_taken_away_does_not_pass_for_a_whole_one(
    data: Path,
) -> None:
    await fill(data, [1])
    store = await SqliteDatabase.open(data)
    keys = Keys.open(data / "keys", None, database_exists=True)
    entries = [audit.Entry("owner", act) for act in ("new", "approve", "start")]
    async with store.writing() as connection:
        await audit.add(connection, keys, entries, datetime.now(UTC))
    async with store.reading() as connection:
        assert await audit.verify(connection, keys) == (3, None)
    async with store.writing() as connection:
        # Whoever writes to the database mends the counter as well; the end they cannot make.
        await connection.execute(text("drop trigger audit_no_delete"))
        await connection.execute(text("delete from audit where number = 3"))
        await connection.execute(text("update sequences set last = 2 where name = 'audit'"))
    async with store.reading() as connection:
        assert await audit.verify(connection, keys) == (2, 3)
    await store.close()
