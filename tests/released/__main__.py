"""Records what the version of the program in this directory leaves behind: once, at its release.

    python -m tests.released 0.1.0

The real program talks to a few supporters and to staff at the local Bot API server; its database
becomes text (``VERSION.sql``), its keys base64 (``VERSION.json``). What was recorded is never
changed: ``tests/test_upgrade.py`` brings it up to date with each later version.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import sqlite3
import tempfile
from pathlib import Path

from tests.program import run, running
from tests.telegram_server import TelegramServer

STAFF = {"BOT_STAFF": "111=owner:Anna,222=editor:Boris", "BOT_CANARY_MINUTES": "0"}
NEWS = """\
title: News
topic: cases
texts:
  fr: Des nouvelles de Mamat.
  en: News of Mamat.
quiet_hours: false
"""


async def talk(server: TelegramServer) -> None:
    """Three supporters sign, tell that it could harm them, take news, send and promise letters; one
    withdraws, one erases everything, one is in the middle of a question; staff look around."""
    turns = (
        (77, ("/start mamat_s-affiche", "!sign:xinjiang:fr", "!will:mamat:letter")),
        (77, ("!remind:mamat:letter:week", "!topic:cases:on", "!share:mamat")),
        (78, ("/start akber", "!sign:xinjiang:en", "!did:akber:letter", "!topic:cases:on")),
        (79, ("/start mamat", "!anyrisk:actions:mamat:yes", "!sign:xinjiang:fr")),
        (80, ("/start mamat", "!sign:xinjiang:fr", "!unsign:xinjiang")),
        (81, ("/start akber", "!sign:xinjiang:fr", "!forget:yes")),
        (82, ("/start mamat", "!act:mamat:letter", "!risk:mamat:letter:no", "Camille")),
        (111, ("/start", "/staff")),
        (222, ("/start", "/staff")),
    )
    for chat, said in turns:
        for one in said:
            before = server.answered[chat]
            if one.startswith("!"):
                server.forge(chat, one[1:])
            elif one.startswith("/start"):
                server.start(chat, one.removeprefix("/start").strip())
            else:
                server.text(chat, one)
            await server.answer(chat, before)
    await server.until(lambda: not server.waiting, what="all to be acknowledged")


async def record(data: Path) -> None:
    """Fill the data directory."""
    (data / "news.yaml").write_text(NEWS, encoding="utf-8")
    async with TelegramServer() as server:
        with running(data, server.root, **STAFF) as bot:
            await talk(server)
            made = await asyncio.to_thread(run, "broadcast", "new", "news.yaml", data=data, **STAFF)
            assert made.returncode == 0, made.stderr
            assert await asyncio.to_thread(bot.stop) == 0


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("version")
    version = parser.parse_args().version
    with tempfile.TemporaryDirectory() as place:
        data = Path(place) / "data"
        data.mkdir(mode=0o700)
        asyncio.run(record(data))
        database = sqlite3.connect(data / "campaign.sqlite3")
        here = Path(__file__).parent
        (here / f"{version}.sql").write_text("\n".join(database.iterdump()) + "\n")
        database.close()
        keys = {
            file.name: base64.b64encode(file.read_bytes()).decode()
            for file in sorted((data / "keys").iterdir())
        }
        (here / f"{version}.json").write_text(json.dumps(keys, indent=1) + "\n")


if __name__ == "__main__":
    main()
