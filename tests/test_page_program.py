"""The real program without a token: the chat page opens, and a stop is a stop."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.chat_page import new_key
from tests.program import PROGRAM, environment, free_port, run, running
from tests.telegram_server import TelegramServer


@contextmanager
def started(data: Path, **settings: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        PROGRAM,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(data, **settings),
        cwd=data.parent,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_without_a_token_the_page_opens_and_says_where(data: Path) -> None:
    with started(data) as process:
        line = said(process)
        assert line.startswith("The chat page: http://127.0.0.1:")
        answer = httpx.get(line.split()[3], trust_env=False, verify=False)
        assert "Mamat Ablat" in answer.text
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stderr is not None
        told = process.stderr.read()
        assert told.count("\n") == 1
        assert "BOT_TOKEN is not set" in told


def test_a_taken_port_gives_the_next_one_and_says_so(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with started(data, BOT_PORT=str(port)) as process:
            assert said(process).startswith(f"Port {port} is taken: ")
            assert said(process).startswith("The chat page: ")


@pytest.mark.slow
def test_a_stop_does_not_wait_for_open_pages(data: Path) -> None:
    with started(data) as process:
        url = said(process).split()[3]
        headers = {"Authorization": f"Bearer {new_key()}"}
        with (
            httpx.Client(trust_env=False, verify=False) as client,
            client.stream("GET", f"{url}chat/stream", headers=headers) as stream,
        ):
            assert stream.status_code == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0, "the page is still open"


def test_a_host_that_is_not_ours_ends_with_a_sentence(data: Path) -> None:
    result = run("run", data=data, BOT_HOST="192.0.2.1")
    assert result.returncode == 4
    assert "BOT_HOST" in result.stderr
    assert "Traceback" not in result.stderr


def test_without_the_page_the_conversation_opens_in_the_terminal(data: Path) -> None:
    result = run("run", "--no-page", data=data, said="/help\n")
    assert result.returncode == 0
    assert "/cases" in result.stdout


@pytest.mark.slow
async def test_with_a_token_both_channels_run_side_by_side(
    server: TelegramServer, data: Path
) -> None:
    port = free_port()
    with running(data, server.root, BOT_PORT=str(port)) as bot:
        server.start(4242, "mamat", "fr")
        await server.answer(4242, 0, seconds=30)
        async with httpx.AsyncClient(trust_env=False, verify=False) as client:
            answer = await client.get(f"http://127.0.0.1:{port}/")
        assert answer.status_code == 200
        assert bot.stop() == 0
