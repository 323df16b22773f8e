"""The compose page in real Chromium, reached from the chat of the real program."""

from __future__ import annotations

import asyncio
import email
import email.policy
import io
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page
from pypdf import PdfReader

from bot.campaign.typed import one_line
from bot.documents.eml import eml
from bot.documents.mail_links import WEB_LIMITS, MailDraft, mailto
from tests.chromium import browser, serious_findings, until
from tests.documents_samples import LETTER
from tests.program import Running, free_port, running
from tests.recorded import number, rows
from tests.supporter import Supporter
from tests.telegram_chats import Shown
from tests.telegram_server import TelegramServer

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

TO, CC = "english@mail.gov.cn", "chinaemb_fr@mfa.gov.cn"
SERVICES = {
    "gmail": "https://mail.google.com/mail/?view=cm&fs=1&",
    "outlook": "https://outlook.live.com/mail/0/deeplink/compose?mailtouri=",
    "outlook_work": "https://outlook.cloud.microsoft/mail/deeplink/compose?mailtouri=",
    "yahoo": "https://compose.mail.yahoo.com/?",
    "proton": "https://mail.proton.me/inbox/#mailto=",
}
NAMES = [
    ("Zoé", "Lyon"),
    ("", "Saint-Étienne"),
    ("Anne", ""),
    ('O\'Neil "Bob" <b>&amp;', "Aix+en=Provence?&to=x@example.org"),
    ("a\r\nBcc: x@example.org", "b\u2028c\u0085d"),
    ("عائشة \u202eevil", "קולומביה"),
    ("👩🏽‍🚒 Lou", "100 % là-bas #1"),
    ("  \t ", "\u200b\u2060"),
    ("Z\u0301oe\ufb01", "麦麦提·阿卜来提"),
]


@dataclass
class World:
    """A running bot on Telegram with its web part, and a browser."""

    server: TelegramServer
    bot: Running
    data: Path
    url: str
    browser: Browser


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    data = tmp_path_factory.mktemp("compose") / "data"
    data.mkdir()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with browser() as chromium, TelegramServer() as server:
        with running(data, server.root, BOT_PORT=str(port), BOT_PUBLIC_URL=url) as bot:
            await until_it_answers(url)
            yield World(server, bot, data, url, chromium)
        assert server.violations == []


async def until_it_answers(url: str) -> None:
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        for _ in range(1200):
            try:
                await client.get(f"{url}/ecrire")
                return
            except httpx.TransportError:
                await asyncio.sleep(0.05)
    raise AssertionError("the web part does not answer")


@pytest_asyncio.fixture(loop_scope="module")
async def context(world: World) -> AsyncIterator[BrowserContext]:
    made = await world.browser.new_context(locale="fr-FR", viewport={"width": 1280, "height": 900})
    await made.grant_permissions(["clipboard-read", "clipboard-write"], origin=world.url)
    try:
        yield made
        assert await made.cookies() == []
    finally:
        await made.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    opened = await context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda problem: complaints.append(str(problem)))
    opened.on("console", lambda said: complaints.append(said.text))
    yield opened
    refused = [one for one in complaints if "status of 410" not in one]
    assert refused == [], "nothing is refused by the content policy, nothing fails"


async def letter_in_chat(
    world: World, chat: int, first_name: str = "", town: str = ""
) -> tuple[Supporter, Shown]:
    """A supporter who asked for the letter to the president."""
    alice = Supporter(world.server, chat)
    question = await alice.starts("mamat-letter")
    shown = await alice.presses("Non", question)
    if not first_name:
        return alice, shown
    ways = await alice.presses("Autres façons", shown)
    await alice.presses("Signer la lettre", ways)
    asked = await alice.says(first_name)
    shown = await alice.says(town) if town else await alice.presses("Passer cette question", asked)
    return alice, shown


# Whether some of what has the focus is seen above the bar, or is in it.
CLEAR_OF_THE_BAR = """() => {
  const bar = document.querySelector(".bar");
  const here = document.activeElement;
  if (!bar.offsetHeight || bar.contains(here)) return true;
  const { top, bottom } = here.getBoundingClientRect();
  return Math.min(bottom, top + 40) <= bar.getBoundingClientRect().top + 1 && bottom > 0;
}"""


