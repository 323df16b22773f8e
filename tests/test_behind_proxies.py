"""Behind the real nginx and the real Caddy, with the files of deploy/, the pages are what they are
without."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.clock import utc_now
from bot.doctor import pages
from bot.web import seen
from bot.web.rates import Allowed, Rate
from tests.chat_page import GENEROUS, Page, new_key, opened_page
from tests.program import free_port
from tests.proxy_servers import SERVERS, Proxy, address, before

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize(
        "server",
        [
            pytest.param(
                name,
                marks=pytest.mark.skipif(
                    not all(
                        shutil.which(one, path="/usr/sbin:/usr/bin:/bin:/usr/local/bin")
                        for one in (name, "curl", "openssl")
                    ),
                    reason=f"needs {name}, curl and openssl (.ci/run installs them)",
                ),
            )
            for name in SERVERS
        ],
    ),
]


@asynccontextmanager
async def opened(
    data: Path, server: str, allowed: Allowed = GENEROUS
) -> AsyncIterator[tuple[Page, Proxy]]:
    port = free_port()
    async with opened_page(data, allowed=allowed, public_url=address(port)) as page:
        bot_port = urlsplit(page.url).port
        assert bot_port is not None
        with before(bot_port, server, data.parent / server, port) as proxy:
            yield page, proxy


def turn(text: str) -> str:
    return json.dumps(
        {"id": secrets.token_hex(16), "kind": "command", "language": "fr", "text": text}
    )


def posting(proxy: Proxy, key: str, said: str) -> list[str]:
    return [
        "--header",
        f"Authorization: Bearer {key}",
        "--header",
        f"Origin: {proxy.url}",
        "--data-binary",
        said,
    ]


async def test_an_answer_streams_through_at_once_over_http_2(data: Path, server: str) -> None:
    key = new_key()
    async with opened(data, server) as (_, proxy):
        bearer = f"Authorization: Bearer {key}"
        reading = await asyncio.create_subprocess_exec(
            *proxy.curl("/chat/stream", "--http2", "--no-buffer", "--header", bearer),
            stdout=asyncio.subprocess.PIPE,
        )
        assert reading.stdout is not None
        try:
            # The stream stays open, so what something in between held back would never come.
            async with asyncio.timeout(10):
                while not (await reading.stdout.readline()).startswith(b"data:"):
                    pass
            began = time.monotonic()
            posted = await asyncio.to_thread(
                proxy.ask, "/chat/turns", "--http2", *posting(proxy, key, turn("/help"))
            )
            assert (posted.status, posted.version) == (204, "2")
            async with asyncio.timeout(10):
                while b"/cases" not in await reading.stdout.readline():
                    pass
            print(f"{server}: answered after {1000 * (time.monotonic() - began):.0f} ms")
        finally:
            reading.kill()
            await reading.wait()


async def test_rates_are_those_of_the_visitor_whatever_they_say_of_themselves(
    data: Path, server: str
) -> None:
    allowed = replace(GENEROUS, pages=Rate(1e-3, 3))
    async with opened(data, server, allowed) as (_, proxy):

        def visits(source: str, *headers: str) -> int:
            told = [part for one in headers for part in ("--header", one)]
            return proxy.ask("/privacy", *told, source=source).status

        first = [await asyncio.to_thread(visits, "127.0.0.2") for _ in range(3)]
        assert first == [200, 200, 200]
        for forged in (
            "X-Forwarded-For: 192.0.2.7",
            "X-Forwarded-For: 127.0.0.1",
            "X-Forwarded-For: 192.0.2.8, 127.0.0.1",
            "Forwarded: for=192.0.2.9",
            "X-Real-IP: 192.0.2.10",
        ):
            assert await asyncio.to_thread(visits, "127.0.0.2", forged) == 429, forged
        assert await asyncio.to_thread(visits, "127.0.0.3") == 200


async def test_what_is_for_this_machine_stays_there_and_the_rest_passes(
    data: Path, server: str
) -> None:
    async with opened(data, server) as (_, proxy):

        async def reaches(path: str, *more: str) -> bool:
            answer = await asyncio.to_thread(proxy.ask, path, *more)
            # Every answer of the bot has it, a refusal too.
            return "content-security-policy" in answer.headers.lower()

        private = ["/metrics", "/metrics/", "//metrics", "/%6detrics", "/x/../metrics", "/preview"]
        assert [path for path in private if await reaches(path)] == []
        public = ["/", "/privacy", "/ecrire", "/healthz", "/readyz", "/static/chat.js"]
        assert [path for path in public if not await reaches(path)] == []
        for door in ("/telegram", "/whatsapp"):
            assert await reaches(door, "--data-binary", "{}")


async def test_bodies_are_bounded_and_a_platforms_may_be_larger(data: Path, server: str) -> None:
    key = new_key()
    async with opened(data, server) as (page, proxy):
        large = data.parent / "large"

        def posts(path: str, size: int, *more: str) -> int:
            large.write_bytes(b"x" * size)
            said = posting(proxy, key, f"@{large}")
            return proxy.ask(path, "--header", "Expect:", *said, *more).status

        plain = "--http1.1"
        assert await asyncio.to_thread(posts, "/chat/turns", 30_000) == 413
        # Caddy 2.6 says 502 of what it has cut off, later ones 413.
        assert await asyncio.to_thread(posts, "/chat/turns", 300_000, plain) in (413, 502)
        chunked = ("--header", "Transfer-Encoding: chunked", plain)
        assert await asyncio.to_thread(posts, "/chat/turns", 300_000, *chunked) >= 400
        assert page.taken == 0
        # One of the bot's own answers: it came there whole.
        assert await asyncio.to_thread(posts, "/telegram", 500_000, plain) not in (0, 413, 502)
        # Caddy hands on as it comes: the bot may have answered before the bound is reached.
        assert await asyncio.to_thread(posts, "/whatsapp", 2_900_000, plain) not in (0, 413, 502)
        assert await asyncio.to_thread(posts, "/telegram", 3_000_000, plain) in (404, 413, 502)
        said = posting(proxy, key, turn("/help"))
        assert (await asyncio.to_thread(proxy.ask, "/chat/turns", *said)).status == 204


async def test_no_log_tells_who_asked_for_what_not_even_when_the_bot_is_down(
    data: Path, server: str
) -> None:
    async with opened(data, server) as (_, proxy):
        assert (await asyncio.to_thread(proxy.ask, "/privacy?lang=en")).status == 200
        assert (await asyncio.to_thread(proxy.ask, "/metrics")).status == 404
        directory = proxy.directory
    # The port of a bot that has ended: nobody is there.
    port = free_port()
    with before(free_port(), server, directory.parent / "down", port) as proxy:
        assert (await asyncio.to_thread(proxy.ask, "/ecrire?cas=mamat")).status == 502
    logs = proxy.logs + "".join(one.read_text() for one in directory.glob("*.log"))
    for told in ("127.0.0.2", "ecrire", "privacy", "metrics"):
        assert told not in logs


async def test_the_doctor_finds_nothing_wrong_with_it(data: Path, server: str) -> None:
    async with opened(data, server) as (page, proxy):
        mark = seen.mark(page.app.keys, utc_now())
        claimed = ("--header", f"X-Forwarded-For: {pages.FORGED}")
        told = await asyncio.to_thread(
            proxy.ask, seen.PATH, "--header", f"{seen.SHOWN_IN}: {mark}", *claimed
        )
        assert told.status == 200
        arrived = json.loads(told.text)
        assert arrived["address"] == "127.0.0.2"
        assert [one.name for one in pages.forwarding(arrived)] == ["proxy"]
