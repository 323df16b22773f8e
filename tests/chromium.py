"""A real browser for tests of pages, and the accessibility checker in it."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(os.environ.get("AXE_CORE", Path(__file__).parent.parent / "build" / "axe.min.js"))


def needed(found: bool, what: str) -> None:
    """Skip where it is missing; in CI that is a failure."""
    if not found:
        if os.environ.get("CI"):
            pytest.fail(f"{what} is missing")
        pytest.skip(f"{what} is missing")


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Debian's chromium, without a window."""
    needed(shutil.which(CHROMIUM) is not None, "chromium (Debian's package of that name)")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield opened
        finally:
            await opened.close()


async def until(page: Page, true: str, seconds: float = 10.0) -> None:
    """Wait until that expression is true. (``wait_for_function`` uses eval within the page, which
    the pages' content policy forbids.)"""
    async with asyncio.timeout(seconds):
        while not await page.evaluate(true):
            await asyncio.sleep(0.02)


async def serious_findings(page: Page) -> list[str]:
    """What axe-core finds on the page as it is, serious or worse."""
    needed(AXE.exists(), f"{AXE} (npm pack axe-core@4.11.0)")
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = await page.evaluate("async () => await axe.run(document)")
    assert found["passes"], "axe looked at nothing"
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