def link_of(shown: Shown) -> str:
    button = shown.button("✉️ Ouvrir dans ma boîte mail")
    assert button is not None, shown.labels
    return str(button["url"])


OWN_LINE = "\n\n"


def block_of(shown: Shown) -> str:
    """The letter in the message: what stands behind its last sentence."""
    return shown.text.split("Votre adresse e-mail sera visible.\n\n", 1)[1]


async def opened(page: Page, url: str) -> str:
    """Go there and unfold everything; the letter that the page shows."""
    await page.goto(url)
    await until(page, "document.getElementById('body').value.length > 100")
    await until(page, "document.body.dataset.step === 'letter'")
    await page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true; })")
    return await page.input_value("#body")


async def draft_on(page: Page) -> MailDraft:
    return MailDraft(
        (TO,), (CC,), await page.input_value("#subject"), await page.input_value("#body")
    )


def decoded_mailto(url: str) -> tuple[str, dict[str, str]]:
    """As RFC 6068 says: nothing but percent signs is decoded."""
    assert "+" not in url.partition("?")[2]
    to, _, query = url.removeprefix("mailto:").partition("?")
    fields = dict(part.split("=", 1) for part in query.split("&"))
    return unquote(to), {name: unquote(value) for name, value in fields.items()}


def draft_in(service: str, link: str) -> MailDraft:
    """What that web mail reads from its link."""
    assert link.startswith(SERVICES[service])
    assert "+" not in link
    rest = link.removeprefix(SERVICES[service])
    if service in ("gmail", "yahoo"):
        query = parse_qs(rest, strict_parsing=True)
        subject = query["su" if service == "gmail" else "subject"]
        return MailDraft(tuple(query["to"]), tuple(query["cc"]), subject[0], query["body"][0])
    to, fields = decoded_mailto(unquote(rest))
    lines = fields["body"].split("\r\n")
    assert not any("\n" in line for line in lines)
    return MailDraft((to,), (fields["cc"],), fields["subject"], "\n".join(lines))


async def hrefs(page: Page) -> dict[str, str]:
    """The links that are offered, by service."""
    return dict(
        await page.eval_on_selector_all(
            "li:not([hidden]) > [data-service]",
            "all => all.map(a => [a.dataset.service, a.getAttribute('href')])",
        )
    )


async def test_whoever_is_at_risk_is_asked_for_no_name_on_the_page(
    world: World, page: Page
) -> None:
    alice = Supporter(world.server, 150)
    await alice.presses("Oui", await alice.starts("akber-letter"))
    careful = await alice.starts("mamat-letter")
    shown = await alice.presses("Voir la lettre sans nom", careful)

    await opened(page, link_of(shown))

    assert not await page.is_visible("#first-name")
    assert not await page.is_visible("#town")
    assert "Ne la signez pas" in await page.inner_text("#safety")
    await page.click("#already")
    assert not await page.is_visible("#untold"), "the token is read beside the mark"


async def test_the_page_shows_the_letter_of_the_chat_and_its_links_hold_it_to_the_letter(
    world: World, page: Page
) -> None:
    _, shown = await letter_in_chat(world, 101, "Zoé", "Saint-Étienne & co")

    signed = await opened(page, link_of(shown))

    draft = await draft_on(page)
    assert draft.body == signed
    assert draft.body.replace(OWN_LINE * 2, OWN_LINE) == block_of(shown)
    assert signed.endswith("\n\nZoé\nSaint-Étienne & co"), "told in the chat, asked no more"
    assert "Zo" not in urlsplit(page.url).fragment, "typed words leave the address bar"
    mail = await page.get_attribute("#mailto", "href") or ""
    body = draft.body.replace("\n", "\r\n")
    assert decoded_mailto(mail) == (TO, {"cc": CC, "subject": draft.subject, "body": body})
    links = await hrefs(page)
    assert {service: draft_in(service, link) for service, link in links.items()} == dict.fromkeys(
        SERVICES, draft
    )


