"""The real program: `status` beside it and without it, and its last word before it ends."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.backups import noting
from bot.health import whereabouts
from tests.program import run, running
from tests.supporter import Supporter
from tests.telegram_server import TelegramServer
from tests.test_damage_met import damage

pytestmark = pytest.mark.slow

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
        assert await answered(f"{whereabouts.told(data)}healthz") == 200
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


async def test_on_a_disk_that_is_really_full_the_page_says_so_and_then_that_it_is_well(
    server: TelegramServer, tmp_path: Path
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m,mode=700", "tmpfs", str(small)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root can mount a file system that is soon full")
    try:
        data = small / "data"
        data.mkdir(mode=0o700)
        with running(data, server.root, BOT_STAFF=f"{OWNER}=owner") as bot:
            await Supporter(server, OWNER).starts()
            page = f"{whereabouts.told(data)}readyz"
            assert await answered(page) == 200
            full = small / "full"
            with suppress(OSError), full.open("wb") as file:
                while True:
                    file.write(bytes(4096))
            # Where the log of the database still has room, something can be recorded; it has none
            # once it was emptied or is full.
            for chat in range(1, 400):
                server.text(chat, "Bonjour")
            await until(page, 503)
            told = await shown(server, "Plus rien ne peut être enregistré")
            assert told, "past the outbox"
            full.unlink()
            await until(page, 200)
            await server.answered_all(400)
            assert await asyncio.to_thread(bot.stop) == 0
        assert "owners_told_unrecorded" in bot.log
        assert "Traceback" not in bot.log
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


async def answered(page: str) -> int:
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        return (await client.get(page)).status_code


async def until(page: str, status: int) -> None:
    async with asyncio.timeout(240):
        while await answered(page) != status:
            await asyncio.sleep(0.5)


async def shown(server: TelegramServer, begins: str) -> bool:
    async with asyncio.timeout(240):
        while not any(one.text.startswith(begins) for one in server.chat(OWNER)):
            await asyncio.sleep(0.5)
    return True
