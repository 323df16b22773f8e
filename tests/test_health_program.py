"""The real program: `status` beside it and without it, and its last word before it ends."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.backups import noting
from bot.health import whereabouts
from tests.program import run, running
from tests.supporter import Supporter
from tests.telegram_server import TelegramServer
from tests.test_damage_met import damage

OWNER = 900


async def status(data: Path, *options: str) -> tuple[int, str]:
    found = await asyncio.to_thread(run, "status", *options, data=data)
    assert "Traceback" not in found.stderr
    return found.returncode, found.stdout or found.stderr


async def test_status_asks_the_bot_that_runs_and_else_its_files(
    server: TelegramServer, data: Path
) -> None:
    with running(data, server.root) as bot:
        await Supporter(server, 77).starts("mamat")
        code, said = await status(data)
        assert code == 0, said
        assert "All is well." in said
        assert "telegram     heard " in said
        assert "0 messages wait" in said
        code, said = await status(data, "--json")
        told = json.loads(said)
        assert (code, told["running"], told["ready"], told["troubles"]) == (0, True, True, [])
        with urllib.request.urlopen(f"{whereabouts.told(data)}healthz", timeout=30) as answer:
            assert answer.read() == b"ok"
        bot.kill()
    code, said = await status(data)
    assert code == 4
    assert "The bot does not answer on this machine" in said
    assert "0 messages wait" in said or "disk" in said
    assert "All is well" not in said


async def test_status_of_a_bot_that_never_ran_says_what_to_do(data: Path) -> None:
    code, said = await status(data)
    assert code == 3
    assert "start the bot once" in said


async def test_owners_are_told_before_the_bot_ends_for_damage(
    server: TelegramServer, data: Path
) -> None:
    with running(data, server.root, BOT_STAFF=f"{OWNER}=owner") as bot:
        await Supporter(server, OWNER).starts()
        await server.until(lambda: not server.waiting)
        damage(data, "signatures")
        server.forge(79, "sign:xinjiang:fr")
        assert await asyncio.to_thread(bot.process.wait, 60) == 8
    assert server.newest[OWNER].text.startswith("La base de données est endommagée")


def test_a_backup_is_noted_for_the_bot_and_for_nobody_else(data: Path, tmp_path: Path) -> None:
    assert run("chat", "--case", "mamat", data=data, said="/start\n").returncode == 0
    assert noting.last(data) is None
    assert run("backup", str(tmp_path / "backups"), data=data).returncode == 0
    last = noting.last(data)
    assert last is not None
    assert timedelta() <= datetime.now(UTC) - last < timedelta(minutes=1)
    assert (data / noting.FILE).stat().st_mode & 0o077 == 0
    (data / noting.FILE).write_text("yesterday")
    assert noting.last(data) is None
