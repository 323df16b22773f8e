"""The real program: a member signs in from Telegram, a newcomer from the terminal."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest

from tests.program import free_port, run, running
from tests.supporter import Supporter
from tests.telegram_server import TelegramServer
from tests.test_page_program import said, started

pytestmark = pytest.mark.slow

CODE = re.compile(r"/desk ([A-Z2-7]{4}-[A-Z2-7]{4})")
PROOF = re.compile(r'name="proof" value="([0-9a-f]+)"')


async def test_a_member_signs_in_by_the_link_that_the_bot_sends_them(
    server: TelegramServer, data: Path
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    anna, stranger = Supporter(server, 77), Supporter(server, 78)
    told = {"BOT_STAFF": "77=owner:Anna", "BOT_PORT": str(port), "BOT_PUBLIC_URL": url}
    with running(data, server.root, **told) as bot:
        await anna.starts("")
        await stranger.starts("")
        async with httpx.AsyncClient(base_url=url, trust_env=False, verify=False) as browser:
            page = (await browser.get("/staff/sign-in")).text
            found = CODE.search(page)
            assert found
            assert f"?text=/desk%20{found[1]}" in page
            refused = await stranger.says(f"/desk {found[1]}")
            assert "staff/link" not in refused.text
            await anna.says(f"/desk {found[1].lower()}")
            link = re.search(rf"{url}(/staff/link/\S+)", await _linked(server))
            assert link
            path = link[1].rstrip('"<')
            assert "Anna" in (await browser.get(path)).text
            answer = await browser.post(path, headers={"Origin": url})
            assert answer.status_code == 303
            assert "Anna" in (await browser.get("/staff")).text
        assert await asyncio.to_thread(bot.stop) == 0
        assert path.rpartition("/")[2] not in bot.log
    assert server.violations == []


async def _linked(server: TelegramServer) -> str:
    """What the bot wrote with the link in it."""

    def found() -> str:
        return next((one.text for one in server.chat(77) if "/staff/link/" in one.text), "")

    await server.until(lambda: bool(found()), 30, "the link")
    return found()


def test_a_newcomer_opens_the_desk_by_the_link_of_the_first_minute(data: Path) -> None:
    with started(data) as process:
        assert said(process).startswith("The chat page: ")
        line = said(process)
        assert line.startswith("The staff's desk, opened once by: http://127.0.0.1:")
        link = line.rpartition(" ")[2]
        root, _, _ = link.partition("/staff/")
        with httpx.Client(trust_env=False, verify=False) as browser:
            assert "shell" not in browser.get(link).headers.get("set-cookie", "")
            assert browser.post(link, headers={"Origin": root}).status_code == 303
            answer = browser.get(f"{root}/staff")
            assert answer.status_code == 200
            proof = PROOF.search(answer.text)
            assert proof
            fields = {"proof": proof[1], "text-fr": "Bonjour"}
            made = browser.post(f"{root}/staff/broadcasts", data=fields, headers={"Origin": root})
            assert made.status_code == 303
            assert browser.post(link, headers={"Origin": root}).status_code == 410
        again = run("staff", "link", data=data).stdout.split()[0]
        with httpx.Client(trust_env=False, verify=False) as browser:
            path = again[again.index("/staff/") :]
            assert browser.post(root + path, headers={"Origin": root}).status_code == 303
    public = run("staff", "link", data=data, BOT_PUBLIC_URL="https://bot.example.org")
    assert public.returncode == 2
    assert "/staff" in public.stderr
    assert run("audit", "verify", data=data).stdout.endswith("all right\n")
