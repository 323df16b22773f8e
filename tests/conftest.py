"""What every test may use, and in which order the tests begin."""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

# What the workers import is compiled once and not by each, whatever PYTHONDONTWRITEBYTECODE says;
# and nobody looks for garbage in it, neither while it is imported nor between the tests.
sys.dont_write_bytecode = False
gc.disable()

from tests.telegram_server import TelegramServer  # noqa: E402 - after the above

LONGEST = (
    "test_broadcast_commands",
    "test_broadcasts_survive",
    "test_broadcasts_afterwards",
    "test_broadcasts",
    "test_commands_data",
    "test_program_on_telegram",
    "test_chat_page",
    "test_stories",
    "test_compose_page",
    "test_staff_urgent",
    "test_sharing",
    "test_command_line",
)
"""Modules whose tests take seconds each, since they start the program or a browser, and wait."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin first, so that at the end no worker waits for another one."""
    last = len(LONGEST)
    place = {f"{name}.py": number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, last))


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    """A Bot API server on loopback, strict as Telegram."""
    async with TelegramServer() as opened:
        yield opened


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An empty data directory."""
    made = tmp_path / "data"
    made.mkdir()
    return made
