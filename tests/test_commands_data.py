"""Commands about data, beside the running program: counted, handed over, sealed anew, decided."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert

from bot.keys import Keys
from bot.store import migrations
from bot.store.tables import key_marks
from tests.program import run, running
from tests.recorded import rows
from tests.supporter import Supporter
from tests.telegram_server import TelegramServer

pytestmark = pytest.mark.slow


async def command(*arguments: str, data: Path) -> str:
    """Its output, after it ended well; the running bot's event loop is another process's."""
    result = await asyncio.to_thread(run, *arguments, data=data)
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    return result.stdout


async def test_commands_work_beside_the_running_bot(server: TelegramServer, data: Path) -> None:
    anna = Supporter(server, 7_000_000_123)
    with running(data, server.root) as bot:
        await anna.starts("mamat-sign")
        await anna.presses("✍️ Je signe")
        await anna.presses("Indiquer mon pays", await anna.presses("Plus"))
        await anna.says("Belgique")

        assert "all right" in await command("recount", data=data)
        out = data.parent / "pack"
        assert "petition.pdf" in await command("handover", "xinjiang", "--out", str(out), data=data)
        assert json.loads((out / "totals.json").read_bytes())["signers"]["account"]["total"] == 1
        assert "would go" in await command("purge", "--dry-run", data=data)
        assert "nothing waits" in await command("pending", "list", data=data)

        assert "key 2" in await command("keys", "rotate", data=data)
        shown = await anna.says("/mydata")
        assert "Deux fichiers" in shown.text
        await command("keys", "retire", data=data)
        assert bot.stop() == 0
    with running(data, server.root) as bot:
        await anna.says("/forget")
        await anna.presses("Tout effacer, signature comprise")
        assert bot.stop() == 0
    assert rows(data, "select count(*) from signatures") == [(0,)]
    assert rows(data, "select count(*) from supporters") == [(0,)]
    assert "7000000123" not in bot.log
    for file in data.glob("campaign*"):
        assert b"7000000123" not in file.read_bytes()


async def test_a_recount_that_finds_something_says_so_by_its_exit_code(
    server: TelegramServer, data: Path
) -> None:
    anna = Supporter(server, 7_000_000_123)
    with running(data, server.root) as bot:
        await anna.starts("mamat-sign")
        await anna.presses("✍️ Je signe")
        assert bot.stop() == 0
    with sqlite3.connect(data / "campaign.sqlite3") as connection:
        connection.execute(
            "update counters set value = 9 where name = 'signatures:account:xinjiang'"
        )
    looked = run("recount", "--only-look", data=data)
    assert (looked.returncode, looked.stdout) == (
        5,
        "signatures:account:xinjiang: was 9, rows say 1\n",
    )
    assert run("recount", data=data).returncode == 5
    assert run("recount", data=data).returncode == 0


async def test_only_looking_leaves_the_tables_of_an_older_version_as_they_are(data: Path) -> None:
    older = create_engine(f"sqlite:///{data / 'campaign.sqlite3'}")
    keys = Keys.open(data / "keys", database_exists=False)
    with older.begin() as connection:
        migrations.by_revisions(connection, "0001")
        marks = [{"name": n, "mark": mark} for n, mark in keys.marks(["xinjiang"]).items()]
        connection.execute(insert(key_marks), marks)
    older.dispose()
    before = (data / "campaign.sqlite3").read_bytes()
    for looking in (["recount", "--only-look"], ["purge", "--dry-run"], ["broadcast", "list"]):
        told = run(*looking, data=data)
        assert (told.returncode, "older version" in told.stderr) == (3, True), told.stderr
        assert "Traceback" not in told.stderr
    assert (data / "campaign.sqlite3").read_bytes() == before
    assert run("upgrade", data=data).returncode == 0
    assert run("recount", "--only-look", data=data).returncode == 0
    assert rows(data, "select version_num from alembic_version") == [(migrations.HEAD,)]


def test_without_a_database_a_sentence_says_what_to_do(data: Path) -> None:
    nowhere = data / "nowhere"
    for arguments in (["recount"], ["purge"], ["keys", "rotate"], ["pending", "list"]):
        result = run(*arguments, data=data, BOT_DATA_DIR=str(nowhere))
        assert result.returncode == 3
        assert "start the bot once" in result.stderr
        assert "Traceback" not in result.stderr
        assert not nowhere.exists()


def test_wrong_words_are_told_what_would_be_right(data: Path) -> None:
    (data / "campaign.sqlite3").touch()
    for arguments, said in (
        (["pending", "accept", "xinjiang", "yesterday"], "write it like 2026-03-05"),
        (["pending", "reopen", "nope", "2026-03-05"], "choose one of xinjiang"),
        (["pending", "take-out", "xinjiang", "2026-03-05", "x"], "is no lot"),
        (["pending", "reject", "xinjiang", "2026-03-05", "--reason", "x"], "choose one of"),
        (
            ["pending", "accept", "xinjiang", "2026-03-05", "--reason", "copies"],
            "choose one of genuine, campaign",
        ),
        (["handover", "xinjiang", "--out", "p", "--language", "xx"], "choose one of fr, en"),
    ):
        result = run(*arguments, data=data)
        assert result.returncode == 2
        assert said in result.stderr
