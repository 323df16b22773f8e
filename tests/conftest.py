"""What every test may use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.telegram_server import TelegramServer


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
