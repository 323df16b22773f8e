"""Telegram is reached through the proxy that the machine's variables name, and only then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.channels.proxies import ProxyTrouble, proxy_to
from tests.program import run, running
from tests.supporter import Supporter
from tests.telegram_server import TOKEN, TelegramServer

pytestmark = pytest.mark.slow

API = "https://api.telegram.org"


class Proxy:
    """A small HTTP proxy on loopback: passes plain requests on, and refuses tunnels."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            method, target, _ = head.split(b" ", 2)
            self.asked.append(f"{method.decode()} {target.decode().partition('/bot')[0]}")
            if method == b"CONNECT":
                writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
                return
            there = urlsplit(target.decode())
            end_reader, end_writer = await asyncio.open_connection(there.hostname, there.port)
            # One request a connection keeps this small.
            closing = head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
            end_writer.write(closing.replace(target, there.path.encode(), 1))
            await asyncio.gather(_pass_on(reader, end_writer), _pass_on(end_reader, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass  # either side went away
        finally:
            writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(1 << 16):
        writer.write(part)
        await writer.drain()
    writer.close()


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    opened = Proxy()
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


async def test_a_conversation_goes_through_the_proxy(
    server: TelegramServer, data: Path, proxy: Proxy
) -> None:
    alice = Supporter(server, 77)
    with running(data, server.root, ALL_PROXY=f"http://127.0.0.1:{proxy.port}") as bot:
        assert "1/7" in (await alice.starts("mamat")).text
        assert await asyncio.to_thread(bot.stop) == 0
    assert f"POST {server.root}" in proxy.asked
    assert '"event": "telegram_through_proxy"' in bot.log


async def test_no_proxy_is_asked_for_a_host_that_needs_none(
    server: TelegramServer, data: Path, proxy: Proxy
) -> None:
    settings = {"HTTP_PROXY": f"127.0.0.1:{proxy.port}", "NO_PROXY": "example.org,127.0.0.1"}
    with running(data, server.root, **settings) as bot:
        assert "1/7" in (await Supporter(server, 77).starts("mamat")).text
        assert await asyncio.to_thread(bot.stop) == 0
    assert proxy.asked == []


async def test_a_tunnel_is_asked_for_where_telegram_is_reached_by_https(
    data: Path, proxy: Proxy
) -> None:
    secret = {"HTTPS_PROXY": f"http://anna:sesame@127.0.0.1:{proxy.port}"}
    with running(data, "https://telegram.invalid", **secret) as bot:
        await asyncio.to_thread(bot.has_said, "telegram_unreachable")
        assert await asyncio.to_thread(bot.stop) == 0
    assert "CONNECT telegram.invalid:443" in proxy.asked
    assert "sesame" not in bot.log


@pytest.mark.parametrize(
    ("variables", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ({"https_proxy": "p:1"}, "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, None),
        ({"ALL_PROXY": "http://p:1"}, "http://p:1"),
        ({"ALL_PROXY": "http://p:1", "HTTPS_PROXY": "http://q:1"}, "http://q:1"),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "telegram.org"}, None),
        ({"ALL_PROXY": "socks5://p:1", "NO_PROXY": "*"}, None),
    ],
)
def test_the_usual_variables_mean_what_they_usually_mean(
    variables: dict[str, str], proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_to(API) == proxy


@pytest.mark.parametrize("proxy", ["http://", "http://p:port", "http://[::1"])
def test_a_proxy_written_wrongly_is_named(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(ProxyTrouble, match="HTTPS_PROXY: write it like"):
        proxy_to(API)


def test_a_socks_proxy_is_refused_in_a_sentence_without_its_password(data: Path) -> None:
    secret = "socks5://anna:sesame@127.0.0.1:1080"
    told = run("run", data=data, BOT_TOKEN=TOKEN, BOT_API_URL=API, ALL_PROXY=secret)
    assert told.returncode == 3
    assert "ALL_PROXY: a proxy of this kind (socks5) is not supported" in told.stderr
    assert "sesame" not in told.stderr
