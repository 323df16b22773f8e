"""Which test touches which line, also in programs that it starts, and how long it takes.

Two libraries load this module, each in a process of its own: coverage, in every Python process that
the tests start (``coverage_init``), and pytest (the hooks).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage

PYTEST = (
    *(sys.executable, "-m", "pytest", "-q"),
    *("-p", "tests.mutants.measuring", "-p", "no:cacheprovider"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
TIMES = "MUTANTS_TIMES"
"""Names the file for how long each test took and whether it passed."""
ORDER = "MUTANTS_ORDER"
"""Names the file that lists the tests in the order in which they are to run."""
SETTINGS = """\
[run]
source = {tree}/bot
data_file = {place}/lines
parallel = true
core = ctrace
concurrency = thread, greenlet
context = ${{PYTEST_CURRENT_TEST-}}
plugins = tests.mutants.measuring
disable_warnings =
    no-data-collected
    module-not-imported
    module-not-measured
    module-not-python
    already-imported
"""


def coverage_init(registry: Any, options: Any) -> None:
    """A program that is killed would tell nothing of what it did: the tests' kill -9 comes as this
    signal (see below), and is carried out when the lines are written."""

    def die(number: int, frame: Any) -> None:
        if measured := Coverage.current():
            measured.stop()
            measured.save()
        os.kill(os.getpid(), signal.SIGKILL)

    signal.signal(signal.SIGUSR2, die)


def pytest_configure(config: pytest.Config) -> None:
    if Coverage.current() is None:
        return
    send = subprocess.Popen.send_signal

    def send_signal(process: Any, number: int) -> None:
        words = process.args if isinstance(process.args, list) else [process.args]
        is_python = "python" in str(words[0])
        send(process, signal.SIGUSR2 if is_python and number == signal.SIGKILL else number)

    subprocess.Popen.send_signal = send_signal  # type: ignore[method-assign, assignment]
    subprocess.Popen.kill = lambda process: process.send_signal(signal.SIGKILL)  # type: ignore[method-assign]


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    yield
    if ORDER in os.environ:
        wanted = json.loads(Path(os.environ[ORDER]).read_text(encoding="utf-8"))
        place = {test: at for at, test in enumerate(wanted)}
        items.sort(key=lambda item: place.get(item.nodeid, len(place)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    if measured := Coverage.current():
        measured.switch_context(item.nodeid)
    yield
    if measured:
        measured.switch_context("")


class Times:
    """How long the tests take, kept by the process that hears of all of them."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid
        self.seconds[name] = self.seconds.get(name, 0.0) + report.duration
        if report.outcome != "passed":
            self.failed.add(name)

    def pytest_sessionfinish(self) -> None:
        told = {n: s for n, s in self.seconds.items() if n not in self.failed}
        kept = {"seconds": told, "failed": sorted(self.failed)}
        Path(os.environ[TIMES]).write_text(json.dumps(kept), encoding="utf-8")


@pytest.hookimpl
def pytest_sessionstart(session: pytest.Session) -> None:
    if TIMES in os.environ and not hasattr(session.config, "workerinput"):
        session.config.pluginmanager.register(Times())
