"""Pictures of the main screens for docs/screens.md; ``python -m tests.pictures`` makes them."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Page as Tab

from tests import chromium
from tests.chat_page import Page, opened_page
from tests.chromium import until
from tests.way_measured import Walk

SCREENS = Path(__file__).parent.parent / "docs" / "screens"
PHONE = {"width": 390, "height": 844}
QUIET = "!document.querySelector('.now .waiting')"


async def begin(page: Page, tab: Tab, query: str) -> None:
    """Come by a link; there once its screen is the one that is shown."""
    await tab.goto(f"{page.url}?{query}")
    await until(tab, "!!document.querySelector('.now .sheet') && !document.querySelector('.first')")


async def first(page: Page, tab: Tab) -> None:
    await tab.goto(page.url)


async def story(page: Page, tab: Tab) -> None:
    await begin(page, tab, "start=mamat")
    await Walk(tab).press_on("story:mamat:2")


async def actions(page: Page, tab: Tab) -> None:
    await begin(page, tab, "start=mamat-actions")


async def thanks(page: Page, tab: Tab) -> None:
    await actions(page, tab)
    await Walk(tab).press_on("sign:")


async def question(page: Page, tab: Tab) -> None:
    await begin(page, tab, "start=akber-actions")
    await Walk(tab).press_on("act:akber:letter")


async def letter(page: Page, tab: Tab) -> None:
    await question(page, tab)
    await tab.locator(".now [data-choice='risk:akber:letter:no']").click()
    await tab.wait_for_url("**/ecrire**")


async def support(page: Page, tab: Tab) -> None:
    await begin(page, tab, "start=mamat-support")


async def careful(page: Page, tab: Tab) -> None:
    await question(page, tab)
    await Walk(tab).press_on("risk:akber:letter:yes")


async def untraced(page: Page, tab: Tab) -> None:
    await begin(page, tab, "trace=none&start=mamat")


async def typed(page: Page, tab: Tab) -> None:
    await begin(page, tab, "start=mamat")
    await tab.locator("#write").click()
    await tab.locator("#text").fill("est-ce une arnaque ?")
    await tab.keyboard.press("Enter")
    await until(tab, "document.querySelectorAll('.now .sheet').length > 0 && " + QUIET)
    await tab.wait_for_timeout(700)


TAKEN: dict[str, Callable[[Page, Tab], Awaitable[None]]] = {
    "1-first": first,
    "2-story": story,
    "3-actions": actions,
    "4-thanks": thanks,
    "5-question": question,
    "6-letter": letter,
    "7-support": support,
    "8-careful": careful,
    "9-untraced": untraced,
    "10-typed": typed,
}
"""The screens by the name of their picture, and the way to each."""


async def take(where: Path, language: str = "fr-FR") -> None:
    """All pictures into that directory, as a phone shows them."""
    where.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        async with opened_page(Path(data) / "data") as page, chromium.browser() as browser:
            page.app.compose[page.app.chat.name] = page.origin
            for name, way in TAKEN.items():
                context = await browser.new_context(
                    locale=language,
                    viewport=PHONE,  # type: ignore[arg-type]
                    device_scale_factor=2,
                    has_touch=True,
                    is_mobile=True,
                )
                tab = await context.new_page()
                await way(page, tab)
                await until(tab, QUIET)
                await tab.wait_for_timeout(400)
                await tab.screenshot(path=where / f"{name}.png")
                await context.close()


if __name__ == "__main__":
    asyncio.run(take(SCREENS))
