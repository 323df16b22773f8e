"""The chat page in a real browser, as supporters meet it."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, expect
from playwright.async_api import Page as Tab
from pypdf import PdfReader

from tests import chromium
from tests.chromium import serious_findings
from tests.program import PROGRAM, ROOT, environment, free_port
from tests.wire import Wire

pytestmark = pytest.mark.asyncio(loop_scope="module")
expect.set_options(timeout=20_000)

MARKUP = "<img src=x onerror=alert(1)>"
BACK = 30_000
"""Milliseconds within which a page must have come back to the bot."""


@contextmanager
def program(data: Path, port: int, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """``python run_bot.py`` without a token: the chat page on that port."""
    data.mkdir(exist_ok=True)
    process = subprocess.Popen(
        PROGRAM,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(data, BOT_PORT=str(port), **settings),
        cwd=data.parent,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line == f"The chat page: http://127.0.0.1:{port}/ (Ctrl-C ends it)\n"
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The chat page of a running bot."""
    port = free_port()
    with program(tmp_path_factory.mktemp("page") / "data", port):
        yield f"http://127.0.0.1:{port}/"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium.browser() as opened:
        yield opened


class Alert(AssertionError):
    """Something that was typed ran as a script, or the page reported an error."""


@asynccontextmanager
async def context(browser: Browser, **options: object) -> AsyncIterator[BrowserContext]:
    """A browser profile of its own, in French; any error on its pages fails the test."""
    made = await browser.new_context(**{"locale": "fr-FR", **options})  # type: ignore[arg-type]
    wrong: list[str] = []
    made.on("weberror", lambda error: wrong.append(str(error.error)))
    made.on("dialog", lambda dialog: wrong.append(f"dialog {dialog.message}"))
    made.on(
        "console",
        lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None,
    )
    try:
        yield made
    finally:
        await made.close()
    if wrong:
        raise Alert("; ".join(wrong))


@asynccontextmanager
async def opened(browser: Browser, url: str, **options: object) -> AsyncIterator[Tab]:
    async with context(browser, **options) as made:
        tab = await made.new_page()
        await tab.goto(url)
        yield tab


async def press(tab: Tab, label: str) -> None:
    await tab.locator(".sheet").last.get_by_role("button", name=label, exact=True).click()


async def say(tab: Tab, text: str) -> None:
    field = tab.get_by_label("Votre message")
    if not await field.is_visible():
        await tab.get_by_role("button", name="Écrire", exact=True).click()
    await field.fill(text)
    await tab.keyboard.press("Enter")


async def step_is(tab: Tab, step: int) -> None:
    await expect(tab.locator(".sheet").last.locator(".step")).to_contain_text(f"Étape {step} sur 7")


async def begin(tab: Tab, case: str = "mamat") -> None:
    await tab.goto(f"{tab.url.split('?')[0]}?start={case}")
    await step_is(tab, 1)
    # What stands there now is the answer, not the screen that the page came with.
    await expect(tab.locator(".first")).to_have_count(0)


async def says_no_and_stays(tab: Tab) -> None:
    """The answer leads on to the compose page; here the letter is wanted in the chat."""
    await press(tab, "Non")
    await tab.wait_for_url(re.compile("/ecrire"))
    await tab.go_back()
    await expect(tab.locator(".now .block")).to_be_attached()


async def test_a_supporter_walks_the_whole_case_signs_and_gets_the_letter(
    browser: Browser, url: str, tmp_path: Path
) -> None:
    async with opened(browser, url) as tab:
        await begin(tab)
        await expect(tab.locator(".who .zh").last).to_have_text("麦麦提·阿卜来提")
        for step in range(1, 8):
            await step_is(tab, step)
            if step == 4:
                await tab.reload()
                await step_is(tab, 4)
            if step < 7:
                await press(tab, "Suite")
        # Edited in place: one sheet for the whole story.
        await expect(tab.locator(".sheet")).to_have_count(1)
        await press(tab, "Écrire au président")
        await says_no_and_stays(tab)
        await press(tab, "Autres façons")
        await press(tab, "Signer la lettre")
        await say(tab, "Zoé")
        await expect(tab.locator(".own").last).to_have_text("Vous : Zoé")
        await expect(tab.locator(".sheet").last).to_contain_text("quelle ville")
        await say(tab, "Saint-Malo")
        letter = tab.locator(".sheet").last.locator(".block .text")
        await expect(letter).to_contain_text("Saint-Malo")
        await press(tab, "Autres façons")
        await save_the_letter(tab, tmp_path)
        await say(tab, "/sign")
        await press(tab, "✍️ Je signe")
        await expect(tab.locator(".sheet").last).to_contain_text("Votre signature est là")


