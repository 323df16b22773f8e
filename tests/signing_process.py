"""A process of its own that takes signatures until it is killed, and says what it acknowledged."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from pathlib import Path

import structlog

from bot.campaign.events import Said
from bot.keys import Keys
from bot.store.sqlite.database import SqliteDatabase
from tests import tiny_campaign

CALLERS = 40


async def main(data: Path) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    store = await SqliteDatabase.open(data)
    keys = Keys.open(data / "keys", database_exists=False)
    numbers = itertools.count()

    async def caller() -> None:
        for number in numbers:
            event = Said(id=f"e{number}", channel="telegram", address=f"p{number}", text="sign")
            await engine.take([event])
            # Past all buffers, as an acknowledgement to a platform would be.
            os.write(sys.stdout.fileno(), f"{number}\n".encode())

    async with tiny_campaign.engine(store, keys, lambda _: None) as engine:
        await asyncio.gather(*(caller() for _ in range(CALLERS)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
