"""Real Chromium for the tests of pages, and a network that can be cut."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright
from playwright.async_api import Page as Tab

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ROOT = Path(__file__).parent.parent


def needs_chromium() -> pytest.MarkDecorator:
    """Skip where there is no Chromium; in CI it must be there."""
    there = shutil.which(CHROMIUM) is not None
    return pytest.mark.skipif(
        not there and "CI" not in os.environ,
        reason=f"no {CHROMIUM} here: install Debian's chromium to run the browser tests",
    )


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


def axe() -> str:
    """The accessibility checker's script: AXE_CORE names it, .ci/run puts it into build/."""
    named = Path(os.environ.get("AXE_CORE", ROOT / "build" / "axe.min.js"))
    if not named.exists():
        if "CI" in os.environ:
            pytest.fail(f"there is no {named}: .ci/run puts it there")
        pytest.skip("no axe-core here: set AXE_CORE to its axe.min.js (npm pack axe-core)")
    return named.read_text()


async def serious_findings(tab: Tab) -> list[str]:
    """What axe calls serious or critical on this page."""
    await tab.evaluate(axe())
    found = await tab.evaluate("async () => (await axe.run()).violations")
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


class Wire:
    """A connection between browser and bot that can be cut and mended."""

    def __init__(self, port: int):
        """Leads to that port of this machine."""
        self.to = port
        self.port = 0
        self.is_cut = False
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    async def __aenter__(self) -> Wire:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self.cut()
        self._server.close()

    def cut(self) -> None:
        """Everything on its way is lost, nothing gets through."""
        self.is_cut = True
        for writer in list(self._writers):
            with suppress(RuntimeError):
                writer.transport.abort()

    def mend(self) -> None:
        self.is_cut = False

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.to)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        await asyncio.gather(
            self._pass(reader, far_writer), self._pass(far_reader, writer), return_exceptions=True
        )
        self._writers -= {writer, far_writer}

    @staticmethod
    async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(65536):
                writer.write(piece)
                await writer.drain()
        with suppress(OSError, RuntimeError):
            writer.close()