async def save_the_letter(tab: Tab, place: Path) -> None:
    await tab.locator("[data-choice^='file:'], [data-choice*='pdf']").first.click()
    link = tab.locator("a.document[download$='.pdf']").first
    await link.scroll_into_view_if_needed()
    async with tab.expect_download() as coming:
        await link.click()
    download = await coming.value
    file = place / download.suggested_filename
    await download.save_as(file)
    text = "".join(page.extract_text() for page in PdfReader(file).pages)
    assert "Saint-Malo" in text
    assert "Zhongnanhai" in text


@pytest.mark.slow
async def test_a_lost_network_loses_and_repeats_nothing(browser: Browser, url: str) -> None:
    port = int(url.rstrip("/").rpartition(":")[2])
    async with Wire(port) as wire, opened(browser, wire.url) as tab:
        await begin(tab)
        wire.cut()
        await press(tab, "Suite")
        await say(tab, "Bonjour pendant la panne")
        await expect(tab.get_by_role("status")).to_contain_text("Pas de connexion")
        async with asyncio.timeout(60):
            while wire.refused < 5:
                await asyncio.sleep(0.02)
        await step_is(tab, 1)
        wire.mend()
        await expect(tab.locator(".own")).to_have_text(["Vous : Bonjour pendant la panne"])
        await expect(tab.locator(".step")).to_have_text("Étape 2 sur 7", timeout=BACK)
        await expect(tab.locator(".sheet").last).to_contain_text(
            "Je n’ai pas compris", timeout=BACK
        )
        await expect(tab.get_by_role("status")).to_contain_text("La connexion est revenue")
        before = await tab.locator("#log").inner_text()
        await tab.reload()
        await expect(tab.locator(".own")).to_have_count(1)
        assert await tab.locator("#log").inner_text() == before


