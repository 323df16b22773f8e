"""The real program as a process, as an operator starts it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.shipped import ROOT, proof
from tests.telegram_server import TOKEN

PROGRAM = [sys.executable, str(ROOT / "run_bot.py")]

# The same keys for every run of a story: pseudonyms, and so the versions of letters, stay the same.
KEYS = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


def environment(data: Path, **settings: str) -> dict[str, str]:
    """The variables of a run that depends on nothing of this machine."""
    # A second start on a machine needs no second check.
    if not (data / "content.proof").exists():
        (data / "content.proof").write_bytes(proof())
    # An operator's program is compiled once and not, as PYTHONDONTWRITEBYTECODE has it, each time.
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("BOT_")
        and not name.lower().endswith("_proxy")
        and name != "PYTHONDONTWRITEBYTECODE"
    }
    return {
        **kept,
        "BOT_DATA_DIR": str(data),
        "BOT_CONTENT": str(ROOT / "content"),
        "BOT_PORT": "0",
        "BOT_SECOND_FACTOR": "off",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        **settings,
    }


def run(
    *arguments: str, data: Path, said: str = "", seconds: float = 60, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        input=said,
        capture_output=True,
        text=True,
        timeout=seconds,
        env=environment(data, **settings),
        cwd=data,
        check=False,
    )


class Running:
    """A started bot; its log is in ``log``."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, begins: int):
        self.process = process
        self._log = log
        self._begins = begins

    @property
    def log(self) -> str:
        """What this run has logged; earlier runs stand before it in the file."""
        return self._log.read_bytes()[self._begins :].decode()

    def has_said(self, event: str, seconds: float = 60) -> None:
        """Wait until that stands in the log."""
        end = time.monotonic() + seconds
        while event not in self.log:
            assert self.process.poll() is None, f"it ended with {self.process.returncode}"
            assert time.monotonic() < end, f"no {event} within {seconds} s"
            time.sleep(0.01)

    def kill(self) -> None:
        """kill -9: nothing can be put in order."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds: float = 30) -> int:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)


@contextmanager
def running(data: Path, root: str, **settings: str) -> Iterator[Running]:
    """The bot on Telegram, at that Bot API root; killed at the end where it still runs."""
    log = data.parent / "bot.log"
    told = {"BOT_TOKEN": TOKEN, "BOT_API_URL": root, "BOT_RATE": "1000", **settings}
    begins = log.stat().st_size if log.exists() else 0
    with log.open("ab") as output:
        process = subprocess.Popen(
            PROGRAM,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment(data, **told),
            cwd=data.parent,
        )
    bot = Running(process, log, begins)
    try:
        yield bot
    finally:
        if process.poll() is None:
            bot.kill()