async def test_links_and_files_are_those_of_the_bot_whatever_name_is_typed(
    world: World, page: Page
) -> None:
    unsigned = await opened(page, f"{world.url}/ecrire?cas=mamat&geste=letter")
    short = "Monsieur,\n\n« Libérez-le » ; (100 %)…"
    for body in (unsigned, short):
        await opened(page, f"{world.url}/ecrire?cas=mamat&geste=letter")
        await page.fill("#body", body)
        for first_name, town in NAMES:
            for field, typed in (("#first-name", first_name), ("#town", town)):
                # An input drops line ends of what is typed; set by a script they come through.
                await page.eval_on_selector(
                    field,
                    "(e, v) => { e.value = v; e.dispatchEvent(new Event('input')); }",
                    typed,
                )
            signed = "\n".join(filter(None, map(one_line, _as_input(first_name, town))))
            expected = f"{body}\n\n{signed}" if signed else body
            draft = await draft_on(page)
            assert draft.body == expected
            assert await page.get_attribute("#mailto", "href") == mailto(draft)
            links = await hrefs(page)
            assert links.keys() == WEB_LIMITS.keys()
            for service, link in links.items():
                assert len(link) <= WEB_LIMITS[service]
                assert draft_in(service, link) == draft
        async with page.expect_download() as coming:
            await page.click("#eml")
        file = await coming.value
        assert file.suggested_filename == "lettre-mamat.eml"
        read_back(await content_of(file.path()), draft)


def _as_input(*typed: str) -> list[str]:
    """As a text input keeps it: without line ends (HTML: value sanitisation)."""
    return [re.sub(r"[\r\n]", "", one) for one in typed]


async def content_of(path: object) -> bytes:
    return Path(str(await path)).read_bytes()  # type: ignore[misc]


def read_back(content: bytes, draft: MailDraft) -> None:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert message["X-Unsent"] == "1"
    assert (message["To"], message["Cc"]) == (TO, CC)
    assert message["Subject"] == draft.subject
    assert "From" not in message
    assert "Date" not in message
    assert message.get_content_type() == "text/plain"
    body = message.get_content().replace("\r\n", "\n")
    assert body.removesuffix("\n") == draft.body
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    of_the_bot = email.message_from_bytes(eml(LETTER).content, policy=email.policy.default)
    assert set(message.keys()) == set(of_the_bot.keys())


async def test_a_file_keeps_subjects_and_bodies_of_any_kind(world: World, page: Page) -> None:
    await opened(page, f"{world.url}/ecrire?cas=mamat")
    for subject, body in (
        ("Ω" * 300, "=3D .\n.\n\nFrom here \n tab\t\n" + "é" * 10_000),
        ("a" * 200, "\u202e אבג\n\n🕊️ " * 50),
        ("=?utf-8?b?eA==?= \t x", "= = =\n--\nx "),
    ):
        await page.fill("#subject", subject)
        await page.fill("#body", body)
        async with page.expect_download() as coming:
            await page.click("#eml")
        draft = await draft_on(page)
        kept = re.sub(" {2,}", " ", draft.subject.replace("\t", " ")).strip(" ")
        read_back(
            await content_of((await coming.value).path()),
            MailDraft(draft.to, draft.cc, kept, draft.body),
        )


async def test_a_short_letter_goes_into_the_mail_program_whole(world: World, page: Page) -> None:
    await opened(page, f"{world.url}/write?case=akber")
    await page.fill("#body", "Your Excellency,\n\nplease free Akber Hushur.")
    mail = await page.get_attribute("#mailto", "href") or ""
    _, fields = decoded_mailto(mail)
    assert fields["body"] == "Your Excellency,\r\n\r\nplease free Akber Hushur."
    assert "%20" in mail
    assert set(await hrefs(page)) == {"gmail", "outlook", "outlook_work", "yahoo", "proton"}


async def test_each_field_can_be_copied(world: World, page: Page) -> None:
    await opened(page, f"{world.url}/ecrire?cas=mamat&geste=letter")
    await page.fill("#first-name", "Zoé")
    for field in ("to", "cc", "subject", "body"):
        await page.click(f"[data-copy={field}]")
        await page.wait_for_selector(f"[data-copy={field}]:has-text('✓')")
        assert await clipboard(page) == await page.input_value(f"#{field}")


async def clipboard(page: Page) -> str:
    text: str = await page.evaluate("navigator.clipboard.readText()")
    return text


