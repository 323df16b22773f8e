"""From nothing to a bot that answers, asked in the operator's language; what is done stays done."""

from __future__ import annotations

import asyncio
import os
import pty
import re
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.setting_up.env_lines import CannotStand, with_value
from bot.setting_up.proxies import CADDY, NGINX, filled
from tests.dialogue import Dialogue
from tests.program import PROGRAM, ROOT, environment, running
from tests.telegram_server import TOKEN, TelegramServer

pytestmark = pytest.mark.slow

ANNA = 111


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An empty directory in which the program is started."""
    made = tmp_path / "place"
    (made / "data").mkdir(parents=True, mode=0o700)
    return made


def bare(place: Path, server: TelegramServer, **settings: str) -> dict[str, str]:
    """What an operator's shell has, with the local Bot API server in the place of Telegram's."""
    told = environment(place / "data", BOT_API_URL=server.root, LANG="fr_FR.UTF-8", **settings)
    return {name: value for name, value in told.items() if name != "BOT_SECOND_FACTOR"}


@asynccontextmanager
async def init(
    place: Path, server: TelegramServer, *more: str, **settings: str
) -> AsyncIterator[Dialogue]:
    process = await asyncio.create_subprocess_exec(
        *PROGRAM,
        "init",
        *more,
        stdin=PIPE,
        stdout=PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=bare(place, server, **settings),
        cwd=place,
    )
    try:
        yield Dialogue(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def written(place: Path) -> dict[str, str]:
    lines = (place / ".env").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs if value}


async def test_every_step_from_the_token_to_the_first_answer(
    place: Path, server: TelegramServer
) -> None:
    async with init(place, server) as told:
        await told.asks("Collez le token")
        assert "@BotFather" in told.said
        told.answer("nonsense")
        await told.asks("impossible à retenir")
        told.answer(TOKEN.replace("TEST", "NONE"))
        await told.asks("ne connaît pas ce token")
        told.answer(TOKEN)
        await told.says("J’attends")
        assert "s’affichent maintenant" in told.said
        [code] = re.findall(r"\?start=(\w+)", told.said)
        server.text(222, "bonjour")
        server.start(ANNA, code)
        await told.asks("Est-ce bien vous")
        told.answer("o")
        await told.asks("nom sous lequel on les trouve")
        told.answer("chat exemple")
        await told.asks("n’est pas un nom d’hôte")
        told.answer("chat.exemple.org")
        await told.asks("Quel programme")
        told.answer("1")
        assert await told.ends() == 0
    assert "chat.exemple.org {" in told.said
    assert "chat.example.org {" not in told.said
    assert "run_bot.py staff enrol 111" in told.said
    found = written(place)
    name = found.pop("BOT_STAFF")
    assert re.fullmatch(r"111=owner(:\w+)?", name)
    assert (found["BOT_TOKEN"], found["BOT_PUBLIC_URL"]) == (TOKEN, "https://chat.exemple.org")
    assert (place / ".env").stat().st_mode & 0o777 == 0o600
    assert TOKEN not in told.said.replace(f"{TOKEN}\n", "")
    assert {field for field, _ in server.about} >= {"description", "short_description"}
    assert server.menus
    # Nobody who wrote meanwhile is lost, and whoever sent the code is answered first of all.
    assert len(server.waiting) == 2
    with running(place / "data", server.root, LANG="C.UTF-8"):
        await server.answer(ANNA)
        await server.answer(222)


async def test_it_goes_on_where_it_was_left(place: Path, server: TelegramServer) -> None:
    async with init(place, server) as told:
        await told.asks("Collez le token")
        told.answer(TOKEN)
        await told.says("J’attends")
        told.process.terminate()
    async with init(place, server) as told:
        await told.says("J’attends")
        assert "Collez" not in told.said
        [code] = re.findall(r"\?start=(\w+)", told.said)
        server.text(ANNA, code.lower())
        await told.asks("Est-ce bien vous")
        told.answer("")
        await told.asks("nom sous lequel")
        told.answer("")
        assert await told.ends() == 0
    async with init(place, server, "--language", "en") as told:
        await told.asks("The name under which")
        assert "There is an owner already" in told.said
        assert told.process.stdin is not None
        told.process.stdin.close()
        assert await told.ends() == 0
    assert "goes on from there" in told.said


async def test_a_webhook_of_somebody_else_is_taken_away_only_when_agreed_to(
    place: Path, server: TelegramServer
) -> None:
    server.webhook = "https://elsewhere.example.org/telegram"
    async with init(place, server, BOT_TOKEN=TOKEN) as told:
        await told.asks("https://elsewhere.example.org/telegram")
        told.answer("n")
        await told.asks("nom sous lequel")
        assert "Personne n’est encore responsable" in told.said
    assert server.webhook
    async with init(place, server, BOT_TOKEN=TOKEN) as told:
        await told.asks("https://elsewhere.example.org/telegram")
        told.answer("o")
        await server.until(lambda: not server.webhook, what="the webhook to be taken away")
        [code] = re.findall(r"\?start=(\w+)", told.said)
        server.start(ANNA, code)
        await told.asks("Est-ce bien vous")


async def test_a_code_of_somebody_else_or_in_a_group_names_nobody(
    place: Path, server: TelegramServer
) -> None:
    async with init(place, server, BOT_TOKEN=TOKEN) as told:
        await told.says("J’attends")
        [code] = re.findall(r"\?start=(\w+)", told.said)
        server.start(666, f"{code[:-1]}Z" if not code.endswith("Z") else f"{code[:-1]}Y")
        server.group_command(-100, f"/start {code}", 666)
        polls = server._polls
        await server.until(lambda: server._polls > polls + 2, what="it to look again")
        assert "666" not in told.said
        server.start(ANNA, code)
        await told.asks("Est-ce bien vous")
        told.answer("")
        await told.asks("nom sous lequel")
    assert written(place)["BOT_STAFF"].startswith("111=owner")


async def test_scripts_give_everything_in_variables(place: Path, server: TelegramServer) -> None:
    given = {
        "BOT_TOKEN": TOKEN,
        "BOT_STAFF": "111=owner:Anna",
        "BOT_PUBLIC_URL": "https://chat.exemple.org",
    }
    async with init(place, server, "--yes", **given) as told:
        assert await told.ends() == 0
    found = written(place)
    assert {name: found[name] for name in given} == given
    assert "> " not in told.said


async def test_scripts_are_told_when_the_token_is_refused(
    place: Path, server: TelegramServer
) -> None:
    async with init(place, server, "--yes", BOT_TOKEN=TOKEN.replace("TEST", "NONE")) as told:
        assert await told.ends() == 3
    assert "ne connaît pas ce token" in told.said
    async with init(place, server, "--yes", BOT_TOKEN="no token") as told:
        assert await told.ends() == 3
    assert "Traceback" not in told.said


async def test_a_network_that_is_gone_takes_nothing_back(
    place: Path, server: TelegramServer
) -> None:
    await server.close()
    async with init(place, server) as told:
        await told.asks("Collez le token")
        told.answer(TOKEN)
        assert await told.ends() == 4
    assert "n’a pas répondu" in told.said
    assert written(place)["BOT_TOKEN"] == TOKEN


async def test_at_a_terminal_the_token_is_not_shown(place: Path, server: TelegramServer) -> None:
    leader, terminal = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *PROGRAM,
        "init",
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=bare(place, server),
        cwd=place,
        start_new_session=True,
    )
    os.close(terminal)
    said = ""
    try:
        while "Collez le token" not in said:
            said += (await asyncio.to_thread(os.read, leader, 4096)).decode()
        os.write(leader, f"{TOKEN}\n".encode())
        while "J’attends" not in said:
            said += (await asyncio.to_thread(os.read, leader, 4096)).decode()
    finally:
        process.kill()
        await process.wait()
        os.close(leader)
    assert TOKEN not in said
    assert "█" in said or "▄" in said, "the link is drawn for the phone's camera"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "BOT_TOKEN=1:abc\n"),
        ("# ours\nBOT_PORT=1", "# ours\nBOT_PORT=1\nBOT_TOKEN=1:abc\n"),
        ("BOT_TOKEN=\nBOT_PORT=1\n", "BOT_TOKEN=1:abc\nBOT_PORT=1\n"),
        ("export BOT_TOKEN = 'old'\n", "BOT_TOKEN=1:abc\n"),
        ("BOT_TOKEN=a\nX=1\nBOT_TOKEN=b\n", "BOT_TOKEN=1:abc\nX=1\n"),
        ("BOT_TOKEN_OTHER=a\n#BOT_TOKEN=\n", "BOT_TOKEN_OTHER=a\n#BOT_TOKEN=\nBOT_TOKEN=1:abc\n"),
    ],
)
def test_a_setting_takes_the_place_of_the_one_before(before: str, after: str) -> None:
    assert with_value(before, "BOT_TOKEN", "1:abc") == after


@pytest.mark.parametrize("value", ["a'b", "a\nBOT_STAFF=1=owner", "a #b", " a", "${HOME}"])
def test_a_value_that_would_be_read_as_something_else_is_refused(value: str) -> None:
    with pytest.raises(CannotStand):
        with_value("", "BOT_STAFF", value)


@pytest.mark.parametrize("file", [CADDY, NGINX])
def test_the_proxys_file_has_the_operators_host_and_port(file: object) -> None:
    assert file in (CADDY, NGINX)
    text = filled(CADDY if file is CADDY else NGINX, ROOT, "chat.exemple.org", 8123)
    assert "chat.example.org" not in text
    assert "127.0.0.1:8123" in text
