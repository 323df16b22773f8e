"""The short way on the chat page, measured on a phone: what is pressed is seen, in one place."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from playwright.async_api import Page as Tab

from tests import chromium
from tests.chat_page import Page, opened_page
from tests.chromium import until
from tests.way_measured import Walk

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

PHONE = {"width": 390, "height": 844}
SMALL = {"width": 360, "height": 640}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def page(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Page]:
    async with opened_page(tmp_path_factory.mktemp("way") / "data") as opened:
        # As the program says once it listens.
        opened.app.compose[opened.app.chat.name] = opened.origin
        yield opened


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium.browser() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def tab(browser: Browser) -> AsyncIterator[Tab]:
    context = await browser.new_context(locale="fr-FR", viewport=PHONE)  # type: ignore[arg-type]
    yield await context.new_page()
    await context.close()


async def read_the_story(page: Page, tab: Tab) -> Walk:
    await tab.goto(page.url)
    walk = Walk(tab)
    await walk.press_on("story:mamat")
    for step in range(2, 8):
        await walk.press_on(f"story:mamat:{step}")
    await expect(tab.locator(".now .step")).to_contain_text("7 sur 7")
    return walk


async def sign(page: Page, tab: Tab) -> Walk:
    await tab.goto(page.url)
    walk = Walk(tab)
    screen = tab.locator(".now")
    acts = await screen.locator("[data-choice^='actions:']").count()
    await walk.press_on("actions:" if acts else "petition:")
    await walk.press_on("sign:")
    await expect(screen).to_contain_text("signature")
    return walk


async def open_the_letter(page: Page, tab: Tab) -> Walk:
    await tab.goto(page.url)
    if not await tab.locator(".now [data-choice^='actions:']").count():
        pytest.skip("the first screen of this content offers no act")
    walk = Walk(tab)
    await walk.press_on("actions:")
    await walk.press_on("act:mamat:")
    await walk.press(tab.locator(".now [data-choice$=':no']"))
    await tab.wait_for_url(re.compile("/ecrire"))
    send = tab.locator("#mailto")
    await expect(send).to_have_attribute("href", re.compile("^mailto:"))
    await walk.press(send)
    return walk


async def test_a_letter_is_open_in_the_own_mail_four_taps_after_the_opening(
    page: Page, tab: Tab
) -> None:
    walk = await open_the_letter(page, tab)
    assert walk.taps <= 4
    assert walk.scrolls <= 1
    await tab.go_back()
    await expect(tab.locator(".now .sheet .block")).to_be_attached()


async def test_the_whole_story_takes_seven_taps_and_no_scroll(page: Page, tab: Tab) -> None:
    walk = await read_the_story(page, tab)
    assert (walk.taps, walk.scrolls) == (7, 0)
    assert len(set(walk.places[1:])) == 1, "“next” stands in one place"


async def test_a_signature_takes_two_taps_and_no_scroll(page: Page, tab: Tab) -> None:
    walk = await sign(page, tab)
    assert walk.taps <= 2
    assert walk.scrolls == 0


async def test_the_head_neither_grows_nor_scrolls(page: Page, tab: Tab) -> None:
    await tab.goto(f"{page.url}?start=mamat")
    at = "JSON.stringify(document.querySelector('.top').getBoundingClientRect())"
    before = await tab.evaluate(at)
    await Walk(tab).press_on("story:mamat:2")
    await tab.evaluate("scrollBy({top: 300, behavior: 'instant'})")
    assert await tab.evaluate(at) == before


async def test_back_shows_the_screen_before_and_sends_nothing_again(page: Page, tab: Tab) -> None:
    await tab.goto(page.url)
    walk = Walk(tab)
    for place in ("story:mamat", "story:mamat:2", "story:mamat:3"):
        await walk.press_on(place)
    taken = page.taken
    for step in (2, 1):
        await tab.go_back()
        await expect(tab.locator(".now .step")).to_contain_text(f"Étape {step} sur 7")
    await tab.go_forward()
    await expect(tab.locator(".now .step")).to_contain_text("Étape 2 sur 7")
    await tab.go_back()
    await tab.go_back()
    await expect(tab.locator(".step")).to_have_count(0)
    assert page.taken == taken, "nothing was pressed"
    await walk.press_on("story:mamat")
    await expect(tab.locator(".now .step")).to_contain_text("Étape 1 sur 7")


async def test_a_tap_before_the_scripts_are_there_is_not_lost(page: Page, tab: Tab) -> None:
    late: list[str] = []
    await tab.route("**/chat.js", lambda route: late.append(route.request.url) or None)
    await tab.goto(page.url, wait_until="commit")
    button = tab.locator("[data-choice^='story:mamat']")
    await button.click()
    await expect(button).to_have_attribute("aria-disabled", "true")
    await tab.unroute_all(behavior="ignoreErrors")
    assert late, "the scripts were not there"
    await tab.evaluate(
        "import(new URL('static/chat.js?again', document.baseURI).href).then(() => 0)"
    )
    await expect(tab.locator(".now .step")).to_contain_text("Étape 1 sur 7")


async def test_a_link_shows_its_story_before_any_script(page: Page, browser: Browser) -> None:
    context = await browser.new_context(locale="fr-FR", java_script_enabled=False)
    tab = await context.new_page()
    await tab.goto(f"{page.url}?start=mamat")
    await expect(tab.locator(".sheet").last).to_contain_text("Étape 1 sur 7")
    await context.close()


async def test_what_a_link_makes_up_shows_no_screen_of_its_own_and_no_fault(page: Page) -> None:
    async with page.visitor() as somebody:
        for payload in ("%00", "a" * 300, "<script>", "mamat_s-x", "sign", "é", "mamat-actions"):
            answer = await somebody.client.get("/", params={"start": payload})
            assert answer.status_code == 200, payload
            assert "<script>" not in answer.text.split('id="log"')[1].split("</section>")[0]


async def test_on_a_slow_network_the_first_tap_counts_within_two_seconds(
    page: Page, browser: Browser
) -> None:
    context = await browser.new_context(locale="fr-FR", viewport=PHONE)  # type: ignore[arg-type]
    tab = await context.new_page()
    network = await context.new_cdp_session(tab)
    await network.send("Network.enable")
    await network.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 400,
            "downloadThroughput": 400_000 / 8,
            "uploadThroughput": 400_000 / 8,
        },
    )
    began = time.monotonic()
    await tab.goto(page.url, wait_until="commit")
    await until(tab, "!!window.early && !!document.querySelector('.now [data-choice]')", 30)
    usable = time.monotonic() - began
    await tab.locator("[data-choice^='story:mamat']").click()
    await expect(tab.locator(".now .step")).to_contain_text("Étape 1 sur 7")
    print(f"slow 3G: first usable tap after {usable:.2f} s")
    assert usable < 2
    await context.close()


async def test_the_table(page: Page, browser: Browser) -> None:
    rows = []
    for size in (PHONE, SMALL):
        for name, goal, act in (
            ("whole story", "7 taps, 0 scrolls", read_the_story),
            ("opening → signed", "≤ 2 taps, 0 scrolls", sign),
            ("opening → letter in the own mail", "4 taps, ≤ 1 scroll", open_the_letter),
        ):
            context = await browser.new_context(locale="fr-FR", viewport=size)  # type: ignore[arg-type]
            walk = await act(page, await context.new_page())
            rows.append(walk.row(f"{name}, {size['width']} × {size['height']}", goal))
            assert walk.scrolls <= (act is open_the_letter)
            await context.close()
    print("\n".join(["", "| | measured | goal |", "|---|---|---|", *rows]))