async def test_what_is_typed_reaches_no_server_and_no_log(
    world: World, context: BrowserContext
) -> None:
    page = await context.new_page()
    asked: list[str] = []
    page.on("request", lambda r: asked.append(f"{r.method} {r.url} {r.post_data or ''}"))
    alice, shown = await letter_in_chat(world, 102)
    link = link_of(shown)
    await opened(page, link)
    await page.fill("#first-name", "Quetzalcoatl")
    await page.fill("#town", "Ouagadougou")
    await page.click("#another")
    await until(page, "document.getElementById('body').value.endsWith('Ouagadougou')")
    before = world.server.answered[102]
    await says_sent(page)
    await page.wait_for_selector("#told:has-text('noté')")
    await world.server.answer(102, before)

    assert all(one.split()[1].startswith(world.url) for one in asked)
    token = token_of(link)
    for secret in ("Quetzalcoatl", "Ouagadougou"):
        assert not any(secret in one for one in asked)
        assert secret not in world.bot.log
    assert [one for one in asked if token in one] == [
        f'POST {world.url}/compose/sent {{"token":"{token}"}}'
    ]
    assert token not in world.bot.log
    assert alice.chat == 102


async def test_i_have_sent_it_is_said_in_the_chat_once_and_leads_back(
    world: World, page: Page
) -> None:
    alice, shown = await letter_in_chat(world, 103)
    link = link_of(shown)
    await opened(page, link)
    before = world.server.answered[103]
    counted = declared(world)
    await page.context.route("https://t.me/**", lambda route: route.fulfill(body="the chat"))
    await says_sent(page)
    thanks = await world.server.answer(103, before)
    assert "Votre lettre pour Mamat est partie" in thanks.text
    assert declared(world) == counted + 1
    await page.wait_for_selector("#told:has-text('noté')")
    back = page.locator("[data-back]:visible")
    assert await back.count() == 1
    assert await back.get_attribute("href") == "https://t.me/campagne_test_bot"
    await page.wait_for_url("https://t.me/campagne_test_bot")

    # Asked again, as after a lost answer: the same is said, and nothing counts twice.
    async with httpx.AsyncClient(base_url=world.url, trust_env=False, verify=False) as client:
        token = {"token": token_of(link)}
        headers = {"Origin": world.url}
        again = await client.post("/compose/sent", json=token, headers=headers)
        assert again.status_code == 200
        foreign = {"Origin": "https://elsewhere.example"}
        refused = await client.post("/compose/sent", json=token, headers=foreign)
        assert refused.status_code == 403
        for wrong in ({"token": "a" * 26}, {"token": 7}, {}, [], {"token": "x" * 9999}):
            answer = await client.post("/compose/sent", json=wrong, headers=headers)
            assert answer.status_code in (400, 410)
    assert declared(world) == counted + 1
    assert world.server.answered[103] == before + 1

    # Taken back in the chat, the used link declares nothing any more.
    acts = await alice.presses("Agir", thanks)
    more = await alice.presses("Plus", acts)
    await alice.presses("Retirer\u00a0: Écrire au président", more)
    async with httpx.AsyncClient(base_url=world.url, trust_env=False, verify=False) as client:
        await client.post("/compose/sent", json=token, headers=headers)
    assert declared(world) == counted


async def says_sent(page: Page) -> None:
    await page.click("#already")
    await page.click("#sent")


def token_of(link: str) -> str:
    return urlsplit(link).fragment.split("&")[0].split(".")[0]


def declared(world: World) -> int:
    return number(world.data, "select count(*) from acts where evidence = 'declared'")


async def test_a_token_is_kept_as_a_hash_and_an_unknown_one_says_what_to_do(
    world: World, page: Page
) -> None:
    _, shown = await letter_in_chat(world, 104)
    link = link_of(shown)
    token = token_of(link)
    assert len(token) == 26
    kept = rows(world.data, "select hex(hash), hex(address_sealed) from page_tokens")
    assert kept
    assert token.encode().hex().upper() not in str(kept)
    await opened(page, link.replace(token, "a" * 26))
    await says_sent(page)
    await page.wait_for_selector("#told:has-text('plus d’un jour')")
    assert await page.evaluate("document.activeElement.id") == "told"


async def test_a_lost_network_is_said_and_the_second_try_counts(
    world: World, context: BrowserContext
) -> None:
    page = await context.new_page()
    _, shown = await letter_in_chat(world, 108)
    await opened(page, link_of(shown))
    counted = declared(world)
    await context.set_offline(True)
    await says_sent(page)
    await page.wait_for_selector("#told:has-text('Essayez encore')")
    await context.set_offline(False)
    await page.click("#sent")
    await page.wait_for_selector("#told:has-text('Merci')")
    assert declared(world) == counted + 1


