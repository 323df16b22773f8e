"""The real program on WhatsApp: a conversation, a signature, kills, and nothing personal left."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.program import free_port, run, running
from tests.recorded import number, rows
from tests.whatsapp_posts import Person, person
from tests.whatsapp_server import Shown, WhatsAppServer

pytestmark = pytest.mark.slow

MARTIN = person(1)


@pytest.fixture
async def meta() -> AsyncIterator[WhatsAppServer]:
    async with WhatsAppServer() as server:
        yield server


def settings(meta: WhatsAppServer) -> dict[str, str]:
    port = str(free_port())
    meta.posts_to(f"http://127.0.0.1:{port}/whatsapp")
    return {
        **meta.settings,
        "BOT_TOKEN": "",
        "BOT_PORT": port,
        "BOT_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }


def signatures(data: Path) -> int:
    return number(data, "select count(*) from signatures")


async def answer(meta: WhatsAppServer, who: int | Person, act: str, what: str) -> list[Shown]:
    """Somebody does something; the messages that answer it, up to those with choices."""
    before = len(meta.seen(who))
    getattr(meta, act)(who, what)
    await meta.until(lambda: any(one.choices for one in meta.seen(who)[before:]), what=what)
    return meta.seen(who)[before:]


async def test_a_conversation_from_hello_to_the_letter_and_the_signature(
    meta: WhatsAppServer, data: Path
) -> None:
    with running(data, "", **settings(meta)) as bot:
        await asyncio.to_thread(bot.has_said, "whatsapp_door_open")
        assert meta.posting is not None
        assert await meta.posting.greet()
        (hello,) = await answer(meta, MARTIN, "text", "Bonjour, Mamat (affiche)")
        assert hello.text.startswith("Cette conversation passe par WhatsApp")
        assert "1/7" in hello.text
        (menu,) = await answer(meta, MARTIN, "press", "menu")
        assert "Meta" not in menu.text
        await answer(meta, MARTIN, "press", "Agir pour Mamat")
        await answer(meta, MARTIN, "press", "✍️ Je signe")
        await answer(meta, MARTIN, "text", "/letter")
        shown = meta.seen(MARTIN)
        await meta.until(lambda: bool(shown[-1].links), what="the way to the page")
        (link,) = shown[-1].links.values()
        assert "/ecrire?cas=mamat" in link
        assert await asyncio.to_thread(bot.stop) == 0
    assert meta.refusals == []
    assert number(data, "select count(*) from signatures") == 1
    assert MARTIN.number not in bot.log
    assert MARTIN.user_id not in bot.log
    held = b"".join(file.read_bytes() for file in data.glob("campaign.sqlite3*"))
    for name in (MARTIN.number, MARTIN.user_id, "wamid."):
        assert name.encode() not in held
        assert base64.b64encode(name.encode()).rstrip(b"=")[:-1] not in held


@pytest.mark.parametrize("kills", [1, pytest.param(20, marks=pytest.mark.slow)])
async def test_nobody_signs_twice_or_in_vain_however_often_the_program_is_killed(
    meta: WhatsAppServer, data: Path, kills: int
) -> None:
    people = 12 * kills
    told = settings(meta)
    with running(data, "", **told) as first:
        await asyncio.to_thread(first.has_said, "whatsapp_door_open")
        assert await asyncio.to_thread(first.stop) == 0
    for round_ in range(kills):
        assert meta.posting is not None
        meta.posting.lost = 3
        signing = range(round_ * 12, round_ * 12 + 12)
        with running(data, "", **told) as bot:
            await asyncio.to_thread(bot.has_said, "whatsapp_door_open")
            for who in signing:
                meta.forge(who, "sign:xinjiang:fr")
            before = round_ * 12
            await meta.until(lambda least=before: signatures(data) > least)  # type: ignore[misc]
            bot.kill()
    with running(data, "", **told) as bot:
        await asyncio.to_thread(bot.has_said, "whatsapp_door_open")
        posting = meta.posting
        assert posting is not None
        await meta.until(lambda: not posting.waiting, 120.0, "all posts to be taken")
        await meta.until(
            lambda: all(meta.got[person(who).user_id] for who in range(people)),
            120.0,
            "an answer for everybody",
        )
        assert await asyncio.to_thread(bot.stop) == 0
    assert number(data, "select count(*) from signatures") == people
    assert number(data, "select count(*) from supporters") == people
    assert rows(data, "select count(*) from outbox") == [(0,)]


async def test_a_disk_that_cannot_be_written_answers_503_and_later_takes_all(
    meta: WhatsAppServer, data: Path
) -> None:
    import sqlite3

    with running(data, "", **settings(meta)) as bot:
        await asyncio.to_thread(bot.has_said, "whatsapp_door_open")
        held = sqlite3.connect(data / "campaign.sqlite3", isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        post = meta.text(1, "Bonjour")
        await meta.until(lambda: 503 in post.answers, what="a refusal")
        held.execute("ROLLBACK")
        held.close()
        await meta.answer(1)
        assert await asyncio.to_thread(bot.stop) == 0
    assert post.answers[-1] == 200


def test_half_of_the_settings_is_told_in_words(data: Path) -> None:
    result = run(data=data, BOT_WHATSAPP_NUMBER_ID="1", BOT_WHATSAPP_TOKEN="geheim")
    assert result.returncode == 3
    assert "BOT_WHATSAPP_APP_SECRET is not set" in result.stderr
    assert "Traceback" not in result.stderr
    assert "geheim" not in result.stderr + result.stdout


async def whatsapp_check(meta: WhatsAppServer, data: Path, **more: str) -> tuple[int, str]:
    told = {**settings(meta), **more}
    result = await asyncio.to_thread(lambda: run("whatsapp", "check", data=data, **told))
    assert "Traceback" not in result.stderr
    assert meta.token not in result.stdout + result.stderr
    return result.returncode, result.stdout


async def test_the_check_says_what_is_missing_at_meta_and_what_to_do(
    meta: WhatsAppServer, data: Path
) -> None:
    code, said = await whatsapp_check(meta, data)
    assert (code, "Meta knows the number" in said, "→" in said) == (0, True, False)
    meta.subscribed, meta.profile, meta.quality = False, {}, "RED"
    code, said = await whatsapp_check(meta, data)
    assert (code, said.count("→")) == (3, 3)
    assert "step 7" in said
    code, said = await whatsapp_check(meta, data, BOT_WHATSAPP_TOKEN="another", LANG="fr_FR.UTF-8")
    assert code == 3
    assert "Meta n’accepte pas" in said
    code, said = await whatsapp_check(meta, data, BOT_WHATSAPP_NUMBER_ID="999")
    assert "There is no such number" in said
    code, said = await whatsapp_check(meta, data, BOT_WHATSAPP_APP_SECRET="")
    assert (code, "BOT_WHATSAPP_APP_SECRET is not set" in said) == (3, True)
    await meta.close()
    code, said = await whatsapp_check(meta, data)
    assert code == 3
    assert "cannot be reached" in said


def test_links_into_the_chat_write_words_that_the_bot_understands(data: Path) -> None:
    result = run("whatsapp", "links", "+33 1 23 45 67 89", data=data)
    assert result.returncode == 0, result.stderr
    listed = result.stdout.split()
    assert all(one.startswith("https://wa.me/33123456789?text=Bonjour%2C%20") for one in listed)
    assert "https://wa.me/33123456789?text=Bonjour%2C%20Mamat%20%28affiche%29" in listed
    assert run("whatsapp", "links", "no number", data=data).returncode == 2
