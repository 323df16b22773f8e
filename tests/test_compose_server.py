"""What the compose page's server answers, and how long a token is good."""

from __future__ import annotations

import email
import email.policy
import re
import secrets
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.campaign.events import Chose, Event
from bot.campaign.rules import Retention
from bot.documents.mail_links import MAILTO_LIMITS
from bot.store.overdue import expire
from bot.store.people import page_tokens
from bot.web.browsers import inside_an_app, platform
from bot.web.letter_sent import reporter
from tests.chat_page import Page, opened_page
from tests.program import ROOT


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    async with opened_page(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
async def client(page: Page) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=page.url, trust_env=False, verify=False) as opened:
        yield opened


async def offered(page: Page) -> str:
    """A supporter of the chat page who was shown the letter; the token of its link."""
    async with page.visitor() as visitor:
        await visitor.looks()
        await visitor.does("start", data="mamat-letter")
        shown = await visitor.presses("Non")
        links = [b[2] for row in shown["message"]["buttons"] for b in row if b[2]]
        return next(link for link in links if "#" in link).rpartition("#")[2]


@pytest.fixture
def told(page: Page) -> None:
    """Where its own supporters reach the page, as the program tells the engine at start."""
    page.app.compose["web"] = page.origin


@pytest.mark.usefixtures("told")
async def test_a_token_is_good_for_a_day_and_then_erased(page: Page) -> None:
    token = await offered(page)
    taken: list[Event] = []

    async def take(events: object) -> None:
        taken.extend(events)  # type: ignore[arg-type]

    now = datetime.now(UTC)
    for later, good in ((timedelta(hours=23), True), (timedelta(hours=25), False)):
        report = reporter(page.app.store, page.app.keys, take, lambda later=later: now + later)  # type: ignore[misc]
        assert await report(token) == ("web" if good else "")
    (event,) = taken
    assert isinstance(event, Chose)
    assert event.data == "did:mamat:letter"
    assert token not in event.id

    async with page.app.store.writing() as connection:
        await expire(connection, now + timedelta(hours=25), Retention())
        assert await page_tokens.find(connection, page.app.keys, token, now) is None


@pytest.mark.usefixtures("told")
async def test_who_is_forgotten_leaves_no_token(page: Page) -> None:
    async with page.visitor() as visitor:
        await visitor.looks()
        await visitor.does("start", data="mamat-letter")
        await visitor.presses("Non")
        assert await tokens(page) == 1
        await visitor.posts("forget")
        await visitor.until(lambda: any(name == "forgotten" for name, _ in visitor.events))
    assert await tokens(page) == 0


async def tokens(page: Page) -> int:
    async with page.app.store.reading() as connection:
        found = await connection.exec_driver_sql("select count(*) from page_tokens")
        return int(found.scalar_one())


async def test_a_letter_comes_without_any_name_and_in_every_version(
    client: httpx.AsyncClient,
) -> None:
    asked = {"case": "mamat", "action": "letter", "language": "fr", "number": "0"}
    seen = set()
    for _ in range(20):
        letter = (await client.get("compose/letter", params=asked)).json()
        seen.add(letter["body"])
        assert letter["body"].endswith("haute considération.")
        asked["number"] = str(letter["next"])
    assert len(seen) == 20


@pytest.mark.parametrize(
    "wrong",
    [
        {"case": "nobody"},
        {"action": "support"},
        {"language": "xx"},
        {"number": "-1"},
        {"number": "9" * 99},
        {"number": "²"},
        {"case": "<script>"},
    ],
)
async def test_a_letter_that_is_not_there_is_not_found(
    client: httpx.AsyncClient, wrong: dict[str, str]
) -> None:
    asked = {"case": "mamat", "action": "letter", "language": "fr", "number": "0", **wrong}
    assert (await client.get("compose/letter", params=asked)).status_code == 404
    named = {"cas": asked["case"], "geste": asked["action"], "langue": asked["language"]}
    chooser = await client.get("ecrire", params={**named, "numero": asked["number"]})
    assert chooser.status_code == 200
    assert "<script>" not in re.sub(r"<script [^>]*>", "", chooser.text)


async def test_the_page_has_no_cookie_no_inline_code_and_nothing_from_elsewhere(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("ecrire", params={"cas": "mamat"})
    assert "set-cookie" not in answer.headers
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"\son[a-z]+=|\sstyle=|javascript:", answer.text)
    loaded = re.findall(r'(?:src|<link[^>]* href)="([^"]+)"', answer.text)
    assert loaded
    assert not any(place.startswith(("http", "//")) for place in loaded)


async def test_each_path_speaks_its_language_and_another_may_be_asked_for(
    client: httpx.AsyncClient,
) -> None:
    for path, asked, spoken in (
        ("ecrire", {}, "fr"),
        ("write", {}, "en"),
        ("write", {"lang": "fr"}, "fr"),
        ("ecrire", {"lang": "xx"}, "fr"),
    ):
        answer = await client.get(path, params=asked, headers={"Accept-Language": "de"})
        assert f'<html lang="{spoken}"' in answer.text, (path, asked)


