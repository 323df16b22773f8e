"""From the start of the process to its first poll: the very first start, a later one, a peer's.

    python -m benchmarks.starts

The very first start checks every screen in every language and makes the database; a later one finds
both done. The peer is the aiogram echo bot, which has neither. CPU is that of the process up to
then: on a busy machine it says more than the clock.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from benchmarks.answered_updates import PROGRAMS, ROOT, cpu_of, first_poll_of
from tests.telegram_control import ServerProcess
from tests.telegram_server import TOKEN


def start(program: list[str], data: str) -> tuple[float, float]:
    """Seconds and seconds of CPU until the first poll; then it is told to stop."""
    with ServerProcess("--no-checks", "--no-record") as server:
        settings = {
            "BOT_TOKEN": TOKEN,
            "BOT_API_URL": server.root,
            "BOT_DATA_DIR": data,
            "BOT_PORT": "0",
        }
        # As it is on a machine where the bot was installed: its modules are compiled.
        kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        began = time.time()
        bot = subprocess.Popen(
            [sys.executable, *program],
            cwd=ROOT,
            env={**kept, **settings},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            seconds = first_poll_of(server, bot) - began
            return seconds, cpu_of(bot.pid)
        finally:
            bot.send_signal(signal.SIGTERM)
            bot.wait(20)


def main() -> None:
    """Start each in turn and print the medians."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    found: dict[str, list[tuple[float, float]]] = {"the very first": [], "a later one": []}
    with tempfile.TemporaryDirectory() as warm:
        start(PROGRAMS["ours"], warm)
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as data:
                found["the very first"].append(start(PROGRAMS["ours"], data))
                found["a later one"].append(start(PROGRAMS["ours"], data))
                found.setdefault("aiogram", []).append(start(PROGRAMS["aiogram"], data))
    peer = statistics.median(seconds for seconds, _ in found["aiogram"])
    print(f"{'start':<16}{'first poll':>12}{'CPU':>10}{'beside':>10}")
    for name, runs in found.items():
        seconds = statistics.median(one for one, _ in runs)
        cpu = statistics.median(one for _, one in runs)
        print(f"{name:<16}{seconds:>10.2f} s{cpu:>8.2f} s{seconds / peer:>8.2f} ×")


if __name__ == "__main__":
    main()
