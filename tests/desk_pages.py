"""The staff's pages in this process, and members who sign in at them as they do in a browser."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from bot.campaign.staff import SHELL
from bot.clock import utc_now
from bot.desk import second_factor, signing_in
from bot.desk.second_factor import codes
from bot.store.second_factors import StoredFactor
from tests.chat_page import Page, opened_page

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ROLES = {"owner": "111", "second": "112", "editor": "222", "sender": "333", "analyst": "444"}
STAFF = (
    "111+web:k111=owner:Anna,112+web:k112=owner:Olga,222+web:k222=editor:Boris,"
    "333+web:k333=sender:Clara,444+web:k444=analyst:Dora"
)
"""Each on one platform, and at the chat page."""
PROOF = re.compile(r'name="proof" value="([0-9a-f]+)"')


@dataclass
class Colleague:
    """A browser, and who works in it ("" for nobody)."""

    page: Page
    client: httpx.AsyncClient
    mark: str = ""
    wrong: list[str] = field(default_factory=list)
    """What a browser has complained of."""

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers={"Accept-Language": "en", **headers})

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        """Sends a form; ``proven=False``: as another page would, without its proof."""
        if fields.pop("proven", True):
            found = PROOF.search((await self.get("/staff")).text)
            fields["proof"] = found[1] if found else ""
        origin = {"Origin": self.page.origin, "Accept-Language": "en"}
        return await self.client.post(path, data=fields, headers=origin)

    async def asks(self) -> str:
        """Opens the page that leads in; the code that it shows."""
        shown = (await self.get("/staff/sign-in")).text
        found = re.search(r"/desk ([A-Z2-7]{4}-[A-Z2-7]{4})", shown)
        assert found, shown
        return found[1]

    async def link(self, mark: str, code: str) -> str:
        """As the bot sends it once the code was written in the chat."""
        access = self.page.app.desk
        async with access.store.writing() as connection:
            token = await signing_in.offer(connection, access.keys, mark, code, access.clock())
        return f"/staff/link/{token}"

    async def signs_in(self, role: str) -> None:
        """By code and link; of the second factor where the bot asks for it."""
        access = self.page.app.desk
        self.mark = SHELL if role == "shell" else mark_of(self.page, role)
        link = await self.link(self.mark, "" if role == "shell" else await self.asks())
        await self.enrols() if access.asks_codes and role != "shell" else None
        origin = {"Origin": self.page.origin}
        answer = await self.client.post(link, data={"code": shown(access.clock())}, headers=origin)
        assert answer.status_code == 303, answer.text

    async def enrols(self) -> None:
        """Sets up the second factor, some time ago."""
        access, before = self.page.app.desk, utc_now() - timedelta(minutes=10)
        code = next(iter(codes(StoredFactor("", SECRET), before)))
        async with access.store.writing() as connection:
            assert await second_factor.enrol(
                connection, access.keys, self.mark, SECRET, code, before
            )


def mark_of(page: Page, role: str) -> str:
    """The mark of the member with that role."""
    staff = page.app.desk.staff
    member = staff.member("telegram", ROLES[role])
    assert member
    return member.mark


def shown(now: datetime) -> str:
    """What a member's device shows."""
    return list(codes(StoredFactor("", SECRET), now))[1]


@asynccontextmanager
async def desk(data: Path, **settings: Any) -> AsyncIterator[Page]:
    """The pages with one member of each role; nobody is asked for codes unless told so."""
    given = {"staff": STAFF, "second_factor": False, **settings}
    async with opened_page(data, **given) as page:
        yield page


@asynccontextmanager
async def colleague(page: Page, role: str = "") -> AsyncIterator[Colleague]:
    """Somebody in a browser of their own, signed in where a role is given."""
    async with httpx.AsyncClient(
        base_url=page.url, timeout=30, trust_env=False, verify=False
    ) as client:
        one = Colleague(page, client)
        if role:
            await one.signs_in(role)
        yield one