@pytest.mark.slow
async def test_a_page_comes_back_after_the_bot_was_killed(browser: Browser, tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()
    async with context(browser) as made:
        tab = await made.new_page()
        with program(data, port) as process:
            await tab.goto(f"http://127.0.0.1:{port}/")
            await begin(tab)
            await press(tab, "Suite")
            await step_is(tab, 2)
            process.kill()
            process.wait()
        await press(tab, "Suite")
        with program(data, port):
            await expect(tab.locator(".step")).to_have_text("Étape 3 sur 7", timeout=BACK)
            await press(tab, "Suite")
            await step_is(tab, 4)
            await expect(tab.locator(".sheet")).to_have_count(1)


@pytest.mark.slow
async def test_a_turn_of_a_closed_page_is_sent_when_it_is_opened_again(
    browser: Browser, url: str
) -> None:
    port = int(url.rstrip("/").rpartition(":")[2])
    async with Wire(port) as wire, context(browser) as made:
        tab = await made.new_page()
        await tab.goto(wire.url)
        await begin(tab)
        wire.cut()
        await say(tab, "À bientôt")
        await tab.close()
        wire.mend()
        again = await made.new_page()
        await again.goto(wire.url)
        await expect(again.locator(".own")).to_have_text(["Vous : À bientôt"])
        await expect(again.locator(".sheet")).to_have_count(2)


@pytest.mark.slow
async def test_two_tabs_agree(browser: Browser, url: str) -> None:
    async with context(browser) as made:
        first, second = await made.new_page(), await made.new_page()
        await first.goto(url)
        await second.goto(url)
        await begin(first)
        await step_is(second, 1)
        await press(second, "Suite")
        await step_is(first, 2)
        await say(first, "Bonjour")
        await expect(second.locator(".own")).to_have_text("Vous : Bonjour")
        await expect(first.locator(".sheet")).to_have_count(2)
        await expect(second.locator(".sheet")).to_have_count(2)


@pytest.mark.slow
async def test_copy_buttons_copy_and_say_so(browser: Browser, url: str) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    async with opened(browser, f"{url}?start=mamat-letter", permissions=permissions) as tab:
        await says_no_and_stays(tab)
        shown = await tab.locator(".block .text").inner_text()
        await tab.get_by_role("button", name="Copier le texte").click()
        assert await tab.evaluate("navigator.clipboard.readText()") == shown
        await expect(tab.get_by_role("status")).to_have_text("Copié")
        await press(tab, "Autres façons")
        await tab.get_by_role("button", name="Copier À").click()
        assert "@" in await tab.evaluate("navigator.clipboard.readText()")


@pytest.mark.slow
async def test_forgetting_starts_afresh_here_and_in_other_tabs(browser: Browser, url: str) -> None:
    async with context(browser) as made:
        tab, other = await made.new_page(), await made.new_page()
        for one in (tab, other):
            await one.goto(url)
        await begin(tab)
        await step_is(other, 1)
        await tab.bring_to_front()
        await tab.get_by_role("button", name="Oublier cette conversation").click()
        await tab.get_by_role("button", name="Garder").click()
        await step_is(tab, 1)
        await tab.get_by_role("button", name="Oublier cette conversation").click()
        await tab.get_by_role("button", name="Tout effacer").click()
        for one in (tab, other):
            await expect(one.locator("#farewell")).to_be_visible()
            await expect(one.locator(".sheet")).to_have_count(1)
            await expect(one.locator(".sheet")).to_contain_text("Un bot géré par")
        assert await tab.evaluate("Object.keys(localStorage).filter(n => /key|turn/.test(n))") == []
        await tab.reload()
        await expect(tab.locator(".sheet")).to_contain_text("Un bot géré par")


@pytest.mark.slow
async def test_forgetting_in_the_chat_starts_afresh_too(browser: Browser, url: str) -> None:
    async with opened(browser, url) as tab:
        await begin(tab)
        await say(tab, "/forget")
        await tab.locator("[data-choice='forget:all']").click()
        await expect(tab.locator("#farewell")).to_be_visible()
        await expect(tab.locator(".step")).to_have_count(0)


async def test_what_is_typed_is_never_markup(browser: Browser, url: str) -> None:
    async with opened(browser, f"{url}?start=mamat-letter") as tab:
        await says_no_and_stays(tab)
        await press(tab, "Autres façons")
        await press(tab, "Signer la lettre")
        await say(tab, MARKUP)
        await expect(tab.locator(".own").last).to_have_text(f"Vous : {MARKUP}")
        await expect(tab.locator(".sheet").last).to_contain_text("quelle ville")
        await say(tab, "<b>Lyon</b>")
        await expect(tab.locator(".block .text")).to_contain_text(MARKUP)
        await expect(tab.locator(".block .text")).to_contain_text("<b>Lyon</b>")
        await expect(tab.locator("#log img:not(.who-it-is)")).to_have_count(0)
        await tab.reload()
        await expect(tab.locator(".block .text")).to_contain_text(MARKUP)


@pytest.mark.slow
async def test_a_link_opens_its_story_once(browser: Browser, url: str) -> None:
    async with opened(browser, f"{url}?start=akber_s-affiche") as tab:
        await expect(tab.locator(".who").last).to_contain_text("Akber Hushur")
        assert tab.url == url
        await tab.reload()
        await expect(tab.locator(".who")).to_have_count(1)


@pytest.mark.slow
async def test_a_story_that_a_link_opens_shows_whom_it_is_about(browser: Browser, url: str) -> None:
    async with opened(browser, f"{url}?start=mamat") as tab:
        await expect(tab.locator(".sheet .who-it-is")).to_be_visible()
        await tab.wait_for_function("document.querySelector('.who-it-is').naturalWidth === 1200")


@pytest.mark.slow
async def test_a_link_for_somebody_known_shows_its_screen_once_below_what_was_said(
    browser: Browser, url: str
) -> None:
    async with opened(browser, f"{url}?start=mamat") as tab:
        await step_is(tab, 1)
        await tab.goto(f"{url}?start=mamat-actions")
        await expect(tab.locator(".now [data-choice^='sign:']")).to_be_visible()
        await tab.goto(f"{url}?start=mamat")
        await expect(tab.locator(".first")).to_have_count(0)
        await expect(tab.locator(".sheet")).to_have_count(3)
        await expect(tab.locator(".slot").last).to_have_class("slot now")
        await expect(tab.locator(".now .step")).to_be_in_viewport()


@pytest.mark.slow
async def test_the_language_changes_with_the_conversation(browser: Browser, url: str) -> None:
    async with opened(browser, url) as tab:
        await begin(tab)
        await tab.locator("[data-language=en]").click()
        await expect(tab.locator("html")).to_have_attribute("lang", "en")
        await expect(tab.get_by_role("button", name="Write", exact=True)).to_be_visible()
        await expect(tab.locator(".sheet").last).to_have_attribute("lang", "en")
        await tab.reload()
        await expect(tab.get_by_role("button", name="Write", exact=True)).to_be_visible()


async def test_it_works_with_the_keyboard_alone(browser: Browser, url: str) -> None:
    async def tab_to(tab: Tab, label: str) -> None:
        for _ in range(60):
            await tab.keyboard.press("Tab")
            focused = await tab.evaluate("document.activeElement.textContent")
            if focused.strip() == label:
                return
        raise AssertionError(f"the keyboard does not reach {label}")

    async with opened(browser, url) as tab:
        await tab.keyboard.press("Tab")
        await expect(tab.locator(".skip")).to_be_focused()
        await tab.keyboard.press("Enter")
        await tab_to(tab, "Lire son histoire")
        await tab.keyboard.press("Enter")
        await step_is(tab, 1)
        await tab_to(tab, "Suite")
        await tab.keyboard.press("Enter")
        await step_is(tab, 2)
        # The focus stays on "next", so that it can be pressed again.
        await expect(tab.locator("button.next")).to_be_focused()
        await tab.keyboard.press("Enter")
        await step_is(tab, 3)
        outline = await tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
        await tab_to(tab, "Oublier cette conversation")
        await tab.keyboard.press("Enter")
        await expect(tab.get_by_role("dialog")).to_be_visible()
        await tab.keyboard.press("Escape")
        await expect(tab.get_by_role("dialog")).to_be_hidden()
        await step_is(tab, 3)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious(browser: Browser, url: str, scheme: str) -> None:
    calm = {"color_scheme": scheme, "bypass_csp": True, "reduced_motion": "reduce"}
    async with context(browser, **calm) as made:
        tab = await made.new_page()
        await tab.goto(url)
        assert await serious_findings(tab) == []
        await begin(tab)
        assert await serious_findings(tab) == []
        await tab.goto(f"{url}?start=mamat-letter")
        await says_no_and_stays(tab)
        await press(tab, "Autres façons")
        await press(tab, "Signer la lettre")
        await say(tab, "Zoé")
        await expect(tab.locator(".sheet").last).to_contain_text("quelle ville")
        await press(tab, "Passer cette question")
        await expect(tab.locator(".block")).to_be_visible()
        assert await serious_findings(tab) == []
        await tab.get_by_role("button", name="Oublier cette conversation").click()
        assert await serious_findings(tab) == []
        await tab.goto(f"{url}preview")
        await expect(tab.locator(".column").first).to_be_visible()
        assert await serious_findings(tab) == []


@pytest.mark.slow
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
async def test_nothing_is_cut_off_at_320_pixels(browser: Browser, url: str, direction: str) -> None:
    async with opened(browser, url, viewport={"width": 320, "height": 640}) as tab:
        await tab.evaluate("d => (document.documentElement.dir = d)", direction)
        wide = "document.documentElement.scrollWidth"
        assert await tab.evaluate(wide) <= 320
        await begin(tab)
        await press(tab, "Suite")
        await step_is(tab, 2)
        assert await tab.evaluate(wide) <= 320
        await tab.get_by_role("button", name="Menu", exact=True).first.click()
        await expect(tab.get_by_role("button", name="Oublier cette conversation")).to_be_visible()
        assert await tab.evaluate(wide) <= 320
        await tab.keyboard.press("Escape")
        await expect(tab.get_by_role("button", name="Oublier cette conversation")).to_be_hidden()


@pytest.mark.slow
async def test_reduced_motion_is_respected(browser: Browser, url: str) -> None:
    async with opened(browser, url, reduced_motion="reduce") as tab:
        await begin(tab)
        await press(tab, "Suite")
        await step_is(tab, 2)
        assert await tab.evaluate("document.getAnimations().length") == 0


@pytest.mark.slow
async def test_a_page_without_storage_still_converses(browser: Browser, url: str) -> None:
    async with context(browser) as made:
        await made.add_init_script(
            "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no'); }})"
        )
        tab = await made.new_page()
        await tab.goto(url)
        await begin(tab)
        await press(tab, "Suite")
        await step_is(tab, 2)


@pytest.mark.slow
async def test_without_javascript_the_page_says_what_to_do(browser: Browser, url: str) -> None:
    async with opened(browser, url, java_script_enabled=False) as tab:
        await expect(tab.locator("noscript strong")).to_have_text(
            "Cette page a besoin de JavaScript."
        )
        await expect(tab.locator(".sheet")).to_contain_text("Un bot géré par")


@pytest.mark.slow
async def test_only_a_site_on_the_list_can_frame_the_page(browser: Browser, tmp_path: Path) -> None:
    port = free_port()

    async def host(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = f'<!doctype html><title>x</title><iframe src="http://127.0.0.1:{port}/"></iframe>'
        writer.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + body.encode())
        writer.close()

    friend = await asyncio.start_server(host, "127.0.0.1", 0)
    stranger = await asyncio.start_server(host, "127.0.0.1", 0)
    places = [f"http://127.0.0.1:{one.sockets[0].getsockname()[1]}" for one in (friend, stranger)]
    with program(tmp_path / "data", port, BOT_EMBED_HOSTS=places[0]):
        made = await browser.new_context(locale="fr-FR")
        tab = await made.new_page()
        await tab.goto(places[0])
        frame = tab.frame_locator("iframe")
        await frame.locator("[data-choice^='story:mamat']").click()
        await expect(frame.locator(".step")).to_contain_text("Étape 1")
        await tab.goto(places[1])
        await expect(tab.frame_locator("iframe").locator(".sheet")).to_have_count(0)
        await made.close()
    friend.close()
    stranger.close()


@pytest.mark.slow
async def test_the_preview_takes_up_a_saved_file_at_once(browser: Browser, tmp_path: Path) -> None:
    content, port = tmp_path / "content", free_port()
    shutil.copytree(ROOT / "content", content)
    file = content / "messages/fr/mamat.yaml"
    with program(tmp_path / "data", port, BOT_CONTENT=str(content)):
        async with opened(browser, f"http://127.0.0.1:{port}/preview") as tab:
            await tab.get_by_label("Case").select_option("mamat")
            left = tab.locator(".column").first
            await expect(left.locator(".step")).to_have_text("Étape 1 sur 7")
            await left.get_by_role("button", name="Suite").click()
            await expect(left.locator("h3").last).to_have_text("Arrêté deux fois")
            await expect(tab.locator(".column").nth(1)).to_contain_text("Arrested twice")
            await expect(left.locator(".lengths")).to_contain_text(re.compile(r"\d+ of 4096"))
            file.write_text(file.read_text().replace("Arrêté deux fois", "Par deux fois"))
            await expect(left.locator("h3").last).to_have_text("Par deux fois")
            file.write_text(file.read_text().replace("story:", "stroy:", 1))
            await expect(tab.locator("#problems")).to_contain_text("mamat.yaml")
            await expect(tab.locator("#problems")).to_contain_text("line")