async def test_a_fragment_that_was_cut_lists_the_letters(world: World, page: Page) -> None:
    await page.goto(f"{world.url}/ecrire#%E0%A4%A")
    await page.wait_for_selector("#choose:visible")
    assert not await page.is_visible("#loading")


async def test_without_a_token_all_but_recording_works(world: World, page: Page) -> None:
    await page.goto(f"{world.url}/ecrire")
    await page.click("a:has-text('Akber')")
    await page.wait_for_selector("#letter:visible")
    assert "Akber Hushur" in await page.inner_text("#heading")
    await page.click("#text > summary")
    await page.click("[data-in=en]")
    await page.wait_for_selector("#body[lang=en]")
    assert (await page.input_value("#body")).startswith("Your Excellency,")
    await page.click("#reading > summary")
    assert (await page.inner_text("#reading-text[lang=fr]")).startswith("Madame l’Amb")
    await page.fill("#first-name", "Zoé")
    await page.click("[data-language=en]")
    await page.wait_for_selector("html[lang=en]")
    await until(page, "document.getElementById('first-name').value === 'Zoé'")
    assert "Akber Hushur" in await page.inner_text("#heading"), "the letter stays"
    assert not await page.is_visible("#reading"), "an English letter needs no reading here"
    await page.click("#ways > summary")
    await page.click("#already")
    assert not await page.is_visible("#sent")
    assert await page.is_visible("#untold")


async def test_a_text_that_was_changed_is_not_replaced_unasked(world: World, page: Page) -> None:
    await opened(page, f"{world.url}/ecrire?cas=mamat")
    asked: list[str] = []

    async def refuse(dialog: object) -> None:
        asked.append(dialog.message)  # type: ignore[attr-defined]
        await dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", refuse)
    await page.fill("#body", "À moi.")
    await page.click("#another")
    assert len(asked) == 1
    assert await page.input_value("#body") == "À moi."
    await page.fill("#first-name", "Zoé")
    assert await page.input_value("#body") == "À moi.\n\nZoé"
    await page.fill("#body", "À moi.\n\nZoé M.")
    await page.fill("#first-name", "Zoée")
    assert await page.input_value("#body") == "À moi.\n\nZoé M."
    assert "tel que vous l’avez écrit" in await page.inner_text("#by-hand")


async def test_without_javascript_the_letter_is_read_and_sent_whole(world: World) -> None:
    context = await world.browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    _, shown = await letter_in_chat(world, 109)
    await page.goto(link_of(shown))
    assert "Écrire pour Mamat Ablat" in await page.inner_text("h2 >> visible=true")
    assert "Xi Jinping" in await page.inner_text("#whom")
    letter = await page.input_value("#body")
    mail = await page.get_attribute("#mailto", "href") or ""
    to, fields = decoded_mailto(mail)
    assert (to, fields["body"].replace("\r\n", "\n")) == (TO, letter.strip())
    assert letter.strip().replace(OWN_LINE * 2, OWN_LINE) == block_of(shown)
    await page.click("#text > summary")
    await page.click("#another")
    assert await page.input_value("#body") != letter, "another version comes without scripts"
    await context.close()


async def test_the_whole_page_works_without_a_mouse(world: World, page: Page) -> None:
    _, shown = await letter_in_chat(world, 105)
    await opened(page, link_of(shown))
    passed: list[str] = []

    async def tab_to(wanted: str) -> None:
        for _ in range(40):
            await page.keyboard.press("Tab")
            here = await page.evaluate(
                "(e => e.id || e.dataset.copy || e.dataset.service || e.className)"
                "(document.activeElement)"
            )
            passed.append(here)
            box = await page.evaluate(CLEAR_OF_THE_BAR)
            assert box, f"{here} is covered by the bar"
            ring = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert ring != "none", f"{here} does not show that it has the focus"
            if here == wanted:
                return
        raise AssertionError(f"{wanted} cannot be reached: {passed}")

    await tab_to("leave")
    await tab_to("own")
    await page.keyboard.type("Son frère me manque.")
    await tab_to("body")
    await tab_to("subject")
    await tab_to("gmail")
    await tab_to("eml")
    await tab_to("first-name")
    await page.keyboard.type("Zoé")
    await tab_to("town")
    await page.keyboard.type("Lyon")
    assert (await page.input_value("#body")).endswith("\n\nZoé\nLyon")
    await tab_to("mailto")
    for _ in range(40):
        await page.keyboard.press("Shift+Tab")
        if await page.evaluate("document.activeElement.id") == "already":
            break
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "gone-title"
    await tab_to("sent")
    before = world.server.answered[105]
    await page.keyboard.press("Enter")
    assert "est partie" in (await world.server.answer(105, before)).text
    await until(page, "document.activeElement.id === 'told'")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
