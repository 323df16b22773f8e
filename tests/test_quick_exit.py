"""The quick exit on each page for supporters: gone at once, and "back" does not lead here again."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page as Tab

from tests.chat_page import opened_page
from tests.chromium import browser, until

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

HARMLESS = "https://fr.wikipedia.org/wiki/M%C3%A9t%C3%A9orologie"
PLACES = ["/ecrire?cas=mamat#" + "a" * 26, "/?lang=fr", "/privacy?lang=fr"]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, Tab]]:
    async with opened_page(tmp_path_factory.mktemp("exit") / "data") as page, browser() as chromium:
        context = await chromium.new_context(locale="fr-FR")
        tab = await context.new_page()
        for place in (HARMLESS, "https://before.example/"):
            await tab.route(place, lambda route: route.fulfill(body="rain"))
        yield page.origin, tab


async def by_button(tab: Tab) -> None:
    await tab.click("#leave")


async def by_keys(tab: Tab) -> None:
    await tab.keyboard.press("Escape")
    await tab.keyboard.press("Escape")


@pytest.mark.parametrize("leave", [by_button, by_keys])
@pytest.mark.parametrize("place", PLACES)
async def test_the_page_is_replaced_by_a_harmless_one(
    served: tuple[str, Tab], place: str, leave: object
) -> None:
    origin, tab = served
    failed: list[str] = []
    tab.once("pageerror", lambda error: failed.append(str(error)))
    await tab.goto("https://before.example/")
    await tab.goto(origin + place)
    await until(tab, "document.readyState === 'complete'")
    await tab.evaluate("sessionStorage.setItem('kept', 'by this tab')")

    await leave(tab)  # type: ignore[operator]

    await tab.wait_for_url(HARMLESS)
    assert not failed, "the last press of a key meets an empty page"
    await tab.go_back()
    assert tab.url == "https://before.example/", "the page is not in the history"
    await tab.goto(origin + "/privacy")
    assert await tab.evaluate("sessionStorage.length") == 0


async def test_one_escape_alone_stays(served: tuple[str, Tab]) -> None:
    origin, tab = served
    await tab.goto(origin + "/privacy?lang=fr")
    await until(tab, "document.readyState === 'complete'")
    await tab.keyboard.press("Escape")
    await tab.keyboard.press("Tab")
    assert tab.url.startswith(origin)


async def test_without_scripts_it_is_a_link(served: tuple[str, Tab]) -> None:
    origin, tab = served
    browser_of = tab.context.browser
    assert browser_of is not None
    context = await browser_of.new_context(java_script_enabled=False, locale="fr-FR")
    plain = await context.new_page()
    await plain.goto(origin + "/privacy?lang=fr")
    assert await plain.get_attribute("#leave", "href") == HARMLESS
    await context.close()
