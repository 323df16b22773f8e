"""The real program as a process, against a Bot API server that is as strict as Telegram."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

import pytest

from bot.app import LAST_SECONDS
from tests.program import run, running
from tests.recorded import number, rows
from tests.supporter import Supporter
from tests.telegram_server import TOKEN, TelegramServer
from tests.test_splitting import NASTY


async def test_a_supporter_walks_through_mamats_case_and_acts(
    server: TelegramServer, data: Path
) -> None:
    alice = Supporter(server, 77)
    with running(data, server.root) as bot:
        story = await alice.starts("mamat_s-affiche")
        assert "1/7" in story.text
        for step in range(2, 8):
            story = await alice.presses("Suite", story)
            assert f"{step}/7" in story.text
        assert story.edited, "the story goes on in the same message"

        actions = await alice.presses("Agir", story)
        assert "Signer pour Mamat" in actions.text
        question = await alice.presses("Écrire au président", actions)
        assert "sécurité" in question.text
        letter = await alice.presses("Non", question)
        assert "Mr President" in letter.text
        ways = await alice.presses("Autres façons", letter)
        copied = [b["copy_text"]["text"] for row in ways.buttons for b in row if "copy_text" in b]
        assert copied[:2] == ["english@mail.gov.cn", "chinaemb_fr@mfa.gov.cn"]
        await alice.presses("Signer la lettre", ways)
        await alice.says("Camille <b>& Cie</b>")
        letter = await alice.says("Nantes")
        assert "Camille <b>& Cie</b>" in letter.text, "typed markup is shown, not obeyed"
        thanks = await alice.presses("C’est envoyé", letter)
        assert "Votre lettre pour Mamat est partie" in thanks.text

        petition = await alice.starts("mamat-sign")
        signed = await alice.presses("✍️ Je signe", petition)
        assert "La vôtre s’ajoute" in signed.text
        again = await alice.presses("✍️ Je signe", petition)
        assert "Vous avez déjà signé" in again.text
        assert await asyncio.to_thread(bot.stop) == 0

    assert server.violations == []
    assert rows(data, "select petition, text_version from signatures") == [("xinjiang", 2)]
    assert ("mamat", "letter", "declared") in rows(
        data, 'select "case", action, evidence from acts'
    )
    assert rows(data, "select source, count from arrivals") == [("affiche", 1)]


@pytest.mark.slow
async def test_twenty_kills_in_five_hundred_signatures_lose_none_and_count_none_twice(
    server: TelegramServer, data: Path
) -> None:
    for chat in range(1, 501):
        server.forge(chat, "sign:xinjiang:fr")
    deaths = 0
    while True:
        polls = server._polls
        with running(data, server.root) as bot:
            goal = min(500, (deaths + 1) * 24)
            while len(server.answered) < goal and server.waiting:
                await asyncio.sleep(0.002)
            if deaths == 20:
                # All may have been answered before: then a stop must not meet a program that has
                # only just begun to start.
                await server.until(lambda before=polls: server._polls > before, what="a poll")
                await server.answered_all(500)
                await server.until(lambda: not server.waiting, what="all to be acknowledged")
                assert await asyncio.to_thread(bot.stop) == 0
                break
            bot.kill()
            deaths += 1
            if deaths == 20:
                continue

    assert server.waiting == []
    assert number(data, "select count(*) from signatures") == 500
    # More than 200 by one run, and the guard against bursts holds the rest of them.
    counted = number(data, "select count(*) from signatures where state != 'pending'")
    assert number(data, "select value from counters where name like '%xinjiang%'") == counted >= 200
    assert number(data, "select count(*) from supporters") == 500
    # Everybody was answered. What several runs have tried may have arrived, and waits its pause.
    assert number(data, "select count(*) from outbox where attempts = 0") == 0


@pytest.mark.slow
async def test_what_was_not_sent_goes_out_after_a_restart(
    server: TelegramServer, data: Path
) -> None:
    server.fault("sendPhoto", "drop before", times=None)
    server.start(77, "mamat")
    with running(data, server.root) as bot:
        await server.until(lambda: not server.waiting, 30, "the update to be acknowledged")
        bot.kill()
    server.heal()
    with running(data, server.root) as bot:
        shown = await server.answer(77, 0, seconds=30)
        assert "1/7" in shown.text
        assert await asyncio.to_thread(bot.stop) == 0


@pytest.mark.slow
async def test_an_update_that_nobody_can_read_does_not_block_the_others(
    server: TelegramServer, data: Path
) -> None:
    server.raw_update({"message": {"message_id": "not a number", "chat": []}})
    server.raw_update({"something_new": {"from": "next year"}})
    for nasty in NASTY.values():
        number_ = server.next_update_id
        server.next_update_id += 1
        server.raw_update(nasty.replace(b'"update_id":5', b'"update_id":%d' % number_), number_)
    alice = Supporter(server, 77)
    with running(data, server.root) as bot:
        shown = await alice.starts("akber")
        assert "Akber Hushur" in shown.text
        assert await asyncio.to_thread(bot.stop) == 0
    assert server.waiting == []
    assert number(data, "select count(*) from dead_letters") >= len(NASTY) + 1
    listed = await asyncio.to_thread(run, "dead-letters", data=data)
    assert "telegram   Unreadable" in listed.stdout
    assert "not a number" not in listed.stdout
    opened = await asyncio.to_thread(
        run, "dead-letters", "--contents", data=data, PYTHONIOENCODING="ascii"
    )
    assert opened.returncode == 0, opened.stderr
    assert "not a number" in opened.stdout


@pytest.mark.slow
async def test_a_button_of_long_ago_works_after_a_restart_and_a_forged_one_shows_the_menu(
    server: TelegramServer, data: Path
) -> None:
    alice = Supporter(server, 77)
    with running(data, server.root) as bot:
        story = await alice.starts("mamat")
        assert await asyncio.to_thread(bot.stop) == 0
    with running(data, server.root) as bot:
        assert "2/7" in (await alice.presses("Suite", story)).text
        for forged in ("story:nobody:1", "sign:' or 1=1:fr", "draft:mamat:letter:xx:9", "::", "é"):
            before = server.answered[77]
            server.forge(77, forged)
            shown = await server.answer(77, before)
            assert "Akber Hushur" in shown.labels
        assert await asyncio.to_thread(bot.stop) == 0
    assert server.violations == []


@pytest.mark.slow
async def test_everything_unexpected_gets_an_answer(server: TelegramServer, data: Path) -> None:
    alice = Supporter(server, 77)
    with running(data, server.root) as bot:
        await alice.starts()
        for kind in ("photo", "sticker", "voice", "document", "location", "contact", "dice"):
            assert "Menu" in (shown := await alice.sends(kind)).labels or shown.buttons
        assert "Mamat Ablat" in (await alice.says("x" * 4096)).labels
        assert "Mamat Ablat" in (await alice.says("/unknown")).labels
        assert await asyncio.to_thread(bot.stop) == 0
    assert server.violations == []


@pytest.mark.slow
async def test_in_a_group_only_commands_are_answered_and_nobody_is_recorded(
    server: TelegramServer, data: Path
) -> None:
    with running(data, server.root) as bot:
        server.group_command(-100500, "hello everybody")
        server.group_command(-100500, "/cases@campagne_test_bot")
        shown = await server.answer(-100500)
        assert "campagne_test_bot?start=" in str(shown.buttons)
        assert await asyncio.to_thread(bot.stop) == 0
    assert number(data, "select count(*) from supporters") == 0
    assert server.answered[-100500] == 1


@pytest.mark.slow
async def test_a_supporter_who_blocks_the_bot_gets_no_more_updates(
    server: TelegramServer, data: Path
) -> None:
    alice = Supporter(server, 77)
    with running(data, server.root) as bot:
        await alice.starts()
        updates = await alice.says("/updates")
        topic = next(label for label in updates.labels if label.startswith("Recevoir"))
        await alice.presses(topic, updates)
        server.block(77)
        await server.until(lambda: not server.waiting, 30, "the block to be taken")
        assert await asyncio.to_thread(bot.stop) == 0
    assert number(data, "select count(*) from subscriptions") == 0
    assert number(data, "select count(*) from supporters where ended_at is not null") == 1


@pytest.mark.slow
async def test_429_is_obeyed_and_the_answer_still_comes(server: TelegramServer, data: Path) -> None:
    server.fault("sendPhoto", "flood", times=1, seconds=2)
    with running(data, server.root) as bot:
        begun = time.monotonic()
        server.start(77)
        await server.answer(77, seconds=30)
        assert time.monotonic() - begun >= 2
        assert await asyncio.to_thread(bot.stop) == 0


@pytest.mark.slow
async def test_a_lost_network_is_said_once_and_the_bot_goes_on_when_it_is_back(
    server: TelegramServer, data: Path
) -> None:
    with running(data, server.root) as bot:
        server.start(77)
        await server.answer(77)
        await server.close()
        await asyncio.sleep(3.5)
        await server.open()
        server.start(78)
        await server.answer(78, seconds=30)
        assert await asyncio.to_thread(bot.stop) == 0
        assert bot.log.count('"event": "telegram_unreachable"') == 1
        assert bot.log.count('"event": "telegram_trouble_over"') == 1


@pytest.mark.slow
async def test_the_log_holds_no_token_no_name_and_no_address(
    server: TelegramServer, data: Path
) -> None:
    alice = Supporter(server, 777_123_456)
    server.fault("sendPhoto", "fail", times=1, status=500)
    with running(data, server.root) as bot:
        await alice.starts("mamat")
        await alice.presses("Lire et signer la pétition")
        await alice.presses("Agir")
        await alice.presses("Écrire au président")
        await alice.presses("Non")
        await alice.presses("Autres façons")
        await alice.presses("Signer la lettre")
        await alice.says("Zoélie-Canari")
        assert await asyncio.to_thread(bot.stop) == 0
        log = bot.log
    assert "bot_started" in log
    for secret in (TOKEN, TOKEN.split(":")[1], "777123456", "Zoélie", "Canari"):
        assert secret not in log
    for file in data.rglob("*"):
        if file.is_file():
            held = file.read_bytes()
            assert b"777123456" not in held, file.name
            assert "Zoélie-Canari".encode() not in held, file.name


@pytest.mark.slow
async def test_the_menus_of_commands_are_set_in_every_language(
    server: TelegramServer, data: Path
) -> None:
    with running(data, server.root) as bot:
        server.start(77)
        await server.answer(77)
        await server.until(lambda: len(server.asked("setMyCommands")) >= 6, 30, "six menus")
        assert await asyncio.to_thread(bot.stop) == 0
    told = [asked.params for asked in server.asked("setMyCommands")]
    french = str([params for params in told if params.get("language_code") == "fr"])
    assert "Lire et signer la pétition" in french
    assert re.search("Read and sign|petition", str(told))


@pytest.mark.slow
async def test_a_stop_does_not_wait_for_what_never_answers(
    server: TelegramServer, data: Path
) -> None:
    server.fault("getMyCommands", "mute", times=None)
    server.fault("sendPhoto", "mute", times=None)
    with running(data, server.root) as bot:
        server.start(77)
        await server.until(lambda: not server.waiting, what="the update to be taken")
        assert await asyncio.to_thread(bot.stop, 30) == 0
        assert "messages_left_for_next_start" in bot.log
    assert LAST_SECONDS < 10, "supervisors kill after ten seconds"
