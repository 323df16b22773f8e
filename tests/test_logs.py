"""The log is for whoever runs the bot: bounded, and without the words of others."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot import logs
from tests.program import PROGRAM, environment, free_port
from tests.shipped import ROOT


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """The lines that get through, with a clock for their minutes in the last processor's place."""
    lines: list[dict[str, Any]] = []

    def keep(logger: object, method: str, line: Any) -> Any:
        lines.append(dict(line))
        raise structlog.DropEvent

    clock = Clock()
    often = logs.Often(clock)
    monkeypatch.setattr(logs, "log", structlog.get_logger())
    structlog.configure(processors=[structlog.processors.add_log_level, often, keep])
    lines.append({"clock": clock, "often": often})
    yield lines
    structlog.reset_defaults()


def test_what_is_repeated_is_counted_and_told_once_a_minute(said: list[dict[str, Any]]) -> None:
    clock = said.pop(0)["clock"]
    log = structlog.get_logger()
    for number in range(5_000):
        log.warning("nonsense_came", number=number)
    log.error("something_else")
    assert len(said) == logs.LINES + 1
    clock.now += logs.MINUTE
    log.warning("nonsense_came", number=-1)
    assert said[-2:] == [
        {"event": "nonsense_came", "level": "warning", "repeated": 5_000 - logs.LINES},
        {"event": "nonsense_came", "level": "warning", "number": -1},
    ]


def test_what_was_not_told_is_told_at_the_end(said: list[dict[str, Any]]) -> None:
    often = said.pop(0)["often"]
    for _ in range(logs.LINES + 3):
        structlog.get_logger().info("again")
    often.tell(all_of_them=True)
    assert said[-1]["repeated"] == 3
    often.tell(all_of_them=True)
    assert len(said) == logs.LINES + 1


def test_of_a_library_stands_there_which_it_is_and_nothing_that_it_quotes(
    said: list[dict[str, Any]],
) -> None:
    said.pop(0)
    library = logging.getLogger("some.library")
    handler = logs._Libraries()
    library.addHandler(handler)
    try:
        raise ValueError("Alice, Lyon")
    except ValueError:
        library.exception("cannot read %s", "Alice, Lyon")
    library.removeHandler(handler)
    assert "Alice" not in json.dumps(said)
    assert said[0]["event"] == "library_troubled"
    assert said[0]["where"].startswith("some.library:")
    assert said[0]["kind"] == "ValueError"


async def test_requests_that_are_none_are_some_lines_however_many(data: Path) -> None:
    port = free_port()
    environ = environment(data, BOT_PORT=str(port))
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    await asyncio.wait_for(process.stdout.readline(), 60)
    for _ in range(300):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"nonsense \xff\r\n\r\n")
        await asyncio.wait_for(reader.read(), 30)
        writer.close()
    process.terminate()
    lines = (await asyncio.wait_for(process.stderr.read(), 60)).decode().splitlines()
    await process.wait()
    told = [json.loads(line) for line in lines if "library_warned" in line]
    assert len(told) == logs.LINES + 1
    assert told[-1]["repeated"] == 300 - logs.LINES
    assert "nonsense" not in "".join(lines)
    assert not [line for line in lines if line.startswith(("Traceback", "  File", "Invalid"))]
