"""A broadcast from the staff's pages to people's chats: watched, paused, gone on with, ended."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest

from tests.broadcast_crowd import fill
from tests.program import free_port, running
from tests.supporter import Supporter
from tests.telegram_server import TelegramServer
from tests.test_desk_program import CODE, PROOF

CROWD = range(1001, 1241)


class Desk:
    """A member's browser at the running bot."""

    def __init__(self, client: httpx.AsyncClient, url: str):
        self.client = client
        self.url = url

    async def signs_in(self, server: TelegramServer, chat: int) -> None:
        found = CODE.search((await self.client.get("/staff/sign-in")).text)
        assert found
        before = len(server.chat(chat))
        server.text(chat, f"/desk {found[1]}")

        def link() -> str:
            new = (one.text for one in server.chat(chat)[before:])
            links = (re.search(rf"{self.url}(/staff/link/[\w-]+)", text) for text in new)
            return next((one[1] for one in links if one), "")

        await server.until(lambda: bool(link()), 30, "the link")
        assert (await self.post(link(), proof="")).status_code == 303

    async def post(self, path: str, **fields: str) -> httpx.Response:
        if "proof" not in fields:
            proof = PROOF.search((await self.client.get("/staff")).text)
            assert proof
            fields["proof"] = proof[1]
        return await self.client.post(path, data=fields, headers={"Origin": self.url})

    async def until(self, path: str, true: str, seconds: float = 60) -> dict[str, object]:
        async with asyncio.timeout(seconds):
            while True:
                told: dict[str, object] = (await self.client.get(f"{path}/progress")).json()
                if told["state"] == true:
                    return told
                await asyncio.sleep(0.2)


@pytest.mark.slow
async def test_it_is_written_by_one_approved_by_another_paused_and_ends_with_its_figures(
    server: TelegramServer, data: Path
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    told = {
        "BOT_STAFF": "77=editor:Boris,78=owner:Anna",
        "BOT_PORT": str(port),
        "BOT_PUBLIC_URL": url,
        "BOT_RATE": "40",
        "BOT_CANARY_MINUTES": "0",
    }
    await fill(data, CROWD)
    server.meet(CROWD[0], len(CROWD))
    with running(data, server.root, **told) as bot:
        for chat in (77, 78):
            await Supporter(server, chat).starts("")
        async with (
            httpx.AsyncClient(base_url=url, trust_env=False, verify=False) as one,
            httpx.AsyncClient(base_url=url, trust_env=False, verify=False) as two,
        ):
            boris, anna = Desk(one, url), Desk(two, url)
            await boris.signs_in(server, 77)
            await anna.signs_in(server, 78)
            made = await boris.post("/staff/broadcasts", **{"text-fr": "Jeudi, c’est la remise."})
            path = "/staff/" + made.headers["location"].partition("staff/")[2]
            await boris.post(f"{path}/switch", canary="")
            await boris.post(f"{path}/do/submit")
            async with asyncio.timeout(60):
                while not (
                    mark := re.search(r'name="mark" value="(\w+)"', (await two.get(path)).text)
                ):
                    await asyncio.sleep(0.2)
            assert (await anna.post(f"{path}/do/approve", mark=mark[1])).status_code == 303
            await anna.until(path, "sending")
            assert (await anna.post(f"{path}/do/pause")).status_code == 303
            paused = await anna.until(path, "paused")
            assert int(str(paused["percent"])) < 100
            assert (await anna.post(f"{path}/do/resume")).status_code == 303
            done = await anna.until(path, "done")
            assert done["percent"] == 100
            listed = (await two.get("/staff/broadcasts")).text
            assert "240" in listed
        assert await asyncio.to_thread(bot.stop) == 0
    got = [chat for chat in CROWD if any("remise" in one.text for one in server.chat(chat))]
    assert got == list(CROWD)
    assert server.violations == []
