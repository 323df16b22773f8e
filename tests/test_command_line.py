"""The command line tells what to do next, and its exit code tells a script what went wrong."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from bot.cli.opening import EXIT_CODES, Exit
from bot.store.sqlite.database import SqliteDatabase
from tests.program import KEYS, PROGRAM, ROOT, environment, run, running
from tests.telegram_server import TOKEN, TelegramServer


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy of the content, to break."""
    return Path(shutil.copytree(ROOT / "content", tmp_path / "content"))


@pytest.fixture
def root() -> Iterator[str]:
    """The root of a Bot API server that runs beside the test."""
    loop = asyncio.new_event_loop()
    server = TelegramServer()
    loop.run_until_complete(server.open())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield server.root
    asyncio.run_coroutine_threadsafe(server.close(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_help_has_examples(data: Path) -> None:
    result = run("--help", data=data)
    assert result.returncode == 0
    assert "python run_bot.py check" in result.stdout
    assert EXIT_CODES in " ".join(result.stdout.split())


def test_the_version_is_that_of_the_package(data: Path) -> None:
    result = run("--version", data=data)
    assert (result.returncode, result.stdout) == (0, f"{version('campaign-chatbot')}\n")


def test_without_its_packages_it_says_how_to_install_them(data: Path) -> None:
    result = subprocess.run(
        # Without the packages of the environment, as a Python is to which nothing was installed.
        [PROGRAM[0], "-S", PROGRAM[1]],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(data),
        cwd=data,
        check=False,
    )
    assert result.returncode == 3
    assert "Traceback" not in result.stderr
    [command] = [line.strip() for line in result.stderr.splitlines() if "pip install" in line]
    assert command in (ROOT / "README.md").read_text()


@pytest.mark.slow
def test_a_package_that_is_missed_only_later_is_a_sentence_too(data: Path, tmp_path: Path) -> None:
    away = tmp_path / "away" / "aiosqlite"
    away.mkdir(parents=True)
    (away / "__init__.py").write_text("raise ModuleNotFoundError('gone', name='aiosqlite')")
    result = run("recount", data=data, PYTHONPATH=str(away.parent))
    assert (result.returncode, '"aiosqlite" is not installed' in result.stderr) == (3, True)
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_a_hang_up_does_not_end_the_bot(data: Path, root: str) -> None:
    with running(data, root) as bot:
        bot.has_said("bot_started")
        bot.process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            bot.process.wait(1)
        assert bot.stop() == 0


@pytest.mark.slow
def test_behind_a_public_address_a_taken_port_is_not_left_for_the_next(data: Path) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = str(stranger.getsockname()[1])
        result = run("run", data=data, BOT_PORT=port, BOT_PUBLIC_URL="https://chat.example.org")
    assert result.returncode == 4
    assert f"port {port} is taken" in result.stderr
    assert "BOT_PUBLIC_URL" in result.stderr


def test_systemd_starts_again_what_passes_by_itself_and_nothing_else() -> None:
    unit = (ROOT / "deploy" / "campaign.service").read_text()
    [listed] = re.findall(r"^RestartPreventExitStatus=(.*)$", unit, re.MULTILINE)
    kept_down = {Exit(int(number)) for number in listed.split()}
    assert kept_down == {Exit.CONTENT, Exit.USAGE, Exit.CONFIGURATION, Exit.DAMAGED}


def test_an_unknown_command_is_a_usage_error(data: Path) -> None:
    assert run("dance", data=data).returncode == 2


@pytest.mark.slow
def test_check_praises_content_that_is_all_right(data: Path) -> None:
    result = run("check", data=data)
    assert result.returncode == 0, result.stdout
    assert "all right" in result.stdout


def test_check_names_what_is_wrong_and_exits_with_1(data: Path, content: Path) -> None:
    cases = content / "cases.yaml"
    cases.write_text(cases.read_text().replace("act: email", "act: emial", 1))
    result = run("check", data=data, BOT_CONTENT=str(content))
    assert result.returncode == 1
    assert 'did you mean "email"?' in result.stdout
    assert "cases.yaml:" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr


@pytest.mark.slow
def test_the_bot_does_not_start_on_content_that_is_wrong(data: Path, content: Path) -> None:
    (content / "messages" / "fr" / "welcome.yaml").unlink()
    result = run("run", data=data, BOT_CONTENT=str(content), BOT_TOKEN=TOKEN)
    assert result.returncode == 1
    assert "welcome" in result.stderr
    assert "Traceback" not in result.stderr


def test_all_wrong_settings_are_named_at_once_and_no_secret_is_shown(data: Path) -> None:
    result = run(
        "run",
        data=data,
        BOT_TOKEN="sesame-open-sesame",
        BOT_RATE="-3",
        BOT_PORT="http",
        BOT_STAFF="111=king",
        BOT_API_URL="telegram",
        BOT_KEYS="c2VzYW1l",
        BOT_TOKN="x",
    )
    assert result.returncode == 3
    for name in ("BOT_TOKEN", "BOT_RATE", "BOT_PORT", "BOT_STAFF", "BOT_API_URL", "BOT_KEYS"):
        assert f"{name}:" in result.stderr
    assert "BOT_TOKN: there is no such setting (did you mean BOT_TOKEN?)" in result.stderr
    assert "sesame" not in result.stderr
    assert "c2VzYW1l" not in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_a_token_that_telegram_refuses_ends_with_3(data: Path, root: str) -> None:
    wrong = "123456:WRONG-wrong-wrong-wrong-wrong-wrong"
    result = run("run", data=data, BOT_TOKEN=wrong, BOT_API_URL=root)
    assert result.returncode == 3
    assert "BotFather" in result.stderr
    assert "wrong-wrong" not in result.stderr


@pytest.mark.slow
def test_a_second_process_on_the_same_data_is_refused(data: Path, root: str) -> None:
    with running(data, root) as bot:
        bot.has_said("bot_started")
        result = run("chat", data=data, said="/help\n")
        assert result.returncode == 4
        assert f"process {bot.process.pid}" in result.stderr
        assert "BOT_DATA_DIR" in result.stderr
        assert bot.stop() == 0


def test_the_wrong_directory_is_said(data: Path, tmp_path: Path) -> None:
    result = run("check", data=data, BOT_CONTENT=str(tmp_path / "nowhere"))
    assert result.returncode in (1, 3)
    assert "cases.yaml" in result.stdout + result.stderr


@pytest.mark.slow
def test_lost_keys_are_a_sentence(data: Path) -> None:
    assert run("chat", data=data, said="/help\n").returncode == 0
    shutil.rmtree(data / "keys")
    for command in ("chat", "recount"):
        result = run(command, data=data, said="/help\n")
        assert result.returncode == 3
        assert "backup" in result.stderr
        assert "Traceback" not in result.stderr
        assert not (data / "keys").exists()  # or `mv backup keys` would put them into it


@pytest.mark.slow
def test_a_first_start_that_was_cut_off_before_it_made_keys_is_finished_by_the_next(
    data: Path,
) -> None:
    async def begin() -> None:
        await (await SqliteDatabase.open(data)).close()

    asyncio.run(begin())
    told = run("recount", data=data)
    assert (told.returncode, "start the bot once" in told.stderr) == (3, True)
    assert run("chat", data=data, said="/help\n").returncode == 0
    shutil.rmtree(data / "keys")
    assert run("chat", data=data, said="/help\n").returncode == 3


@pytest.mark.slow
def test_a_language_that_is_asked_for_holds_for_a_conversation_that_goes_on(data: Path) -> None:
    assert "Agir" in run("chat", "--language", "fr", data=data).stdout
    assert "Read his story" in run("chat", "--language", "en", data=data).stdout
    # Without one it stays as it is, whatever the terminal's language.
    assert "Read his story" in run("chat", data=data, LANG="fr_FR.UTF-8").stdout


@pytest.mark.slow
@pytest.mark.parametrize("command", [["chat"], ["recount"], ["pending", "list"]])
def test_whoever_reads_only_the_first_lines_ends_it_quietly(data: Path, command: list[str]) -> None:
    assert run("chat", data=data, said="/help\n").returncode == 0
    read, write = os.pipe()
    os.close(read)
    result = subprocess.run(
        [*PROGRAM, *command],
        input=b"/help\n" * 3,
        stdout=write,
        stderr=subprocess.PIPE,
        timeout=60,
        env=environment(data),
        cwd=data,
        check=False,
    )
    os.close(write)
    assert (result.returncode, result.stderr) == (0, b"")


def test_a_language_or_case_that_there_is_not_is_a_usage_error(data: Path) -> None:
    assert "fr, en" in run("chat", "--language", "xx", data=data).stderr
    assert "mamat, akber" in run("chat", "--case", "xx", data=data).stderr


def test_a_host_that_is_none_ends_with_3_and_a_sentence(data: Path) -> None:
    result = run("run", data=data, BOT_HOST="ñ..x")
    assert result.returncode == 3
    assert "BOT_HOST" in result.stderr
    assert "Traceback" not in result.stderr


def test_keys_that_are_no_base64_are_a_sentence(data: Path) -> None:
    result = run("chat", data=data, said="/help\n", BOT_KEYS="é")
    assert result.returncode == 3
    assert "base64" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_two_data_directories_on_one_database_are_one_too_many(data: Path, root: str) -> None:
    url = f"sqlite:///{data.parent / 'shared' / 'campaign.sqlite3'}"
    (data.parent / "shared").mkdir()
    other = data.parent / "other"
    other.mkdir()
    with running(data, root, BOT_DATABASE_URL=url, BOT_KEYS=KEYS, BOT_PORT="0") as bot:
        bot.has_said("bot_started")
        result = run("chat", data=other, said="/help\n", BOT_DATABASE_URL=url, BOT_KEYS=KEYS)
        assert result.returncode == 4
        assert "already runs" in result.stderr
