"""Every alarm that the program can give stands in the operators' table, with what to do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.program import ROOT

ALARMS = ("warning", "error", "critical", "exception")
LEVELS = (*ALARMS, "info")
PASSING_ON = {"bot/channels/telegram/patience.py": r"(self|(self\._)?patience)\.(pause|begins)"}
"""Modules with one line that logs what it is given, and how those are called in their room that
are given the event."""


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """All calls in the program: the file, the called name with what it is called on, the call."""
    for file in sorted((ROOT / "bot").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield file.relative_to(ROOT).as_posix(), ast.unparse(node.func), node


def logged(*levels: str) -> dict[str, str]:
    """The events logged at these levels, and the file that does."""
    names = {f"log.{level}" for level in levels}
    found: dict[str, str] = {}
    for file, name, call in calls():
        if name in names or _is_passed_on(file, name):
            first = call.args[0]
            if isinstance(first, ast.Constant):
                found[str(first.value)] = file
            else:
                assert file in PASSING_ON, f"{file}: the event's name is not written out"
    return found


def _is_passed_on(file: str, name: str) -> bool:
    room = file.rpartition("/")[0]
    return any(
        module.rpartition("/")[0] == room and re.fullmatch(called, name)
        for module, called in PASSING_ON.items()
    )


def table() -> set[str]:
    """The events in the first column of the tables in docs/operations.md."""
    page = Path(ROOT, "docs", "operations.md").read_text(encoding="utf-8")
    _, *tables = page.split("| event | meaning | what to do |\n")
    return {
        event
        for table in tables
        for row in table.partition("\n\n")[0].splitlines()[1:]
        for event in re.findall(r"`([^`]+)`", row.split("|")[1])
    }


def test_every_alarm_is_explained_to_operators() -> None:
    assert {event: file for event, file in logged(*ALARMS).items() if event not in table()} == {}


def test_nothing_is_explained_that_is_never_logged() -> None:
    assert table() - set(logged(*LEVELS)) == set()


def test_an_event_is_one_word() -> None:
    assert [
        event for event in logged(*LEVELS) if not re.fullmatch(r"[a-z]+(_[a-z]+)*", event)
    ] == []
