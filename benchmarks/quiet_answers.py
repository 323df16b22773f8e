"""How long one lone answer takes, with nothing else to do: beside the two echo bots.

    python -m benchmarks.quiet_answers [--answers 60] [--rounds 5]

Somebody new writes every tenth of a second; the clock stops when the bot's first message has
reached the Bot API server of the tests, which is in this process. The bots take turns.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time

from benchmarks.answered_updates import PROGRAMS, ROOT
from tests.telegram_server import TOKEN, TelegramServer

PAUSE = 0.1
GIVE_UP = 120.0


async def answers(program: list[str], number: int) -> list[float]:
    """Milliseconds of each answer."""
    with tempfile.TemporaryDirectory() as data:
        async with TelegramServer(checks=False, record=False) as server:
            settings = {
                "BOT_TOKEN": TOKEN,
                "BOT_API_URL": server.root,
                "BOT_DATA_DIR": data,
                "BOT_PORT": "0",
            }
            bot = subprocess.Popen(
                [sys.executable, *program],
                cwd=ROOT,
                env={**os.environ, **settings},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                await server.until(lambda: server._polls > 0, GIVE_UP, "the first poll")
                await asyncio.sleep(2)
                took = [await _answer(server, chat) for chat in range(1, number + 6)]
            finally:
                bot.terminate()
                await asyncio.to_thread(bot.wait, 20)
    return took[5:]


async def _answer(server: TelegramServer, chat: int) -> float:
    begun = time.perf_counter()
    server.text(chat, "bonjour")
    await server.until(lambda: server.answered[chat] > 0, GIVE_UP, "an answer")
    took = time.perf_counter() - begun
    await asyncio.sleep(PAUSE)
    return 1000 * took


def rounds(names: list[str], number: int, times: int) -> dict[str, list[list[float]]]:
    """Of each bot the answers of each round."""
    found: dict[str, list[list[float]]] = {name: [] for name in names}
    for turn in range(times):
        for name in names if turn % 2 == 0 else reversed(names):
            found[name].append(asyncio.run(answers(PROGRAMS[name], number)))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--answers", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    for name, each in rounds(list(PROGRAMS), given.answers, given.rounds).items():
        middles = [statistics.median(one) for one in each]
        tails = [statistics.quantiles(one, n=20)[-1] for one in each]
        print(
            f"{name:22} p50 {statistics.median(middles):6.1f} ms"
            f" ({min(middles):.1f} – {max(middles):.1f}), p95 {statistics.median(tails):6.1f} ms"
        )


if __name__ == "__main__":
    main()
