"""Signing on the chat page in a real browser: the work is done while its visitor reads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from playwright.async_api import Page as Tab
from sqlalchemy import select

from bot.store.petitions.tables import signatures
from tests import chromium
from tests.chat_page import Page, opened_page
from tests.test_chat_page import opened, press

pytestmark = pytest.mark.slow


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium.browser() as started:
        yield started


async def reads_and_signs(tab: Tab) -> None:
    await expect(tab.get_by_role("button", name="✍️ Je signe")).to_be_visible()
    await press(tab, "✍️ Je signe")


async def signed(page: Page) -> list[tuple[str, str]]:
    async with page.app.store.reading() as connection:
        rows = await connection.execute(select(signatures.c.signer, signatures.c.state))
        return [(row.signer, row.state) for row in rows]


async def test_a_signature_waits_for_its_work_and_counts_as_one_of_a_browser(
    browser: Browser, data: Path
) -> None:
    async with (
        opened_page(data) as page,
        opened(browser, f"{page.url}?start=mamat-sign") as tab,
    ):
        await reads_and_signs(tab)
        await expect(tab.locator(".sheet").last).to_contain_text("La vôtre s’ajoute")
        assert await signed(page) == [("browser", "counted")]


async def test_where_the_work_cannot_be_done_the_signature_is_held_and_that_is_said(
    browser: Browser, data: Path
) -> None:
    async with (
        opened_page(data) as page,
        opened(browser, page.url) as tab,
    ):
        await tab.route("**/proof_worker.js", lambda route: route.abort())
        await tab.goto(f"{page.url}?start=mamat-sign")
        await reads_and_signs(tab)
        await expect(tab.locator(".sheet").last).to_contain_text("votre signature est reçue")
        assert await signed(page) == [("browser", "pending")]
