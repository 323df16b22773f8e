"""The pages in a language that runs from right to left, in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page as Tab

from tests.chat_page import opened_page
from tests.chromium import browser, serious_findings, until
from tests.shipped import CONTENT

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

REVIEWED = '{code: ar, partial: true, reviewed: {by: A reader, on: "2026-11-25"}}'
# Where the words of a paragraph begin and end, beside the paragraph's own edges.
EDGES = """
  (() => {
    const part = [...document.querySelectorAll('.now .sheet p')].find((one) =>
      one.textContent.trim().length > 40);
    const words = document.createRange();
    words.selectNodeContents(part);
    const first = words.getClientRects()[0];
    const all = part.getBoundingClientRect();
    return [Math.round(first.left - all.left), Math.round(all.right - first.right)];
  })()
"""
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, Tab]]:
    root = tmp_path_factory.mktemp("arabic")
    content = shutil.copytree(CONTENT, root / "content")
    structure = Path(content) / "cases.yaml"
    text = structure.read_text(encoding="utf-8")
    assert "{code: ar, partial: true}" in text
    structure.write_text(text.replace("{code: ar, partial: true}", REVIEWED), encoding="utf-8")
    async with opened_page(root / "data", content=Path(content)) as page, browser() as chromium:
        context = await chromium.new_context(
            locale="ar", viewport={"width": 390, "height": 844}, reduced_motion="reduce"
        )
        yield page.origin, await context.new_page()


async def opened(tab: Tab, address: str) -> None:
    await tab.goto(address)
    await until(tab, "document.readyState === 'complete'")
    assert await tab.evaluate("document.documentElement.dir") == "rtl"
    assert await tab.evaluate("document.documentElement.lang") == "ar"


async def pressed(tab: Tab, data: str, seen: str) -> None:
    await tab.click(f'.now [data-choice^="{data}"]')
    await until(tab, f"document.querySelector('.now').textContent.includes('{seen}')")


async def test_a_browser_that_speaks_arabic_is_met_in_it(served: tuple[str, Tab]) -> None:
    origin, tab = served
    await opened(tab, origin + "/")
    assert await tab.inner_text(".now h3") == "Mamat Ablat 麦麦提·阿卜来提"
    assert await tab.inner_text(".now .buttons .main") == "التحرّك"
    start, end = await tab.evaluate(EDGES)
    assert end <= 2 < start, "a line begins at the right edge"
    assert await tab.evaluate(FITS)
    assert not await serious_findings(tab)


async def test_the_story_goes_on_from_right_to_left(served: tuple[str, Tab]) -> None:
    origin, tab = served
    await opened(tab, origin + "/?lang=ar")
    await pressed(tab, "story:mamat:1", "رجل لا يعرف السكون")
    for step, heading in ((2, "اعتُقل مرتين"), (3, "ستة عشر عاماً")):
        await pressed(tab, f"story:mamat:{step}", heading)
        assert heading in await tab.inner_text(".now h3")
        assert await tab.evaluate(FITS)
    further = await tab.locator('.now [data-choice="story:mamat:4"]').bounding_box()
    back = await tab.locator('.now [data-choice="story:mamat:2"]').bounding_box()
    assert further is not None
    assert back is not None
    assert further["x"] < back["x"], "what comes next lies to the left"


async def test_a_screen_that_french_lends_keeps_its_own_direction(served: tuple[str, Tab]) -> None:
    origin, tab = served
    await opened(tab, origin + "/?lang=ar")
    await tab.click("#open-menu")
    await tab.click('#aside [data-command="updates"]')
    await until(tab, "document.querySelector('.now').textContent.includes('Recevoir des nouv')")
    start, end = await tab.evaluate(EDGES)
    assert start <= 2 < end, "a French line begins at the left edge"
    assert "لم يُترجَم هذا النص بعد" in await tab.inner_text(".now .note")


async def test_the_letter_is_finished_in_arabic(served: tuple[str, Tab]) -> None:
    origin, tab = served
    await opened(tab, f"{origin}/write?lang=ar&case=mamat&action=email&language=ar&number=0")
    assert "الكتابة من أجل \u2066Mamat Ablat" in await tab.inner_text("main")
    assert "{" not in await tab.inner_text("main")
    body = tab.locator("#body")
    assert await body.get_attribute("dir") == "rtl"
    assert "سعادة السفيرة" in await body.input_value()
    assert await tab.evaluate(FITS)
    assert not await serious_findings(tab)