@pytest.mark.slow
async def test_a_closed_case_has_no_letter(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "content", tmp_path / "content")
    cases = tmp_path / "content/cases.yaml"
    text = cases.read_text(encoding="utf-8")
    cases.write_text(text.replace("    state: active\n", "    state: stop-writing\n", 1))
    async with (
        opened_page(tmp_path / "data", content=tmp_path / "content") as page,
        httpx.AsyncClient(base_url=page.url, trust_env=False, verify=False) as client,
    ):
        shown = await client.get("ecrire", params={"cas": "mamat"})
        assert "Les actions pour Mamat Ablat sont closes" in shown.text
        assert "Monsieur le Président" not in shown.text
        asked = {"case": "mamat", "action": "letter", "language": "fr", "number": "0"}
        letter = (await client.get("compose/letter", params=asked)).json()
        assert letter == {"active": False, "name": "Mamat Ablat"}
        assert "geste=letter" in shown.text, "the others are offered"
        assert "cas=mamat" not in shown.text


async def test_a_stranger_who_guesses_tokens_is_slowed_down(client: httpx.AsyncClient) -> None:
    origin = {"Origin": str(client.base_url).rstrip("/")}
    answers = [
        await client.post("compose/sent", json={"token": secrets.choice("ab") * 26}, headers=origin)
        for _ in range(60)
    ]
    assert answers[0].status_code == 410
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_the_page_is_small_and_asks_for_its_scripts_at_once(
    client: httpx.AsyncClient,
) -> None:
    """On slow 3G (400 kbit/s, 400 ms) what stands before the first tap takes 1.4 s: the page and
    its styles, two round trips. Scripts are named in the page, none is found by another first."""
    page = await client.get("ecrire", params={"cas": "mamat"})
    styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.text)
    scripts = set(re.findall(r'<link rel="modulepreload" href="static/([^"]+)"', page.text))
    weight = int(page.headers["content-length"])
    for style in styles:
        weight += int((await client.get(style)).headers["content-length"])
    assert page.headers["content-encoding"] == "gzip"
    assert weight < 16_000
    for script in scripts:
        text = (await client.get(f"static/{script}")).text
        assert set(re.findall(r'from "\./([^"]+)"', text)) <= scripts, script


async def test_a_letter_in_another_language_comes_with_a_reading_in_ones_own(
    client: httpx.AsyncClient,
) -> None:
    asked = {"case": "mamat", "action": "letter", "language": "en", "number": "5"}
    mine = (await client.get("compose/letter", params={**asked, "language": "fr"})).json()
    letter = (await client.get("compose/letter", params={**asked, "reader": "fr"})).json()
    assert letter["reading"] == {"language": "fr", "direction": "ltr", "body": mine["body"]}
    assert mine["reading"] is None
    shown = await client.get("ecrire", params={"cas": "mamat", "langue": "en", "numero": "5"})
    assert "Mr President" in shown.text
    assert "Lire en français" in shown.text
    assert mine["body"].split("\n\n")[1][:40] in shown.text


async def test_the_letter_as_a_file_has_no_name_and_no_file_is_there_for_none(
    client: httpx.AsyncClient,
) -> None:
    asked = {"case": "akber", "action": "letter", "language": "fr", "number": "2"}
    letter = (await client.get("compose/letter", params=asked)).json()
    file = await client.get(letter["file"])
    assert file.headers["content-disposition"] == 'attachment; filename="lettre-akber.eml"'
    message = email.message_from_bytes(file.content, policy=email.policy.default)
    assert message.get_content().replace("\r\n", "\n").strip() == letter["body"]
    for wrong in ({"case": "nobody"}, {"number": "²"}, {"language": "xx"}):
        assert (await client.get("compose/file", params={**asked, **wrong})).status_code == 404


@pytest.mark.parametrize(
    ("said", "system", "inside"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) … Safari/604.1", "ios", ""),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) … Mobile/15E1", "ios", "ios"),
        ("Mozilla/5.0 (iPad; CPU OS 16) … Safari/604.1 Instagram 300", "ios", "ios"),
        ("Mozilla/5.0 (Linux; Android 14; Pixel) … Mobile Safari/537.36", "android", ""),
        ("Mozilla/5.0 (Linux; Android 14; Pixel; wv) … Safari/537.36", "android", "android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) … Safari/537.36 Edg/126", "windows", ""),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541) … Safari/537.36", "chromeos", ""),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) … Safari/605.1", "mac", ""),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) … Firefox/128.0", "linux", ""),
        ("curl/8", "", ""),
        ("", "", ""),
    ],
)
def test_the_way_to_a_mail_program_follows_from_what_the_browser_says(
    said: str, system: str, inside: str
) -> None:
    assert platform(said) == system
    assert inside_an_app(said) == inside
    assert MAILTO_LIMITS[system] >= 2000


async def test_a_link_without_a_language_shows_the_letter_as_its_addressee_reads_it(
    client: httpx.AsyncClient,
) -> None:
    to_the_president = await client.get("ecrire", params={"cas": "mamat", "geste": "letter"})
    assert "Mr President," in to_the_president.text
    assert "Monsieur le Président" in to_the_president.text, "read in French beside it"
    to_the_embassy = await client.get("ecrire", params={"cas": "mamat", "geste": "email"})
    assert "Madame l’Ambassadrice" in to_the_embassy.text
    assert "Your Excellency" not in to_the_embassy.text
