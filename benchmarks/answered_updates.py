"""What one answered update costs: this bot, which stores everything durably, beside echo bots.

    python -m benchmarks.answered_updates [--updates 2000] [--rounds 5] [--only ours,aiogram]

Each bot runs as a process of its own against the Bot API server of the tests (also a process, its
checks switched off). It is started, left alone until it waits in its first long poll, then gets
one message from each of that many supporters at once. CPU is user and system time of the bot's
processes from the first poll until a second after it has come to rest, so that what it still
writes after its last answer counts too. The order of the bots changes from round to round; the
table shows medians.
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
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.telegram_control import ServerProcess
from tests.telegram_server import TOKEN

HERE = Path(__file__).parent
ROOT = HERE.parent
PROGRAMS = {
    "ours": [str(ROOT / "run_bot.py")],
    "aiogram": [str(HERE / "echo_aiogram.py")],
    "python-telegram-bot": [str(HERE / "echo_ptb.py")],
}
PEER = "aiogram"
GIVE_UP = 120.0


@dataclass(frozen=True)
class Figures:
    """One run of one bot."""

    cpu_ms: float
    seconds: float
    memory_mib: float
    first_poll: float
    messages: float


def run(program: list[str], updates: int, text: str) -> Figures:
    """Start the bot, load the updates, measure, stop it."""
    with (
        ServerProcess("--no-checks", "--no-record") as server,
        tempfile.TemporaryDirectory() as data,
        tempfile.TemporaryFile() as output,
    ):
        settings = {
            "BOT_TOKEN": TOKEN,
            "BOT_API_URL": server.root,
            "BOT_RATE": "100000",
            "BOT_DATA_DIR": data,
        }
        started = time.time()
        bot = subprocess.Popen(
            [sys.executable, *program],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            first_poll = first_poll_of(server, bot) - started
            _rest(bot.pid)
            before = cpu_of(bot.pid)
            began = time.time()
            server.call("load", count=updates, text=text)
            server.call("answered_all", count=updates, seconds=GIVE_UP, timeout=GIVE_UP + 10)
            _rest(bot.pid)
            spent = cpu_of(bot.pid) - before
            figures = server.call("figures")
            return Figures(
                cpu_ms=1000 * spent / updates,
                seconds=figures["last_answer"] - began,
                memory_mib=_peak(bot.pid),
                first_poll=first_poll,
                messages=figures["messages"] / updates,
            )
        except Exception:
            output.seek(0)
            sys.stderr.write(output.read().decode("utf-8", "replace")[-4000:])
            raise
        finally:
            bot.send_signal(signal.SIGTERM)
            try:
                bot.wait(20)
            except subprocess.TimeoutExpired:
                bot.kill()
                bot.wait()


def first_poll_of(server: ServerProcess, bot: subprocess.Popen[bytes]) -> float:
    """When it asked for updates first, in seconds since 1970."""
    end = time.monotonic() + GIVE_UP
    while time.monotonic() < end:
        moment = float(server.call("figures")["first_poll"])
        if moment:
            return moment
        if bot.poll() is not None:
            raise RuntimeError(f"the bot ended with exit code {bot.returncode}")
        time.sleep(0.02)
    raise RuntimeError("the bot did not poll")


def _family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def cpu_of(pid: int) -> float:
    """Seconds of CPU of the process and its children until now."""
    times = [process.cpu_times() for process in _family(pid)]
    return sum(spent.user + spent.system for spent in times)


def _rest(pid: int) -> None:
    """Wait until the bot has done nothing for a second."""
    known, quiet_since = cpu_of(pid), time.monotonic()
    while time.monotonic() - quiet_since < 1.0:
        time.sleep(0.1)
        now = cpu_of(pid)
        if now - known > 0.02:
            known, quiet_since = now, time.monotonic()


def _peak(pid: int) -> float:
    """The most memory it ever held, in MiB (Linux; elsewhere what it holds now)."""
    total = 0.0
    for process in _family(pid):
        status = Path(f"/proc/{process.pid}/status")
        if status.exists():
            lines = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
            total += int(lines[0].split()[1]) / 1024
        else:
            total += process.memory_info().rss / 2**20
    return total


def main() -> None:
    """Run all bots in turn and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--updates", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--text", default="bonjour")
    parser.add_argument("--only", default=",".join(PROGRAMS))
    given = parser.parse_args()
    names = [name for name in given.only.split(",") if name in PROGRAMS]
    runs: dict[str, list[Figures]] = {name: [] for name in names}
    for turn in range(given.rounds):
        for name in names if turn % 2 == 0 else reversed(names):
            runs[name].append(run(PROGRAMS[name], given.updates, given.text))
            print(f"round {turn + 1}: {name}: {runs[name][-1].cpu_ms:.2f} ms", file=sys.stderr)
    _print(runs, given.updates)


def _print(runs: dict[str, list[Figures]], updates: int) -> None:
    middle = {
        name: [statistics.median(values) for values in zip(*map(_row, each), strict=True)]
        for name, each in runs.items()
    }
    peer = middle.get(PEER, [float("nan")])[0]
    print(
        f"\n{updates} updates of different supporters, medians of {len(next(iter(runs.values())))}"
    )
    head = (
        "CPU ms/update",
        f"x {PEER}",
        "range ms",
        "updates/s",
        "peak MiB",
        "to 1st poll",
        "msgs",
    )
    print(f"{'':22}" + "".join(f"{word:>16}" for word in head))
    for name, (cpu, seconds, memory, first_poll, messages) in middle.items():
        spread = [figures.cpu_ms for figures in runs[name]]
        cells = (
            f"{cpu:.3f}",
            f"{cpu / peer:.2f}",
            f"{min(spread):.2f}-{max(spread):.2f}",
            f"{updates / seconds:.0f}",
            f"{memory:.0f}",
            f"{first_poll:.2f} s",
            f"{messages:.1f}",
        )
        print(f"{name:22}" + "".join(f"{cell:>16}" for cell in cells))


def _row(figures: Figures) -> tuple[float, ...]:
    return (
        figures.cpu_ms,
        figures.seconds,
        figures.memory_mib,
        figures.first_poll,
        figures.messages,
    )


if __name__ == "__main__":
    main()
