"""The staff's pages in a real browser: small, dark, without scripts, and by the keyboard alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import BrowserContext
from playwright.async_api import Page as Tab

from bot.campaign.staff import RIGHTS, Role
from bot.web.desk.pages import PAGES
from tests.chat_page import Page
from tests.chromium import browser, serious_findings, until
from tests.desk_pages import Colleague, colleague, desk
from tests.test_desk_broadcasts import broadcast, written
from tests.test_desk_figures import filled
from tests.test_desk_records import signed

pytestmark = pytest.mark.slow

SHOWN = [
    page
    for page in PAGES
    if page.method == "GET" and not page.path.endswith((".csv", "progress", "{token}"))
]


async def enter(context: BrowserContext, page: Page, who: Colleague) -> Tab:
    """The browser carries what their own carries."""
    carried = {"name": "desk", "value": who.client.cookies["desk"], "url": page.url}
    await context.add_cookies([carried])  # type: ignore[list-item]
    tab = await context.new_page()
    tab.on("pageerror", lambda error: who.wrong.append(str(error)))
    tab.on("console", lambda said: who.wrong.append(said.text))
    return tab


async def test_each_page_can_be_read_by_everybody_who_may_see_it_on_a_small_screen(
    data: Path,
) -> None:
    async with desk(data) as page, browser() as chromium, colleague(page, "editor") as boris:
        await filled(page)
        await written(boris)
        day = await signed(page, "f" * 10, 2)
        for role, scheme in ((Role.OWNER, "dark"), (Role.ANALYST, "light")):
            context = await chromium.new_context(
                viewport={"width": 360, "height": 740},
                color_scheme=scheme,  # type: ignore[arg-type]
            )
            async with colleague(page, role.value) as one:
                tab = await enter(context, page, one)
                for known in SHOWN:
                    path = known.path.replace("{number}", "1")
                    if path.endswith("lots"):
                        path += f"?petition=xinjiang&day={day}"
                    answer = await tab.goto(page.origin + path)
                    assert answer
                    if known.rights and not RIGHTS[role] & set(known.rights):
                        assert answer.status == 403
                        continue
                    assert answer.status in (200, 404), path
                    assert await serious_findings(tab) == [], path
                    wide = "document.documentElement.scrollWidth - innerWidth"
                    assert await tab.evaluate(wide) <= 0, path
                assert [said for said in one.wrong if "40" not in said] == []
            await context.close()


async def test_without_scripts_a_broadcast_is_written_and_submitted_by_the_keyboard(
    data: Path,
) -> None:
    async with desk(data) as page, browser() as chromium, colleague(page, "editor") as boris:
        context = await chromium.new_context(java_script_enabled=False, locale="en")
        tab = await enter(context, page, boris)
        await tab.goto(f"{page.origin}/staff/broadcasts")
        await tab.focus("#text-en")
        await tab.keyboard.type("Thursday")
        for _ in range(2):
            await tab.keyboard.press("Tab")
            if await tab.locator("button.main:focus").count():
                break
        await tab.keyboard.press("Enter")
        await tab.wait_for_url("**/staff/broadcasts/1")
        assert (await broadcast(page)).texts == {"en": "Thursday"}
        await tab.locator("button", has_text="Ask for review").press("Enter")
        await tab.wait_for_url("**/staff/broadcasts/1")
        assert (await broadcast(page)).state == "review"


async def test_the_page_follows_what_the_bot_does_and_never_takes_what_is_being_written(
    data: Path,
) -> None:
    async with desk(data) as page, browser() as chromium, colleague(page, "editor") as boris:
        path = await written(boris)
        context = await chromium.new_context(locale="en")
        tab = await enter(context, page, boris)
        await boris.post(f"{path}/do/submit")
        await tab.goto(page.origin + path)
        await tab.fill("#title", "Half a ti")
        await boris.post(f"{path}/do/discard")
        # Two looks of the page later it still holds the words.
        await tab.wait_for_timeout(6500)
        assert await tab.input_value("#title") == "Half a ti"
        await tab.goto(page.origin + path)
        await until(tab, "document.querySelector('.state').textContent === 'cancelled'")
        assert boris.wrong == []
