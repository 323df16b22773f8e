"""From "Send" on the compose page to the chat: how many taps, and what where nothing opens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import unquote

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Route
from playwright.async_api import Page as Tab

from tests.chat_page import Page, opened_page
from tests.chromium import browser, serious_findings, until

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

LETTER = "/ecrire?cas=mamat&geste=letter&langue=fr&numero=3"
TOKEN = "#" + "a" * 26
AGENTS = {
    "ios": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "android": "Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/126.0.0.0 Mobile Safari/537.36",
    "mac": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
    "linux": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "windows": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/126.0.0.0 Safari/537.36",
    "in an Android app": "Mozilla/5.0 (Linux; Android 14; Pixel 7; wv) AppleWebKit/537.36"
    " (KHTML, like Gecko) Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36",
    "in an iOS app": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X)"
    " AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
}
PHONE = (390, 844)


@dataclass
class World:
    """The web part in this process, and a browser."""

    page: Page
    browser: Browser

    @asynccontextmanager
    async def tab(
        self,
        place: str,
        system: str = "ios",
        *,
        size: tuple[int, int] = PHONE,
        scripts: bool = True,
        scheme: str = "light",
    ) -> AsyncIterator[Tab]:
        """A page, loaded. Its clock can be stopped and moved on."""
        context = await self.browser.new_context(
            user_agent=AGENTS[system],
            viewport={"width": size[0], "height": size[1]},
            locale="fr-FR",
            java_script_enabled=scripts,
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        tab = await context.new_page()
        complaints: list[str] = []
        tab.on("pageerror", lambda problem: complaints.append(str(problem)))
        try:
            await tab.clock.install(time=0)
            await tab.goto(self.page.origin + place)
            if scripts:
                await until(tab, "Boolean(document.body.dataset.step)")
            yield tab
            assert complaints == []
        finally:
            await context.close()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with (
        opened_page(tmp_path_factory.mktemp("sending") / "data") as page,
        browser() as chromium,
    ):
        yield World(page, chromium)


def body_of(link: str) -> str:
    assert link.startswith("mailto:"), link[:60]
    fields = dict(part.split("=", 1) for part in link.partition("?")[2].split("&"))
    return unquote(fields["body"]).replace("\r\n", "\n")


async def href(tab: Tab, what: str) -> str:
    return await tab.get_attribute(what, "href") or ""


async def step(tab: Tab) -> str:
    said: str = await tab.evaluate("document.body.dataset.step")
    return said


async def leaves(tab: Tab) -> None:
    await tab.evaluate("window.dispatchEvent(new Event('blur'))")


async def comes_back(tab: Tab) -> None:
    await tab.evaluate("window.dispatchEvent(new Event('focus'))")


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("system", ["ios", "android", "mac", "linux"])
async def test_one_tap_and_no_scroll_lead_to_the_mail_program_with_the_whole_letter(
    world: World, system: str, scripts: bool
) -> None:
    async with world.tab(LETTER + TOKEN, system, scripts=scripts) as tab:
        send = tab.locator("#mailto")
        box = await send.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= PHONE[1], "in view without a scroll"
        letter = (await tab.input_value("#body")).strip()
        assert len(letter) > 400
        assert body_of(await href(tab, "#mailto")) == letter
        prominent = tab.locator(".main:visible")
        assert await prominent.count() == 1, "one main button"


async def test_send_stays_in_view_wherever_one_reads(world: World) -> None:
    async with world.tab(LETTER + TOKEN, size=(390, 700)) as tab:
        await tab.click("#text > summary")
        for place in (0, 400, 900, 99_999):
            await tab.evaluate(f"scrollTo(0, {place})")
            box = await tab.locator("#mailto").bounding_box()
            assert box is not None
            assert 0 <= box["y"] <= 700 - box["height"]


async def test_on_windows_the_letter_goes_whole_into_web_mail_or_a_file(world: World) -> None:
    async with world.tab(LETTER + TOKEN, "windows", size=(1280, 900)) as tab:
        await tab.fill("#first-name", "Zoé")
        await tab.click("#mailto")
        assert await tab.is_visible("#ways [data-service=gmail]")
        assert "Choisissez" in await tab.inner_text("#why")
        letter = await tab.input_value("#body")
        for service in ("gmail", "outlook", "outlook_work", "yahoo", "proton"):
            link = await href(tab, f"[data-service={service}]")
            assert "Zoé" in unquote(unquote(link)), service
            assert letter.split("\n\n")[4] in unquote(unquote(link)), service
        # What fits a link there is sent through it.
        await tab.evaluate("document.getElementById('text').open = true")
        await tab.fill("#body", "Libérez Mamat Ablat.")
        assert body_of(await href(tab, "#mailto")) == "Libérez Mamat Ablat."
    async with world.tab(LETTER, "windows", scripts=False) as tab:
        async with tab.expect_download() as coming:
            await tab.click("#mailto")
        assert (await coming.value).suggested_filename == "lettre-mamat.eml"


async def test_where_no_mail_program_comes_up_web_mail_is_offered_by_itself(world: World) -> None:
    async with world.tab(LETTER + TOKEN) as tab:
        await tab.clock.pause_at(3_600)
        await tab.click("#mailto")
        await tab.clock.run_for(1400)
        assert not await tab.evaluate("document.getElementById('ways').open")
        await tab.clock.run_for(200)
        assert await tab.evaluate("document.getElementById('ways').open")
        assert "Rien ne s’est ouvert" in await tab.inner_text("#why")
        assert await tab.locator(".services a:visible").count() == 6
        assert await tab.locator(".main:visible").count() == 1, "that of the bar, stepped back"
        await tab.clock.resume()  # the checker waits by the page's clock
        assert await serious_findings(tab) == []


async def test_who_comes_back_is_asked_once_whether_it_has_gone(world: World) -> None:
    async with world.tab(LETTER + TOKEN) as tab:
        await tab.clock.pause_at(3_600)
        await tab.click("#mailto")
        # A question of the browser takes the focus for a moment: nothing is asked of us yet.
        await leaves(tab)
        await tab.clock.run_for(1000)
        await comes_back(tab)
        assert await step(tab) == "letter"
        await tab.clock.run_for(500)
        await leaves(tab)
        await tab.clock.run_for(30_000)
        await comes_back(tab)
        assert await step(tab) == "gone"
        assert await tab.locator(".main:visible").count() == 1
        assert not await tab.is_visible("#mailto")
        await tab.clock.resume()  # the checker waits by the page's clock
        assert await serious_findings(tab) == []
        await tab.clock.pause_at(7_200)
        await tab.click("#not-yet")
        assert await tab.is_visible("#mailto")
        await leaves(tab)
        await tab.clock.run_for(30_000)
        await comes_back(tab)
        assert await step(tab) == "letter", "not asked again"


async def test_whoever_did_not_press_send_is_asked_nothing(world: World) -> None:
    async with world.tab(LETTER + TOKEN) as tab:
        await leaves(tab)
        await tab.clock.run_for(30_000)
        await comes_back(tab)
        assert await step(tab) == "letter"


async def test_within_an_app_of_android_the_page_goes_on_in_the_browser(world: World) -> None:
    async with world.tab(LETTER + TOKEN + "&first_name=Zo%C3%A9", "in an Android app") as tab:
        await tab.evaluate("document.getElementById('ways').open = true")
        await tab.evaluate("document.getElementById('text').open = true")
        await tab.fill("#own", "100 % & # = là.")
        await tab.eval_on_selector(
            "#in-browser", "one => one.addEventListener('click', e => e.preventDefault())"
        )
        await tab.click("#in-browser")
        there = await href(tab, "#in-browser")
        body = await tab.input_value("#body")
        assert "100 % & # = là." in body
    # Android takes what stands behind the last "#" for the intent (Intent.parseUri).
    address, _, intent = there.rpartition("#")
    assert intent.startswith("Intent;scheme=http;")
    place = address.partition("/ecrire")[2]
    assert address.startswith("intent://127.0.0.1:")
    async with world.tab("/ecrire" + place, "android") as tab:
        assert await tab.input_value("#body") == body
        assert await tab.input_value("#first-name") == "Zoé"
        assert await tab.input_value("#own") == "100 % & # = là."
        assert tab.url.endswith(TOKEN), "what was typed does not stay in the address"


async def test_a_text_that_came_with_the_link_is_shown_before_it_is_sent(world: World) -> None:
    """Anybody can write such a link, and nobody shall send unread what a stranger wrote."""
    async with world.tab(LETTER + TOKEN) as tab:
        assert not await tab.is_visible("#changed")
        assert not await tab.is_visible("#body")
    for told in ("text=Mes%20mots", "own=Mes%20mots"):
        async with world.tab(f"{LETTER}{TOKEN}&{told}") as tab:
            assert "Lisez-le" in await tab.inner_text("#changed")
            assert await tab.is_visible("#body")
            assert "Mes mots" in await tab.input_value("#body")
    async with world.tab(f"{LETTER}{TOKEN}&first_name={'x' * 500}%0A%0Ay") as tab:
        assert await tab.input_value("#first-name") == "x" * 40


@pytest.mark.parametrize("end", [".unsigned", ""])
async def test_send_has_one_place_on_a_phone(world: World, end: str) -> None:
    async with world.tab(LETTER + TOKEN + end) as tab:
        box = await tab.locator(".bar").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] == pytest.approx(PHONE[1], abs=1)


async def test_within_an_app_of_an_iphone_the_way_out_is_told(world: World) -> None:
    async with world.tab(LETTER + TOKEN, "in an iOS app", scripts=False) as tab:
        await tab.click("#ways > summary")
        assert await tab.is_visible("#in-safari")
    async with world.tab(LETTER + TOKEN, "ios") as tab:
        await tab.click("#ways > summary")
        assert not await tab.is_visible("#in-safari")


async def test_a_sentence_of_ones_own_has_its_place_and_can_be_taken_out(
    world: World,
) -> None:
    async with world.tab(LETTER + TOKEN) as tab:
        await tab.click("#text > summary")
        before = await tab.input_value("#body")
        await tab.fill("#own", "Je pense à son frère.")
        await tab.fill("#first-name", "Zoé")
        body = await tab.input_value("#body")
        *before_closing, closing, signed = body.split("\n\n")
        assert "Je pense à son frère." in before_closing, "a paragraph of its own"
        assert (closing, signed) == (before.split("\n\n")[-1], "Zoé")
        assert body_of(await href(tab, "#mailto")) == body
        await tab.click("#another")
        await until(tab, f"document.getElementById('body').value !== {json.dumps(body)}")
        assert "Je pense à son frère.\n\n" in await tab.input_value("#body")
        await tab.fill("#own", "")
        await tab.fill("#first-name", "")
        assert "Je pense" not in await tab.input_value("#body")
        assert before.split("\n\n")[-1] == (await tab.input_value("#body")).split("\n\n")[-1]


async def test_in_a_letter_with_an_empty_paragraph_that_is_where_ones_own_sentence_goes(
    world: World,
) -> None:
    async with world.tab(LETTER) as tab:
        results = await tab.evaluate(
            """async () => {
              const { withOwn } = await import("./static/compose_letter.js");
              const body = "Sir,\\n\\none\\n\\n\\n\\ntwo\\n\\nYours\\n\\nZoé";
              const place = { gap: true, closing: "Yours", signed: "Zoé" };
              const filled = withOwn(body, "", "mine", place);
              return [
                filled,
                withOwn(filled, "mine", "other", place),
                withOwn(filled, "mine", "", place) === body,
                withOwn(filled.replace("mine", "changed"), "mine", "", place),
              ];
            }"""
        )
    assert results == [
        "Sir,\n\none\n\nmine\n\ntwo\n\nYours\n\nZoé",
        "Sir,\n\none\n\nother\n\ntwo\n\nYours\n\nZoé",
        True,
        None,
    ]


async def test_nothing_moves_when_the_scripts_come(world: World) -> None:
    places = """Object.fromEntries([...document.querySelectorAll(
      "#heading, .fold, #safety, #mailto")].map(e => [e.id, e.getBoundingClientRect().top]))"""
    async with world.tab(LETTER + TOKEN) as tab:
        after = await tab.evaluate(places)
    context = await world.browser.new_context(
        user_agent=AGENTS["ios"], viewport={"width": PHONE[0], "height": PHONE[1]}
    )
    tab = await context.new_page()
    await tab.route("**/*.js", lambda route: route.abort())
    await tab.goto(world.page.origin + LETTER + TOKEN)
    before = await tab.evaluate(places)
    await context.close()
    assert before == after


async def test_what_is_typed_before_the_scripts_come_is_kept(world: World) -> None:
    context = await world.browser.new_context(locale="fr-FR")
    tab = await context.new_page()
    come = asyncio.Event()

    async def late(route: Route) -> None:
        await come.wait()
        await route.continue_()

    await tab.route("**/compose.js", late)
    await tab.goto(world.page.origin + LETTER + TOKEN, wait_until="commit")
    await tab.click("#text > summary")
    await tab.fill("#body", "Libérez Mamat Ablat.")
    await tab.click("#addresses > summary")
    await tab.fill("#subject", "Mamat Ablat")
    assert await tab.locator("main button:not([disabled]):visible").count() == 0, "no dead tap"
    come.set()
    await until(tab, "Boolean(document.body.dataset.step)")
    assert await tab.input_value("#body") == "Libérez Mamat Ablat."
    assert body_of(await href(tab, "#mailto")) == "Libérez Mamat Ablat."
    assert "subject=Mamat%20Ablat&" in await href(tab, "#mailto")
    await context.close()


@pytest.mark.parametrize(("width", "height"), [(320, 568), (390, 844), (1280, 900)])
async def test_with_letters_twice_as_large_nothing_is_cut_off_and_send_leaves_room(
    world: World, width: int, height: int
) -> None:
    async with world.tab(LETTER + TOKEN, size=(width, height), scheme="dark") as tab:
        await tab.evaluate("document.documentElement.style.fontSize = '200%'")
        await tab.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true; })")
        assert await tab.evaluate("document.documentElement.scrollWidth") <= width
        box = await tab.locator(".bar").bounding_box()
        assert box is not None
        assert box["height"] <= height / 3
        assert await serious_findings(tab) == []