async def test_axe_finds_nothing_serious_and_nothing_is_cut_off(
    world: World, scheme: str, width: int
) -> None:
    context = await world.browser.new_context(
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": width, "height": 720},
        reduced_motion="reduce",
    )
    page = await context.new_page()
    await page.goto(f"{world.url}/write")
    assert await serious_findings(page) == []
    await opened(page, f"{world.url}/ecrire#mamat.letter.fr.7.{'a' * 26}")
    await page.fill("#first-name", "Zoé")
    assert await serious_findings(page) == []
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    await context.close()


async def test_a_link_to_a_letter_that_is_not_there_leads_to_those_that_are(
    world: World, context: BrowserContext
) -> None:
    page = await context.new_page()
    nowhere = ("#nobody.letter.fr.1.x", "?cas=nobody", "#mamat", "#%E0%A4%A", "#%E0%A4%A&town=%")
    for place in (f"/ecrire{one}" for one in nowhere):
        await page.goto("about:blank")
        await page.goto(world.url + place)
        await page.wait_for_selector("#choose:visible")
        assert await page.locator(".choice").count() == 3


async def test_chat_file_and_page_are_the_same_letter_and_the_paper_is_the_long_one(
    world: World, page: Page
) -> None:
    alice, shown = await letter_in_chat(world, 106, "Zoé", "Lyon")
    in_chat, link = block_of(shown), link_of(shown)
    ways = await alice.presses("Autres façons", shown)
    file = await alice.presses("Fichier e-mail", ways)
    assert file.file is not None
    message = email.message_from_bytes(file.file.content, policy=email.policy.default)
    before = world.server.answered[106]
    await alice.presses("Lettre à imprimer", ways)
    await world.server.answer(106, before + 1)
    paper = world.server.last(106).file
    assert paper is not None
    assert paper.media_type == "application/pdf"
    first_page = PdfReader(io.BytesIO(paper.content)).pages[0].extract_text()
    await opened(page, link)

    body = await page.input_value("#body")
    assert message.get_content().replace("\r\n", "\n").rstrip("\n") == body
    assert body.replace(OWN_LINE * 2, OWN_LINE) == in_chat, "but for the line that is left empty"
    assert message["Subject"] == await page.input_value("#subject")
    assert "Mamat Ablat" in first_page
    assert len(first_page) > len(in_chat), "the long letter, in the supporter's own language"
    assert "Monsieur le Président" in first_page


async def test_the_address_of_the_page_tells_the_server_of_nobody(world: World) -> None:
    _, shown = await letter_in_chat(world, 107, "Zoé", "Lyon")
    link = urlsplit(link_of(shown))
    assert link.path == "/ecrire"
    asked = parse_qs(link.query, strict_parsing=True)
    assert asked.keys() == {"cas", "geste", "langue", "numero"}, "which letter, of nobody"
    assert [asked[name] for name in ("cas", "geste", "langue")] == [["mamat"], ["letter"], ["en"]]
    assert re.fullmatch(r"[a-z2-7]{26}&first_name=Zo%C3%A9&town=Lyon", link.fragment)


async def test_from_the_chat_page_the_way_there_and_back_stays_in_the_browser(
    world: World, context: BrowserContext
) -> None:
    chat = await context.new_page()
    await chat.goto(f"{world.url}/?start=mamat-letter&lang=fr")
    await chat.click("button:has-text('Non')")
    # The letter comes at once, in the same tab.
    await chat.wait_for_url("**/ecrire?*")
    page = chat
    await page.click("#ways > summary")
    await says_sent(page)
    await page.wait_for_selector("#told:has-text('noté')")
    assert await page.locator("[data-back]:visible").get_attribute("href") == "./"
    await page.wait_for_url(f"{world.url}/")
    await chat.wait_for_selector("text=Votre lettre pour Mamat est partie")
