"""What every test may use, and in which order the tests begin."""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# No bound in time on a busy machine; the long one is for a run of its own (CONTRIBUTING.md).
settings.register_profile("quick", deadline=None)
settings.register_profile(
    "long", deadline=None, max_examples=3_000, suppress_health_check=list(HealthCheck)
)
settings.load_profile("quick")

# What the workers import is compiled once and not by each, whatever PYTHONDONTWRITEBYTECODE says;
# and nobody looks for garbage in it, neither while it is imported nor between the tests.
sys.dont_write_bytecode = False
gc.disable()

from tests.telegram_server import TelegramServer  # noqa: E402 - after the above

TOGETHER = ("test_chat_page.py", "test_compose_page.py")
"""Modules with one program and one browser for all their tests: one worker runs them all."""

LONGEST = (
    "test_broadcast",
    "test_program_on_telegram",
    "test_commands_data",
    "test_staff",
    "test_stories",
    "test_sharing",
    "test_power_cut",
    "test_no_room",
    "test_command_line",
)
"""How the modules are called whose tests take seconds each: they start the program and wait."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin first, so that at the end no worker waits for another one."""
    items.sort(key=lambda item: not item.path.name.startswith(LONGEST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """One test after the other to whoever is free; what is TOGETHER to one worker."""
    if config.getvalue("dist") != "load":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            module = nodeid.partition("::")[0]
            return module if module.endswith(TOGETHER) else nodeid

    return Scheduling(config, log)


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
    made.mkdir(mode=0o700)
    return made
